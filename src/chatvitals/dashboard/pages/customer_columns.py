"""The columns of the table of all customers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.grades import grade_figure
from chatvitals.dashboard.elements.sparkline import Sparkline
from chatvitals.dashboard.elements.standing import (
    health_cell,
    health_change,
    health_rank,
    health_trend,
    traffic_cell,
)
from chatvitals.dashboard.elements.table import Cell, Field, cell_of
from chatvitals.dashboard.elements.trend import Trend
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.saying import NOTHING, plural, show
from chatvitals.query.comparison import Comparison
from chatvitals.query.health import LOSS_PATH, Health

MESSAGES_LOST = "persistence.dataLoss.messages"
_RATED = (
    ("persistence", "Persistence", "persistence.operations.successRate"),
    ("restore", "Restore p95", "persistence.restoration.p95Duration"),
    ("render", "Render p95", "performance.renders.p95Time"),
    ("api", "API p95", "api.p95Duration"),
)
SHOWN_PATHS = (LOSS_PATH, MESSAGES_LOST, *(path for _, _, path in _RATED))
"""The metrics that the table shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """How a customer stands; `before` is its health in the window before, None where that isn't kept any more.

    `course` are its sessions over time, read only for rows that are shown.
    """

    compared: Comparison
    health: Health
    before: Health | None
    course: Sparkline | None = None

    @property
    def name(self) -> str:
        return self.compared.key

    @property
    def sessions(self) -> int:
        return self.compared.now.presence.sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What all lines are seen against: sessions of all customers together and of the busiest one, what is good, and
    how the window before is called."""

    all_sessions: int
    most_sessions: int
    bands: Mapping[str, Bands]
    min_samples: int
    before_said: str


def background_of(
    everyone: Sequence[Customer], bands: Mapping[str, Bands], min_samples: int, before_said: str
) -> Background:
    """The background that all customers make."""
    sessions = [one.sessions for one in everyone]
    return Background(
        all_sessions=sum(sessions),
        most_sessions=max(sessions, default=0),
        bands=bands,
        min_samples=min_samples,
        before_said=before_said,
    )


def customer_fields(seen: Background) -> tuple[Field[Customer], ...]:
    """The columns, left to right."""
    return (
        Field("customer", "Customer", _named, lambda one: name_of("customer", one.name), "ascending", "left"),
        Field("health", "Health", lambda one: health_cell(one.health), _rank, "ascending"),
        Field(
            "change",
            "Change",
            lambda one: _moved(health_trend(one.health, one.before, seen.before_said)),
            lambda one: health_change(one.health, one.before),
            "ascending",
            help=f"Points of health more or less than in {seen.before_said}",
        ),
        Field("loss", "Losses", _lost, lambda one: _value(one, LOSS_PATH), help="Data-loss incidents"),
        *(_rated(key, title, path, seen) for key, title, path in _RATED),
        Field(
            "sessions",
            "Sessions",
            lambda one: traffic_cell(
                one.compared.now.presence,
                one.compared.before.presence if one.compared.before else None,
                seen.all_sessions,
                seen.most_sessions,
                seen.before_said,
            ),
            lambda one: one.sessions,
            help="Its bar is as long as its sessions are of the busiest customer's",
        ),
        Field("course", "Over time", lambda one: Cell(sparkline=one.course), align="left", help="Sessions over time"),
    )


def _named(one: Customer) -> Cell:
    return Cell(name_of("customer", one.name), exact=explain("customer", one.name))


def _moved(moved: Trend | None) -> Cell:
    return Cell(trend=moved) if moved else Cell(NOTHING, exact="unknown in one of the two")


def _rank(one: Customer) -> float | None:
    return health_rank(one.health)


def _value(one: Customer, path: str) -> float | None:
    return one.compared.now.figures[path].value


def _lost(one: Customer) -> Cell:
    incidents, messages = (_value(one, path) or 0 for path in (LOSS_PATH, MESSAGES_LOST))
    if not incidents:
        return Cell("0", exact="no data loss")
    return Cell(
        show(incidents, "count").text,
        exact=f"{plural(incidents, 'data-loss incident')}, {plural(messages, 'message')} lost",
        grade="bad",
        word="bad",
    )


def _rated(key: str, title: str, path: str, seen: Background) -> Field[Customer]:
    """A metric with its grade; sorted by worst first. What too few samples tell comes last, with what nothing tells."""
    metric = METRICS_BY_PATH[path]

    def cell(one: Customer) -> Cell:
        figure = one.compared.now.figures[path]
        grade = grade_figure(metric, figure, seen.bands.get(path), seen.min_samples)
        shown = cell_of(show(figure.value, metric.unit, grade))
        return replace(shown, exact=f"{shown.exact}, {plural(figure.n, 'sample')}")

    def by(one: Customer) -> float | None:
        figure = one.compared.now.figures[path]
        return figure.value if figure.n >= seen.min_samples else None

    return Field(key, title, cell, by, "ascending" if metric.higher_is_better else "descending", help=metric.title)
