"""Members of a dimension, as its customers or releases, in a table: how each stands, a column for each figure. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.grades import grade_figure
from chatvitals.dashboard.elements.sparkline import Sparkline
from chatvitals.dashboard.elements.standing import (
    health_cell,
    health_change,
    health_rank,
    health_trend,
    traffic_cell,
    traffic_trend,
)
from chatvitals.dashboard.elements.table import Cell, Field, cell_of
from chatvitals.dashboard.elements.trend import Trend
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.saying import NOTHING, plural, show
from chatvitals.query.comparison import Comparison, Standing
from chatvitals.query.health import LOSS_PATH, Health, assess

MESSAGES_LOST = "persistence.dataLoss.messages"
_RATED = (
    ("persistence", "Persistence", "persistence.operations.successRate"),
    ("restore", "Restore p95", "persistence.restoration.p95Duration"),
    ("render", "Render p95", "performance.renders.p95Time"),
    ("api", "API p95", "api.p95Duration"),
)
_SHOWN = (LOSS_PATH, MESSAGES_LOST, *(path for _, _, path in _RATED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One value of a dimension and how it stands; `before` is its health in the window before, None where that isn't
    kept any more, or wasn't asked for.

    `course` are its sessions over time, read only for rows that are shown.
    """

    dimension: str
    compared: Comparison
    health: Health
    before: Health | None
    course: Sparkline | None = None

    @property
    def value(self) -> str:
        return self.compared.key

    @property
    def name(self) -> str:
        """The value as people call it."""
        return name_of(self.dimension, self.value)

    @property
    def sessions(self) -> int:
        return self.compared.now.presence.sessions

    @property
    def sessions_before(self) -> int | None:
        return self.compared.before.presence.sessions if self.compared.before else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What all members are seen against: the sessions of all together and of the busiest one, what is good, and how the
    window before is called."""

    all_sessions: int
    most_sessions: int
    bands: Mapping[str, Bands]
    min_samples: int
    before_said: str


def background_of(
    members: Sequence[Member], bands: Mapping[str, Bands], min_samples: int, before_said: str
) -> Background:
    """The background that all members make."""
    sessions = [one.sessions for one in members]
    return Background(
        all_sessions=sum(sessions),
        most_sessions=max(sessions, default=0),
        bands=bands,
        min_samples=min_samples,
        before_said=before_said,
    )


def metrics_needed(bands: Mapping[str, Bands], beside: Iterable[Metric] = ()) -> list[Metric]:
    """What has to be asked for: what the table shows, what health is made of, and others `beside`."""
    paths = dict.fromkeys((*_SHOWN, *bands, *(metric.path for metric in beside)))
    return [METRICS_BY_PATH[path] for path in paths]


def assess_member(
    dimension: str, compared: Comparison, weights: Mapping[str, float], bands: Mapping[str, Bands], min_samples: int
) -> Member:
    """A member with its health."""

    def health_of(standing: Standing) -> Health:
        return assess(standing.figures, weights, bands, min_samples)

    before = compared.before
    return Member(
        dimension=dimension,
        compared=compared,
        health=health_of(compared.now),
        before=None if before is None else health_of(before),
    )


def member_fields(dimension: str, seen: Background) -> tuple[Field[Member], ...]:
    """The columns, left to right."""
    return (
        Field(dimension, dimension.capitalize(), _named, lambda one: one.name, "ascending", "left"),
        Field("health", "Health", lambda one: health_cell(one.health), _rank, "ascending"),
        Field(
            "change",
            "Change",
            lambda one: _moved(health_trend(one.health, one.before, seen.before_said)),
            lambda one: health_change(one.health, one.before),
            "ascending",
            help=f"Points of health more or less than in {seen.before_said}",
        ),
        Field("loss", "Losses", _lost, _losses, help="Data-loss incidents"),
        *(_rated(key, title, path, seen) for key, title, path in _RATED),
        Field(
            "sessions",
            "Sessions",
            lambda one: traffic_cell(one.compared.now.presence, seen.all_sessions, seen.most_sessions),
            lambda one: one.sessions,
            help=f"The bar is as long as its sessions are of the busiest {dimension}'s",
        ),
        Field(
            "course",
            "Over time",
            lambda one: Cell(
                trend=traffic_trend(one.sessions, one.sessions_before, seen.before_said), sparkline=one.course
            ),
            lambda one: one.sessions / one.sessions_before if one.sessions_before else None,
            help=f"Its sessions over time, and against {seen.before_said}",
        ),
    )


def _named(one: Member) -> Cell:
    return Cell(one.name, exact=explain(one.dimension, one.value))


def _moved(moved: Trend | None) -> Cell:
    return Cell(trend=moved) if moved else Cell(NOTHING, exact="unknown in one of the two")


def _rank(one: Member) -> float | None:
    return health_rank(one.health)


def _value(one: Member, path: str) -> float | None:
    return one.compared.now.figures[path].value


def _losses(one: Member) -> float | None:
    """Data-loss incidents; unknown of who wasn't there."""
    return _value(one, LOSS_PATH) if one.compared.now.presence.events else None


def _lost(one: Member) -> Cell:
    if not one.compared.now.presence.events:
        return Cell(NOTHING, exact="nobody was seen")
    incidents, messages = (_value(one, path) or 0 for path in (LOSS_PATH, MESSAGES_LOST))
    if not incidents:
        return Cell("0", exact="no data loss")
    return Cell(
        show(incidents, "count").text,
        exact=f"{plural(incidents, 'data-loss incident')}, {plural(messages, 'message')} lost",
        grade="bad",
        word="bad",
    )


def _rated(key: str, title: str, path: str, seen: Background) -> Field[Member]:
    """A metric with its grade; sorted by worst first. What too few samples tell comes last, with what nothing tells."""
    metric = METRICS_BY_PATH[path]

    def cell(one: Member) -> Cell:
        figure = one.compared.now.figures[path]
        grade = grade_figure(metric, figure, seen.bands.get(path), seen.min_samples)
        shown = cell_of(show(figure.value, metric.unit, grade))
        return replace(shown, exact=f"{shown.exact}, {plural(figure.n, 'sample')}")

    def by(one: Member) -> float | None:
        figure = one.compared.now.figures[path]
        return figure.value if figure.n >= seen.min_samples else None

    return Field(key, title, cell, by, "ascending" if metric.higher_is_better else "descending", help=metric.title)
