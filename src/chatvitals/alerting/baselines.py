"""Capturing baselines, and comparing what is now with what was captured."""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.query.build import Grouping
from chatvitals.query.figures import Group, Source, ask
from chatvitals.query.request import Question, Window
from chatvitals.query.snapshot import tidy
from chatvitals.store.control.baselines import ALL_RELEASES, Baseline, CapturedFigure

DEGRADED_PERCENT = 20.0
"""From how much worse than its baseline on a metric is called degraded, unless something else is asked for."""

SAME_PERCENT = 0.05
"""Less change than this, which is said as 0.0 %, is none."""


class Capture(Struct, frozen=True, kw_only=True):
    """What to capture, as whom and when. An empty site is all of them; an empty release is each of them, and all."""

    name: str
    window: Window
    site: str = ""
    release: str = ""
    captured_ms: int
    captured_by: str = ""


def capture(source: Source, wanted: Capture, new_id: Callable[[str, str], str]) -> list[Baseline]:
    """Baselines of every site and release in a window, whose ids are made from both; none where nothing was measured.

    Raises EngineError.
    """
    question = Question(wanted.window)
    if wanted.site:
        question = question.where("site", [wanted.site])
    if wanted.release:
        question = question.where("release", [wanted.release])
    by_release = ask(source, question, METRICS, Grouping(columns=("site", "release")))
    found = {(site, release): group for (_, (site, release)), group in by_release.items() if release}
    if not wanted.release:
        by_site = ask(source, question, METRICS, Grouping(columns=("site",)))
        found |= {(site, ALL_RELEASES): group for (_, (site,)), group in by_site.items()}
    return [
        Baseline(
            id=new_id(site, release),
            name=wanted.name,
            site=site,
            release=release,
            captured_ms=wanted.captured_ms,
            captured_by=wanted.captured_by,
            from_ms=wanted.window.start_ms,
            to_ms=wanted.window.end_ms,
            figures=_figures(group),
        )
        for (site, release), group in sorted(found.items())
    ]


def _figures(group: Group) -> dict[str, CapturedFigure]:
    figures = {metric.path: group.figure(metric) for metric in METRICS}
    return {path: CapturedFigure(tidy(one.value), one.n, one.sessions) for path, one in figures.items()}


class Standing(StrEnum):
    """How a metric stands beside its baseline."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    NEUTRAL = "neutral"
    """Of this metric more is neither better nor worse."""
    UNKNOWN = "unknown"


class ComparedMetric(Struct, rename="camel", frozen=True, kw_only=True):
    """A metric then and now. `change` is in percent of what it was.

    `degraded` says that it is too much worse, or worse than nothing; `reason`, why the standing is unknown.
    """

    metric: str
    title: str
    unit: str
    baseline: float | None
    now: float | None
    change: float | None
    standing: Standing
    degraded: bool
    baseline_samples: int
    samples: int
    reason: str = ""


class Comparison(Struct, rename="camel", frozen=True, kw_only=True):
    """A baseline beside another window of its site and release. Times are Unix ms."""

    id: str
    name: str
    site: str
    release: str
    captured_ms: int
    from_ms: int
    to_ms: int
    degraded: int
    metrics: list[ComparedMetric]


def compare(
    source: Source, baseline: Baseline, now_ms: int, min_samples: int, degraded_percent: float = DEGRADED_PERCENT
) -> Comparison:
    """Every metric of a baseline beside what it is in the window up to now that is as long. Raises EngineError."""
    window = Window(now_ms - (baseline.to_ms - baseline.from_ms), now_ms)
    question = Question(window, {"site": (baseline.site,)})
    if baseline.release != ALL_RELEASES:
        question = question.where("release", [baseline.release])
    now = _figures(ask(source, question, METRICS).get((0, ()), Group()))
    metrics = [
        compare_metric(METRICS_BY_PATH[path], then, now[path], min_samples, degraded_percent)
        for path, then in baseline.figures.items()
        if path in now
    ]
    return Comparison(
        id=baseline.id,
        name=baseline.name,
        site=baseline.site,
        release=baseline.release,
        captured_ms=baseline.captured_ms,
        from_ms=window.start_ms,
        to_ms=window.end_ms,
        degraded=sum(one.degraded for one in metrics),
        metrics=metrics,
    )


def compare_metric(
    metric: Metric, then: CapturedFigure, now: CapturedFigure, min_samples: int, degraded_percent: float
) -> ComparedMetric:
    """One metric then and now. Pure."""
    change = None
    if then.value is not None and now.value is not None and then.value > 0:
        change = tidy(100 * (now.value - then.value) / then.value)
    reason = _too_little(metric, then, now, min_samples)
    standing = Standing.UNKNOWN if reason else _standing(metric, then.value or 0.0, now.value or 0.0, change)
    return ComparedMetric(
        metric=metric.path,
        title=metric.title,
        unit=metric.unit,
        baseline=then.value,
        now=now.value,
        change=change,
        standing=standing,
        degraded=standing is Standing.WORSE and (change is None or abs(change) >= degraded_percent),
        baseline_samples=then.n,
        samples=now.n,
        reason=reason,
    )


def _too_little(metric: Metric, then: CapturedFigure, now: CapturedFigure, min_samples: int) -> str:
    if metric.statistic in ("count", "sum"):
        return ""
    for figure, when in ((then, "in the baseline"), (now, "now")):
        if figure.value is None or figure.n < min_samples:
            return f"{figure.n} sample{'' if figure.n == 1 else 's'} {when}, of the {min_samples} it needs"
    return ""


def _standing(metric: Metric, then: float, now: float, change: float | None) -> Standing:
    if now == then or (change is not None and abs(change) < SAME_PERCENT):
        return Standing.SAME
    if metric.higher_is_better is None:
        return Standing.NEUTRAL
    return Standing.BETTER if (now > then) == metric.higher_is_better else Standing.WORSE
