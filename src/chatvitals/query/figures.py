"""Statistics of measures, and the figures of metrics that follow from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatvitals.catalogue.measures import MEASURES_BY_NAME
from chatvitals.catalogue.metrics import QUANTILES, Metric
from chatvitals.query.build import Grouping, Query, figures_query, from_file, measures_of
from chatvitals.query.request import Question
from chatvitals.query.rollups import FEW_VALUES, Plan, Rollups, of_kind, read_query
from chatvitals.store.events.engine import Engine

LIVE_MS = 300_000
"""A session is live at the end of a window if it sent a heap snapshot in the last five minutes of it."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a measure: events seen, events they stand for, weighted sum, least, greatest and percentiles of its values."""

    n: int
    weight: float
    total: float = 0.0
    least: float | None = None
    greatest: float | None = None
    quantiles: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value in its unit, None where nothing was measured, and the samples and sessions behind it."""

    value: float | None
    n: int
    sessions: int


NOTHING = Statistics(0, 0.0)

GroupKey = tuple[int, str]
"""Time bucket and value of the breakdown's column; 0 and '' where there is none."""


class Group:
    """The statistics of one group of events: by measure, and events and sessions by kind."""

    def __init__(self) -> None:
        self.measures: dict[str, Statistics] = {}
        self.events: dict[str, int] = {}
        self.sessions: dict[str, int] = {}

    def figure(self, metric: Metric) -> Figure:
        """The value of a metric in this group."""
        statistics = self.measures.get(metric.measure, NOTHING)
        over = self.measures.get(metric.over, NOTHING) if metric.over else statistics
        return Figure(_value(metric, statistics, over), over.n, self.sessions.get(kind_of(metric), 0))


def kind_of(metric: Metric) -> str:
    """The kind of event that a metric is measured from."""
    return "memory" if metric.per_session else MEASURES_BY_NAME[metric.measure].kind


def _value(metric: Metric, statistics: Statistics, over: Statistics) -> float | None:
    match metric.statistic:
        case "count":
            return round(statistics.weight)
        case "sum":
            return statistics.total
        case "ratio":
            return 100 * statistics.weight / over.weight if over.weight else None
        case "sum_ratio":
            return 100 * statistics.total / over.total if over.total else None
    if not statistics.n:
        return None
    match metric.statistic:
        case "mean":
            return statistics.total / statistics.weight
        case "min":
            return statistics.least
        case "max":
            return statistics.greatest
        case quantile:
            return (statistics.quantiles or {}).get(quantile)


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures are read: the engine, and what it has rolled up."""

    engine: Engine
    rollups: Rollups


def ask(source: Source, question: Question, metrics: Iterable[Metric], grouping: Grouping) -> dict[GroupKey, Group]:
    """The statistics that `metrics` need, by group. Raises EngineError."""
    metrics = tuple(metrics)
    kinds = sorted({kind_of(metric) for metric in metrics})
    groups: dict[GroupKey, Group] = {}
    plan = source.rollups.plan(question, grouping)
    rolled_up = source.rollups.kinds_worth_it(plan, kinds) if plan else []
    if plan and rolled_up:
        _add_rolled_up(source.engine, question, grouping, plan, rolled_up, groups)
        if not plan.only_source:
            _read_few_anew(source.engine, question, grouping, rolled_up, groups)
    raw = [kind for kind in kinds if kind not in rolled_up]
    if raw:
        _add_raw(source.engine, question, grouping, raw, groups)
    if any(metric.per_session for metric in metrics):
        _add_heap(source.engine, question, grouping, groups)
    return groups


def _add_rolled_up(
    engine: Engine, question: Question, grouping: Grouping, plan: Plan, kinds: list[str], groups: dict[GroupKey, Group]
) -> None:
    names = [measure.name for kind in kinds for measure in measures_of(kind)] + [of_kind(kind) for kind in kinds]
    for row in _rows(engine, read_query(names, question, grouping, plan)):
        group = groups.setdefault((row["bucket"], row["key"]), Group())
        name = row["measure"]
        if name.startswith("@"):
            group.events[name[1:]], group.sessions[name[1:]] = row["n"], row["sessions"]
        else:
            group.measures[name] = Statistics(
                row["n"],
                row["weight"],
                row["total"],
                row["least"],
                row["greatest"],
                dict(zip(QUANTILES, row["quantiles"], strict=False)),
            )


def _read_few_anew(
    engine: Engine, question: Question, grouping: Grouping, kinds: list[str], groups: dict[GroupKey, Group]
) -> None:
    """Read raw what has too few values for digests: a breakdown's small groups, or whole kinds."""
    few = {
        (kind, key)
        for (_, key), group in groups.items()
        for kind in kinds
        for measure in measures_of(kind)
        if measure.distribution and 0 < group.measures.get(measure.name, NOTHING).n < FEW_VALUES
    }
    if not few:
        return
    if grouping.column is not None:
        question = question.where(grouping.column, sorted({key for _, key in few}))
    _add_raw(engine, question, grouping, sorted({kind for kind, _ in few}), groups)


def _add_raw(
    engine: Engine, question: Question, grouping: Grouping, kinds: list[str], groups: dict[GroupKey, Group]
) -> None:
    rows = _rows(engine, figures_query(kinds, question, grouping))
    uneven = sorted({row["asked_kind"] for row in rows if not row["evenly_sampled"]})
    if uneven:
        rows = [row for row in rows if row["asked_kind"] not in uneven]
        rows += _rows(engine, figures_query(uneven, question, grouping, weighted=True))
    for row in rows:
        group = groups.setdefault((row["bucket"], row["key"]), Group())
        kind = row["asked_kind"]
        if not row["n"]:
            continue
        group.events[kind], group.sessions[kind] = row["n"], row["sessions"]
        for measure, statistics in zip(measures_of(kind), row["statistics"], strict=True):
            group.measures[measure.name] = _statistics(statistics)


def _rows(engine: Engine, query: Query) -> list[dict[str, Any]]:
    return engine.query(query.sql, query.parameters)


def _statistics(row: Sequence[Any]) -> Statistics:
    n, weight, total, least, greatest, quantiles = row
    return Statistics(
        n,
        weight,
        total,
        least if n else None,
        greatest if n else None,
        dict(zip(QUANTILES, quantiles, strict=False)),
    )


def _add_heap(engine: Engine, question: Question, grouping: Grouping, groups: dict[GroupKey, Group]) -> None:
    query = from_file("heap", question, grouping)
    buckets = {
        "start": question.window.start_ms,
        "step": grouping.step_ms or question.window.length_ms,
        "live": LIVE_MS,
    }
    for row in engine.query(query.sql, {**query.parameters, **buckets}):
        group = groups.setdefault((row["bucket"], row["key"]), Group())
        for name, n, quantiles in (
            ("memory.peak", row["sessions"], row["peaks"]),
            ("memory.last", row["live_sessions"], row["lasts"]),
        ):
            group.measures[name] = Statistics(n, n, quantiles=dict(zip(QUANTILES, quantiles, strict=False)))
