"""Charts made of curves: which lines, thresholds and spans a metric's chart has. Pure."""

from collections.abc import Iterable, Sequence

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import QUANTILES, Metric
from chatvitals.dashboard.elements.alert import silenced_until_ms
from chatvitals.dashboard.elements.chart import Beyond, Chart, Line, Mark, Role, Span, Threshold
from chatvitals.dashboard.elements.grades import COUNTED
from chatvitals.dashboard.saying import show
from chatvitals.dashboard.view import View, segment
from chatvitals.query.curves import Curve, Curves
from chatvitals.query.request import Window
from chatvitals.store.control.incidents import Incident
from chatvitals.store.control.silences import Silence

_ORDER = ("p50", "p95", "p99", "mean")


def draw_chart(
    metric: Metric,
    curves: Curves,
    *,
    id: str,
    title: str,
    zone: str,
    bands: Bands | None,
    min_samples: int,
    compared_said: str = "",
    marks: Sequence[Mark] = (),
    spans: Sequence[Span] = (),
    sessions_href: str = "",
    csv_href: str = "",
    json_href: str = "",
) -> Chart:
    """The chart of a metric's curves; `compared_said` names the window compared with, if there is one."""
    lines = [_line(curve) for curve in _in_order((curves.own, *curves.relatives))]
    if curves.compared is not None:
        lines.append(_compared_line(curves.compared, compared_said, len(curves.times)))
    return Chart(
        id=id,
        title=title,
        unit=metric.unit,
        zone=zone,
        start=curves.times[0] if curves.times else 0,
        end=curves.times[-1] + curves.step_ms if curves.times else 0,
        step=curves.step_ms,
        times=curves.times,
        lines=tuple(lines),
        thresholds=thresholds_of(metric, bands),
        marks=tuple(marks),
        spans=tuple(spans),
        zero_based=metric.higher_is_better is not True,
        few=0 if metric.statistic in COUNTED else min_samples,
        sessions_href=sessions_href,
        csv_href=csv_href,
        json_href=json_href,
    )


def _in_order(curves: Iterable[Curve]) -> list[Curve]:
    return sorted(curves, key=lambda curve: _ORDER.index(curve.statistic) if curve.statistic in _ORDER else 0)


def _line(curve: Curve) -> Line:
    role: Role = "value"
    match curve.statistic:
        case "p50" | "p95" | "p99" | "mean" as statistic:
            role = statistic
    return Line(curve.statistic if role != "value" else "value", role, curve.values, curve.n)


def _compared_line(curve: Curve, said: str, steps: int) -> Line:
    """Step by step beside the others; windows that begin within a step may have one more or fewer."""
    missing = max(0, steps - len(curve.values))
    values, n = (*curve.values, *(None,) * missing)[:steps], (*curve.n, *(0,) * missing)[:steps]
    name = f"{curve.statistic}, {said}" if curve.statistic in QUANTILES or curve.statistic == "mean" else said
    return Line(name, "before", values, n)


def thresholds_of(metric: Metric, bands: Bands | None) -> tuple[Threshold, ...]:
    """The bounds of good and of degraded, and the target where it isn't one of these."""
    bounds: list[tuple[float, str, Beyond]] = []
    if bands is not None:
        bounds = [(bands.good, "good", "warning"), (bands.degraded, "degraded", "bad")]
    side = "from" if (bands.higher_is_better if bands else metric.higher_is_better) else "up to"
    lines = [Threshold(value, f"{word} {side} {show(value, metric.unit).said}", grade) for value, word, grade in bounds]
    if metric.target is not None and metric.target not in [value for value, *_ in bounds]:
        lines.append(Threshold(metric.target, f"target {show(metric.target, metric.unit).said}", "target"))
    return tuple(lines)


def alert_spans(incidents: Iterable[Incident], window: Window, now_ms: int, view: View) -> tuple[Span, ...]:
    """When alerts were open within the window; links to them keep what is looked at."""
    return tuple(
        Span(
            start=max(incident.opened_ms, window.start_ms),
            end=min(_end(incident, now_ms), window.end_ms),
            name=incident.title,
            kind="alert",
            severity=incident.gravest.value,
            href=view.href(f"/dashboard/alerts/{segment(incident.id)}"),
        )
        for incident in incidents
        if _overlaps(incident.opened_ms, _end(incident, now_ms), window)
    )


def silence_spans(silences: Iterable[Silence], incidents: Sequence[Incident], window: Window) -> tuple[Span, ...]:
    """When any of these incidents would have been hidden, within the window."""
    return tuple(
        Span(
            start=max(silence.starts_ms, window.start_ms),
            end=min(silence.ends_ms, window.end_ms),
            name=f"silence: {silence.reason}",
            kind="silence",
        )
        for silence in silences
        if _overlaps(silence.starts_ms, silence.ends_ms, window)
        and any(silenced_until_ms(incident, [silence]) for incident in incidents)
    )


def _end(incident: Incident, now_ms: int) -> int:
    return incident.resolved_ms if incident.resolved_ms is not None else now_ms


def _overlaps(start_ms: int, end_ms: int, window: Window) -> bool:
    return start_ms < window.end_ms and end_ms > window.start_ms
