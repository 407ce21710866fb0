"""Cards: one metric at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.grades import COUNTED, grade_figure
from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.elements.sparkline import Sparkline, draw_sparkline
from chatvitals.dashboard.elements.trend import Trend, trend
from chatvitals.dashboard.saying import plural, share, show
from chatvitals.query.build import kind_of
from chatvitals.query.snapshot import Picture


@dataclass(frozen=True, slots=True)
class Card:
    """A metric's value and how good that is, what it should be, how it moved, and on how much it rests.

    `beside` are further figures with their names: the percentiles of a distribution, or counts.
    """

    id: str
    title: str
    href: str
    value: Shown
    target: Shown
    trend: Trend | None
    sparkline: Sparkline | None
    beside: tuple[tuple[str, Shown], ...]
    coverage: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """What all cards of a page are made from. `trends` are the courses of metrics by path."""

    now: Picture
    before: Picture
    before_said: str
    trends: Mapping[str, tuple[float | None, ...]]
    bands: Mapping[str, Bands]
    min_samples: int

    def card(self, path: str, title: str, href: str, beside: tuple[tuple[str, str], ...] = ()) -> Card:
        """The card of a metric; `beside` are the names and the paths of what is told beside it."""
        metric, figure = METRICS_BY_PATH[path], self.now.figures[path]
        return Card(
            id=f"card-{path.replace('.', '-')}",
            title=title,
            href=href,
            value=self._shown(metric),
            target=target_said(metric),
            trend=trend(metric, figure, self.before.figures[path], self.min_samples, self.before_said)
            if anybody_seen(self.now) and anybody_seen(self.before)
            else None,
            sparkline=draw_sparkline(self.trends.get(path, ()), metric.unit, zero_based=starts_at_zero(metric)),
            beside=tuple((name, self._shown(METRICS_BY_PATH[one])) for name, one in beside),
            coverage=self._coverage(metric),
        )

    def _shown(self, metric: Metric) -> Shown:
        figure, seen = self.now.figures[metric.path], anybody_seen(self.now)
        grade = grade_figure(metric, figure, self.bands.get(metric.path), self.min_samples, seen=seen)
        return show(figure.value if seen else None, metric.unit, grade)

    def _coverage(self, metric: Metric) -> Shown:
        """On how many samples of how many sessions a figure rests; that of a count that is 0 on all that were seen."""
        n, everyone = self.now.figures[metric.path].n, plural(self.now.coverage.sessions, "session")
        kind = self.now.coverage.kinds.get(kind_of(metric))
        if metric.statistic in COUNTED and not n and anybody_seen(self.now):
            return Shown(f"none in {everyone}", "", f"none in {everyone}")
        if kind is None:
            return Shown("nothing measured", "", f"not in any of {everyone}")
        exact = f"{plural(n, 'sample')} of {plural(kind.sessions, 'session')}"
        if kind.session_share is None:
            return Shown(plural(n, "sample"), "", exact)
        short = f"{plural(n, 'sample')}, {plural(kind.sessions, 'session')} ({_whole(kind.session_share)} %)"
        return Shown(short, "", f"{exact}, {share(kind.session_share)} % of {everyone}")


def anybody_seen(picture: Picture) -> bool:
    """Whether anything at all came: where nothing did, a count of 0 tells nothing."""
    return bool(picture.coverage.events or picture.coverage.sessions)


def _whole(percent: float) -> str:
    """A share in whole percent, where neither all nor none is said of what is less or more."""
    return "> 99" if 99.5 <= percent < 100 else "< 1" if 0 < percent < 0.5 else f"{percent:.0f}"


def target_said(metric: Metric) -> Shown:
    """What a metric should be: "≥ 99 %", which is "at least 99 %", or "0"; empty where it has no target."""
    if metric.target is None:
        return Shown("", "", "")
    said = show(metric.target, metric.unit).said
    if metric.target == 0:
        return Shown(said, "", "none at all")
    sign, words = ("≥", "at least") if metric.higher_is_better else ("≤", "at most")
    return Shown(f"{sign} {said}", "", f"{words} {said}")


def starts_at_zero(metric: Metric) -> bool:
    """Counts and rates of failure are seen against zero; rates of success and times against themselves."""
    return metric.unit in ("count", "messages") or (metric.unit == "%" and metric.higher_is_better is False)
