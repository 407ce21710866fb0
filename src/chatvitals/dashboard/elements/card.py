"""Cards: one metric at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.grades import grade_figure
from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.elements.sparkline import Sparkline, draw_sparkline
from chatvitals.dashboard.elements.trend import Trend, trend
from chatvitals.dashboard.saying import plural, share, show
from chatvitals.query.build import kind_of
from chatvitals.query.snapshot import Picture


@dataclass(frozen=True, slots=True)
class Card:
    """A metric's value and how good that is, what it should be, how it moved, and on how much it rests."""

    id: str
    title: str
    href: str
    value: Shown
    target: str
    trend: Trend | None
    sparkline: Sparkline | None
    quantiles: tuple[tuple[str, Shown], ...]
    coverage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """What all cards of a page are made from. `trends` are the courses of metrics by path."""

    now: Picture
    before: Picture
    before_said: str
    trends: Mapping[str, tuple[float | None, ...]]
    bands: Mapping[str, Bands]
    min_samples: int

    def card(self, path: str, title: str, href: str, quantiles: tuple[str, ...] = ()) -> Card:
        """The card of a metric; `quantiles` are the paths of its distribution's percentiles, if it shows them."""
        metric, figure = METRICS_BY_PATH[path], self.now.figures[path]
        seen = self.now.coverage.sessions > 0 or self.now.coverage.events > 0
        seen_before = self.before.coverage.events > 0
        grade = grade_figure(metric, figure, self.bands.get(path), self.min_samples, seen=seen)
        return Card(
            id=f"card-{path.replace('.', '-')}",
            title=title,
            href=href,
            value=show(figure.value if seen else None, metric.unit, grade),
            target=target_said(metric),
            trend=trend(metric, figure, self.before.figures[path], self.min_samples, self.before_said)
            if seen and seen_before
            else None,
            sparkline=draw_sparkline(self.trends.get(path, ()), metric.unit, zero_based=starts_at_zero(metric)),
            quantiles=tuple(
                (METRICS_BY_PATH[one].statistic, show(self.now.figures[one].value, METRICS_BY_PATH[one].unit, ""))
                for one in quantiles
            ),
            coverage=self._coverage(metric),
        )

    def _coverage(self, metric: Metric) -> str:
        """On how many samples of how many sessions a figure rests: "1,234 renders …, 88 % of all"."""
        n = self.now.figures[metric.path].n
        kind = self.now.coverage.kinds.get(kind_of(metric))
        if kind is None:
            return "nothing measured"
        said = f"{plural(n, 'sample')} of {plural(kind.sessions, 'session')}"
        return said if kind.session_share is None else f"{said}, {share(kind.session_share)} % of all"


def target_said(metric: Metric) -> str:
    """What a metric should be: "at least 99 %", "at most 16 ms", "none"; empty where it has no target."""
    if metric.target is None:
        return ""
    if metric.target == 0:
        return "none"
    return f"at {'least' if metric.higher_is_better else 'most'} {show(metric.target, metric.unit).said}"


def starts_at_zero(metric: Metric) -> bool:
    """Counts and rates of failure are seen against zero; rates of success and times against themselves."""
    return metric.unit in ("count", "messages") or (metric.unit == "%" and metric.higher_is_better is False)
