"""`/dashboard/metrics/{path}`: one metric over time, what happened meanwhile, and who has it."""

import csv
import io
from dataclasses import dataclass, replace
from functools import partial

from chatvitals.alerting.open_incidents import concerns
from chatvitals.catalogue.measures import MEASURES_BY_NAME
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, QUANTILES, Metric
from chatvitals.dashboard.elements.breakdown import Yardstick, part_fields
from chatvitals.dashboard.elements.card import Card, Deck
from chatvitals.dashboard.elements.chart import Chart, Mark, Span
from chatvitals.dashboard.elements.drawing import alert_spans, draw_chart, silence_spans
from chatvitals.dashboard.elements.standing import before_said
from chatvitals.dashboard.elements.table import Arranged, Table, arrange, make_table
from chatvitals.dashboard.layout import PLACES
from chatvitals.dashboard.page import Download, File, Page, PageContext, Visit, help_
from chatvitals.dashboard.places import METRIC_PAGES, metric_csv_href, metric_href, metric_json_href
from chatvitals.dashboard.saying import count, iso_time
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.build import kind_of
from chatvitals.query.curves import take_curves
from chatvitals.query.marks import first_seen
from chatvitals.query.rollups import DAY_MS
from chatvitals.query.series import Part, breakdown
from chatvitals.query.snapshot import TOGETHER_MS, take_pictures
from chatvitals.query.troubles import TROUBLES
from chatvitals.store.control.incidents import Wanted
from chatvitals.store.control.silences import SilenceStatus

PATH = METRIC_PAGES + "/{path}"

DIMENSIONS = {
    "customer": "Customer",
    "release": "Release",
    "variant": "Variant",
    "browser": "Browser",
    "page": "Page",
    "country": "Country",
    "os": "Operating system",
}
"""What a metric is broken down by, and how that is called."""

_SHOWN_OF_EACH = 8
_MOST_PARTS = 10_000
_MOST_INCIDENTS = 200
_MOST_SILENCES = 200
_MARKS_KEPT_S = 30.0


@dataclass(frozen=True, slots=True)
class BreakdownShown:
    """The metric by one dimension; `all_href` leads to all values where only some are shown, `all_said` counts them."""

    by: str
    title: str
    table: Table
    all_href: str
    all_said: str


@dataclass(frozen=True, slots=True)
class ByChoice:
    """All dimensions at a glance, or one in full."""

    words: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricContext(PageContext):
    """One metric."""

    card: Card = help_("Its value in the window, target, trend, percentiles and coverage")
    chart: Chart = help_("It over time, with thresholds, releases, alerts, silences and the window compared with")
    choices: tuple[ByChoice, ...] = help_("All dimensions at a glance, or one in full")
    breakdowns: tuple[BreakdownShown, ...] = help_("It by the values of dimensions")
    sessions_href: str = help_("The sessions behind it; those with its trouble, where it counts one")
    rules: tuple[str, ...] = help_("The names of the rules that watch it")


def build(visit: Visit) -> MetricContext:
    """Everything about a metric; what is told of a day and more is shared by what it costs."""
    if visit.view.window(visit.now_ms).length_ms < TOGETHER_MS:
        return _build(visit)
    key = ("metric", visit.path["path"], visit.view.parameters, tuple(sorted(visit.query.items())))
    return visit.parts.recent.by_cost(key, lambda: _build(visit))


def _build(visit: Visit) -> MetricContext:
    """Ask for the metric in the window and the one before, its curves, its marks and its breakdowns."""
    parts, metric, question = visit.parts, _metric(visit), visit.view.question(visit.now_ms)
    beside = _beside(metric)
    metrics = tuple(METRICS_BY_PATH[path] for path in (metric.path, *(path for _, path in beside)))
    now, before = take_pictures(parts.source, question, metrics)
    deck = Deck(
        now=now,
        before=before,
        before_said=before_said(question.window.length_ms),
        trends={},
        bands=parts.bands,
        min_samples=parts.settings.min_samples,
    )
    return MetricContext(
        heading=metric.title,
        card=deck.card(metric.path, metric.title, "", beside),
        chart=_chart(visit, metric),
        choices=_choices(visit, metric),
        breakdowns=_breakdowns(visit, metric),
        sessions_href=sessions_href(visit, metric),
        rules=_rules_about(visit, metric),
    )


def _beside(metric: Metric) -> tuple[tuple[str, str], ...]:
    """What its card has beside it; of a metric that only stands beside another, the other statistics of the same."""
    if metric.path in PLACES:
        return PLACES[metric.path].beside
    same = (one for one in METRICS if one.measure == metric.measure and one is not metric)
    return tuple((one.statistic, one.path) for one in same if {one.statistic, metric.statistic} <= {*QUANTILES, "mean"})


def _metric(visit: Visit) -> Metric:
    metric = METRICS_BY_PATH.get(visit.path["path"])
    if metric is None:
        raise NotFound(f"there is no metric {visit.path['path'][:80]!r}: the reference of metrics lists them all")
    return metric


def _chart(visit: Visit, metric: Metric) -> Chart:
    parts, view = visit.parts, visit.view
    question = view.question(visit.now_ms)
    compared = {"": "", "before": before_said(question.window.length_ms), "week": "a week before"}
    curves = take_curves(parts.source, question, metric, view.compared(visit.now_ms))
    return draw_chart(
        metric,
        curves,
        id=metric.path,
        title=metric.title,
        zone=view.zone,
        bands=parts.bands.get(metric.path),
        min_samples=parts.settings.min_samples,
        compared_said=compared[view.compare],
        marks=release_marks(visit),
        spans=spans_about(visit, metric),
        sessions_href=sessions_href(visit, metric),
        csv_href=metric_csv_href(view, metric.path),
        json_href=metric_json_href(view, metric.path, curves),
    )


