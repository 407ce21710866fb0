"""Releases side by side: for each metric a row, for each release a value and how it differs from the first one's. Pure.

Differences are told as they were measured. Whether they could be chance is not said here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS, Metric
from chatvitals.dashboard.elements.card import target_said
from chatvitals.dashboard.elements.grades import COUNTED, Grade, grade_figure
from chatvitals.dashboard.elements.health import CATEGORY_TITLES
from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.elements.trend import Trend, trend
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.saying import count, show
from chatvitals.query.comparison import Standing
from chatvitals.query.figures import Figure
from chatvitals.query.health import LOSS_PATH

_BESIDE = (
    "performance.renders.slowRenderRate",
    "performance.bundle.p95LoadTime",
    "performance.bundle.avgSize",
    "api.cacheHitRate",
    "delivery.stream.truncatedRate",
    "boot.p95Duration",
    "host.p95BlockingTime",
    "errors.sessionRate",
)
"""Metrics that are compared though nothing says what of them is good."""

_MOST_NAMED = 3


def _is_compared(metric: Metric) -> bool:
    """Counts are not: they follow traffic, and releases don't have the same."""
    rated = metric.bands is not None or metric.target is not None
    return metric.path in _BESIDE or (rated and metric.statistic not in COUNTED)


COMPARED: tuple[Metric, ...] = tuple(filter(_is_compared, METRICS))

LOSSY = Metric(
    "sessions.lossRate",
    "Sessions that lost messages",
    "%",
    "session_ratio",
    "loss.incidents",
    target=0,
    higher_is_better=False,
)
"""In place of the count of losses: it can be compared whatever the traffic."""


@dataclass(frozen=True, slots=True)
class ReleaseValue:
    """`n` are the samples; `difference` is None for the first release, and where either has too few of them."""

    value: Shown
    n: str
    difference: Trend | None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric in all releases, in their order; `href` is where it is looked at closely, empty where nowhere."""

    title: str
    target: Shown
    href: str
    values: tuple[ReleaseValue, ...]


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """Rows of one category."""

    title: str
    rows: tuple[MetricRow, ...]


def side_by_side(
    releases: Mapping[str, Standing],
    bands: Mapping[str, Bands],
    min_samples: int,
    href: Callable[[str], str],
) -> tuple[MetricGroup, ...]:
    """The releases in their order, the first being what the others are compared with; rows that none has are left out.

    `href` makes a link of a metric's path.
    """
    standings = list(releases.values())
    first = name_of("release", next(iter(releases), ""))
    lossy = _row(LOSSY, [_lossy(one) for one in standings], None, min_samples, first, href(LOSS_PATH))
    groups: dict[str, list[MetricRow]] = {"persistence": [lossy]}
    for metric in COMPARED:
        figures = [one.figures[metric.path] for one in standings]
        if any(figure.n for figure in figures):
            row = _row(metric, figures, bands.get(metric.path), min_samples, first, href(metric.path))
            groups.setdefault(metric.category, []).append(row)
    return tuple(MetricGroup(CATEGORY_TITLES[category], tuple(rows)) for category, rows in groups.items())


def _lossy(standing: Standing) -> Figure:
    """The share of sessions with data-loss incidents, of all that were there."""
    sessions = standing.presence.sessions
    affected = standing.figures[LOSS_PATH].sessions
    return Figure(100 * affected / sessions if sessions else None, sessions, affected)


def _row(
    metric: Metric, figures: Sequence[Figure], bands: Bands | None, min_samples: int, first: str, href: str
) -> MetricRow:
    def value(place: int, figure: Figure) -> ReleaseValue:
        grade: Grade = grade_figure(metric, figure, bands, min_samples)
        return ReleaseValue(
            show(figure.value, metric.unit, grade),
            count(figure.n),
            trend(metric, figure, figures[0], min_samples, first) if place else None,
        )

    values = tuple(value(place, figure) for place, figure in enumerate(figures))
    return MetricRow(metric.title, target_said(metric), href, values)


def what_cannot_be_said(releases: Mapping[str, Standing], min_samples: int) -> tuple[str, ...]:
    """For each release that has figures of too few samples, which they are."""
    said = []
    for release, standing in releases.items():
        few = [metric.title for metric in COMPARED if 0 < standing.figures[metric.path].n < min_samples]
        if few:
            titles = ", ".join(few[:_MOST_NAMED]) + (f" and {len(few) - _MOST_NAMED} more" if few[_MOST_NAMED:] else "")
            said.append(f"{name_of('release', release)} has fewer than {min_samples} samples of: {titles}.")
    return tuple(said)


def choose_releases(first_seen_ms: Mapping[str, int], sessions: Mapping[str, int], enough: int, most: int) -> list[str]:
    """The `most` newest releases with `enough` sessions, or any sessions where none has so many; the oldest first."""
    there = [release for release, number in sessions.items() if number >= enough]
    there = there or [release for release, number in sessions.items() if number]
    newest = sorted(there, key=lambda release: (first_seen_ms.get(release, 0), release), reverse=True)
    return newest[:most][::-1]