def release_marks(visit: Visit) -> tuple[Mark, ...]:
    """The releases that appeared in the window; each leads to what is seen of it alone."""
    view, parts = visit.view, visit.parts
    kept_from_ms = visit.now_ms - parts.settings.raw_retention_days * DAY_MS
    seen = parts.recent.get(
        ("marks", view.parameters),
        _MARKS_KEPT_S,
        lambda: first_seen(parts.source.engine, view.question(visit.now_ms), kept_from_ms),
    )
    return tuple(
        Mark(one.first_ms, one.release, view.where("release", one.release).href("/dashboard/releases")) for one in seen
    )


def _rules_about(visit: Visit, metric: Metric) -> tuple[str, ...]:
    """The rules about the same measure: one of its mean is about its percentiles too."""
    return tuple(
        name
        for name, entry in visit.parts.book.entries.items()
        if METRICS_BY_PATH[entry.rule.metric].measure == metric.measure
    )


def spans_about(visit: Visit, metric: Metric) -> tuple[Span, ...]:
    """The alerts of the rules about a metric, and the silences that hid them, in the window of a visit."""
    rules, question, now_ms = _rules_about(visit, metric), visit.view.question(visit.now_ms), visit.now_ms
    if not rules:
        return ()
    wanted = Wanted(rules=rules, sites=question.filters.get("site", ()), opened_to_ms=question.window.end_ms)
    incidents = visit.parts.incidents.find(wanted, _MOST_INCIDENTS)
    concerned = [incident for incident in incidents if concerns(question, incident)]
    begun = (SilenceStatus.ACTIVE, SilenceStatus.EXPIRED)
    silences = visit.parts.silences.find(begun, now_ms, _MOST_SILENCES)
    return (
        *silence_spans(silences, concerned, question.window),
        *alert_spans(concerned, question.window, now_ms, visit.view),
    )


def sessions_href(visit: Visit, metric: Metric) -> str:
    """The sessions whose trouble the metric counts; of its kind's trouble otherwise, or all."""
    measure, kind = MEASURES_BY_NAME.get(metric.measure), kind_of(metric)
    troubles = [trouble for trouble in TROUBLES if trouble.kind == kind]
    same = [trouble for trouble in troubles if measure is not None and trouble.where == measure.where]
    chosen = next(iter([*same, *reversed(troubles)]), None)
    return visit.view.href("/dashboard/sessions", wrong=chosen.name if chosen else None)


def _choices(visit: Visit, metric: Metric) -> tuple[ByChoice, ...]:
    by = _by(visit)
    link = partial(metric_href, visit.view, metric.path, sort=visit.query.get("sort"))
    return (
        ByChoice("All", link(), by is None),
        *(ByChoice(title, link(by=name), by == name) for name, title in DIMENSIONS.items()),
    )


def _by(visit: Visit) -> str | None:
    by = visit.query.get("by")
    if by is not None and by not in DIMENSIONS:
        raise BadRequest(f"by is {by[:40]!r}: give one of {', '.join(DIMENSIONS)}", "by")
    return by


def _breakdowns(visit: Visit, metric: Metric) -> tuple[BreakdownShown, ...]:
    """The one dimension that is asked for in full, or the first few of each."""
    by = _by(visit)
    return tuple(_breakdown(visit, metric, one, whole=by is not None) for one in (DIMENSIONS if by is None else (by,)))


def _breakdown(visit: Visit, metric: Metric, by: str, *, whole: bool) -> BreakdownShown:
    parts, view, title = visit.parts, visit.view, DIMENSIONS[by]
    found = breakdown(parts.source, view.question(visit.now_ms), metric.path, by, _MOST_PARTS)
    yardstick = Yardstick(metric, parts.bands.get(metric.path), parts.settings.min_samples)
    fields = part_fields(by, title, yardstick)
    arranged = arrange(found.parts, fields, _default_order(metric, yardstick), visit.query)
    table = make_table(
        f"By {title.lower()}",
        fields,
        arranged if whole else _first(arranged),
        partial(metric_href, view, metric.path, by=by if whole else None),
        lambda part: metric_href(view.where(by, part.key), metric.path) if part.key else "",
        "Nothing was measured in this window.",
    )
    return BreakdownShown(
        by,
        title,
        table,
        ""
        if whole or found.values <= _SHOWN_OF_EACH
        else metric_href(view, metric.path, by=by, sort=visit.query.get("sort")),
        f"All {count(found.values)}",
    )


def _default_order(metric: Metric, yardstick: Yardstick) -> str:
    """Worst first where there is a worse; else by traffic."""
    if metric.higher_is_better is None:
        return "-n"
    return "value" if yardstick.worst_first == "ascending" else "-value"


def _first(arranged: Arranged[Part]) -> Arranged[Part]:
    items = arranged.items[:_SHOWN_OF_EACH]
    return replace(arranged, items=items, page=1, rows=len(items))


def _csv(visit: Visit) -> File:
    """A chart's values: a line for each step with its start, the lines of the chart, and the samples behind them."""
    metric = _metric(visit)
    chart = _chart(visit, metric)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["time", *(line.name for line in chart.lines), "n"])
    for place, at in enumerate(chart.times):
        values = ("" if line.values[place] is None else line.values[place] for line in chart.lines)
        table.writerow([iso_time(at), *values, chart.lines[0].n[place]])
    return File(f"{metric.path}.csv", "text/csv; charset=utf-8", out.getvalue().encode())


PAGE = Page(PATH, "metric", "Metric", "metric.html", build, section="performance")
CSV = Download(f"{PATH}/csv", _csv)
