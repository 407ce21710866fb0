"""Statistics of measures, and the figures of metrics that follow from them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from msgspec import Struct

from chatvitals.catalogue.measures import MEASURES_BY_NAME, Measure
from chatvitals.catalogue.metrics import QUANTILES, Metric
from chatvitals.query.build import (
    WHOLE,
    Grouping,
    Query,
    Wanted,
    column_of,
    columns_of,
    figures_query,
    from_file,
    kind_of,
    wanted_by,
)
from chatvitals.query.request import Question
from chatvitals.query.rollups import FEW_VALUES, Plan, Rollups, of_kind, read_query
from chatvitals.store.events.engine import Engine

LIVE_MS = 300_000
"""A session is live at the end of a window if it sent a heap snapshot in the last five minutes of it."""


class Statistics(Struct, frozen=True, gc=False):
    """Of a measure: events seen, events they stand for, weighted sum, least, greatest and percentiles of its values."""

    n: int
    weight: float
    total: float = 0.0
    least: float | None = None
    greatest: float | None = None
    quantiles: Mapping[str, float] | None = None


class Figure(Struct, frozen=True, gc=False):
    """A metric's value in its unit, None where nothing was measured, and the samples and sessions behind it."""

    value: float | None
    n: int
    sessions: int


NOTHING = Statistics(0, 0.0)

Key = tuple[str, ...]
"""The values of a grouping's columns."""

GroupKey = tuple[int, Key]
"""Time bucket, 0 where time isn't cut, and key."""

Row = dict[str, Any]


class Group:
    """The statistics of one group of events: by measure; and events, sessions and, if asked for, customers by kind."""

    __slots__ = ("customers", "events", "measures", "sessions")

    def __init__(self) -> None:
        self.measures: dict[str, Statistics] = {}
        self.events: dict[str, int] = {}
        self.sessions: dict[str, int] = {}
        self.customers: dict[str, int] = {}

    def figure(self, metric: Metric) -> Figure:
        """The value of a metric in this group."""
        if metric.statistic == "session_ratio":
            return self._session_ratio(metric)
        statistics = self.measures.get(metric.measure, NOTHING)
        over = self.measures.get(metric.over, NOTHING) if metric.over else statistics
        return Figure(_value(metric, statistics, over), over.n, self.sessions.get(kind_of(metric), 0))

    def _session_ratio(self, metric: Metric) -> Figure:
        """Sessions with the metric's kind of event, of those with the other kind, which may lie before the window."""
        sessions = self.sessions.get(kind_of(metric), 0)
        affected = min(self.sessions.get(MEASURES_BY_NAME[metric.measure].kind, 0), sessions)
        return Figure(100 * affected / sessions if sessions else None, sessions, sessions)


def _value(metric: Metric, statistics: Statistics, over: Statistics) -> float | None:
    match metric.statistic:
        case "count":
            return round(statistics.weight)
        case "sum":
            return _known(statistics.total)
        case "ratio":
            return 100 * statistics.weight / over.weight if over.weight else None
        case "sum_ratio":
            return _known(100 * statistics.total / over.total) if over.total else None
    if not statistics.n:
        return None
    match metric.statistic:
        case "mean":
            return _known(statistics.total / statistics.weight)
        case "min":
            return statistics.least
        case "max":
            return statistics.greatest
        case quantile:
            return (statistics.quantiles or {}).get(quantile)


def _known(value: float) -> float | None:
    """A value, or None where a number too large, or none at all, went into it."""
    return value if isfinite(value) else None


def _total(told: float | None) -> float:
    """A sum as the engine tells it: null where it is no finite number."""
    return nan if told is None else told


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures are read: the engine, and what it has rolled up."""

    engine: Engine
    rollups: Rollups


def ask(
    source: Source,
    question: Question,
    metrics: Iterable[Metric],
    grouping: Grouping = WHOLE,
    customers_of: Collection[str] = (),
    *,
    coarsely: bool = False,
) -> dict[GroupKey, Group]:
    """The statistics that `metrics` need, by group. Raises EngineError.

    `customers_of` are the kinds whose different customers are counted too, which rollups can't tell. `coarsely` takes
    percentiles of few values from digests too, where there are any: good enough for a line as high as a word.
    """
    metrics = tuple(metrics)
    wanted = wanted_by(metrics)
    groups: dict[GroupKey, Group] = {}
    plan, rolled_up = _rolled_up(source.rollups, question, wanted, grouping, customers_of)
    if plan and rolled_up:
        _add_rolled_up(source.engine, question, grouping, plan, rolled_up, groups)
        if not plan.only_source and not coarsely:
            _read_few_anew(source.engine, question, grouping, rolled_up, groups)
    raw = {kind: measures for kind, measures in wanted.items() if kind not in rolled_up}
    if raw:
        add_raw(source.engine, question, grouping, raw, groups, customers_of)
    if any(metric.per_session for metric in metrics):
        _add_heap(source.engine, question, grouping, groups)
    return groups


def reads_rollups(
    source: Source,
    question: Question,
    metrics: Iterable[Metric],
    grouping: Grouping = WHOLE,
    customers_of: Collection[str] = (),
) -> bool:
    """Whether `ask` would answer some of this from rollups."""
    return bool(_rolled_up(source.rollups, question, wanted_by(metrics), grouping, customers_of)[1])


def _rolled_up(
    rollups: Rollups, question: Question, wanted: Wanted, grouping: Grouping, customers_of: Collection[str]
) -> tuple[Plan | None, Wanted]:
    """How rollups are read, and what of them."""
    plan = rollups.plan(question, grouping)
    worth_it = rollups.kinds_worth_it(plan, list(wanted)) if plan else ()
    return plan, {kind: wanted[kind] for kind in worth_it if kind not in customers_of}


def _add_rolled_up(
    engine: Engine, question: Question, grouping: Grouping, plan: Plan, wanted: Wanted, groups: dict[GroupKey, Group]
) -> None:
    names = [measure.name for measures in wanted.values() for measure in measures] + [of_kind(kind) for kind in wanted]
    for row in _rows(engine, read_query(names, question, grouping, plan)):
        group = groups.setdefault((row["bucket"], tuple(row["key"])), Group())
        name = row["measure"]
        if name.startswith("@"):
            group.events[name[1:]], group.sessions[name[1:]] = row["n"], row["sessions"]
        else:
            group.measures[name] = Statistics(
                row["n"],
                row["weight"],
                _total(row["total"]),
                row["least"],
                row["greatest"],
                dict(zip(QUANTILES, row["quantiles"], strict=False)),
            )


def _read_few_anew(
    engine: Engine, question: Question, grouping: Grouping, wanted: Wanted, groups: dict[GroupKey, Group]
) -> None:
    """Read raw what has too few values for digests: a breakdown's small groups, or whole kinds."""
    few = {
        (kind, key)
        for (_, key), group in groups.items()
        for kind, measures in wanted.items()
        for measure, used in measures.items()
        if used & QUANTILES.keys() and 0 < group.measures.get(measure.name, NOTHING).n < FEW_VALUES
    }
    if not few:
        return
    for place, column in enumerate(grouping.columns):
        question = question.where(column, sorted({key[place] for _, key in few}))
    kinds = {kind for kind, _ in few}
    add_raw(engine, question, grouping, {kind: wanted[kind] for kind in wanted if kind in kinds}, groups)


def add_raw(
    engine: Engine,
    question: Question,
    grouping: Grouping,
    wanted: Wanted,
    groups: dict[GroupKey, Group],
    customers_of: Collection[str] = (),
) -> None:
    """Add the statistics of `wanted` from raw events to the groups. Raises EngineError."""
    query = figures_query(wanted, question, grouping, customers_of=customers_of)
    rows = _rows_by_measure(engine, query, wanted)
    for row in rows + _uneven_anew(engine, question, grouping, wanted, rows):
        kind = row["asked_kind"]
        group = groups.setdefault((row["bucket"], tuple(row["key"])), Group())
        group.events[kind], group.sessions[kind] = row["n"], row["sessions"]
        if kind in customers_of:
            group.customers[kind] = row["customers"]
        for measure, statistics in row["statistics"].items():
            group.measures[measure.name] = _statistics(statistics)


def _uneven_anew(
    engine: Engine, question: Question, grouping: Grouping, wanted: Wanted, rows: Sequence[Row]
) -> list[Row]:
    """Once more, with percentiles by weight, the groups that have percentiles of events that weren't sampled alike."""
    uneven = {_place(row) for row in rows if not row["evenly_sampled"] and _has_percentiles(wanted[row["asked_kind"]])}
    if not uneven:
        return []
    kinds = {kind for kind, *_ in uneven}
    again = {kind: wanted[kind] for kind in wanted if kind in kinds}
    query = figures_query(again, question, grouping, weighted=True)
    return [row for row in _rows_by_measure(engine, query, again) if _place(row) in uneven]


def _rows_by_measure(engine: Engine, query: Query, wanted: Wanted) -> list[Row]:
    """Rows with the statistics of their kind's measures, picked from the columns that all kinds share."""
    places = {column: place for place, column in enumerate(columns_of(wanted))}
    return [
        row
        | {
            "statistics": {
                measure: row["statistics"][places[column_of(measure)]] for measure in wanted[row["asked_kind"]]
            }
        }
        for row in _rows(engine, query)
    ]


def _place(row: Row) -> tuple[str, int, Key]:
    return row["asked_kind"], row["bucket"], tuple(row["key"])


def _has_percentiles(measures: Mapping[Measure, frozenset[str]]) -> bool:
    return any(used & QUANTILES.keys() for used in measures.values())


def _rows(engine: Engine, query: Query) -> list[Row]:
    return engine.query(query.sql, query.parameters)


def _statistics(row: Sequence[Any]) -> Statistics:
    n, weight, total, least, greatest, quantiles = row
    return Statistics(
        n,
        weight,
        _total(total),
        least if n else None,
        greatest if n else None,
        dict(zip(QUANTILES, quantiles, strict=True)) if quantiles else None,
    )


def _add_heap(engine: Engine, question: Question, grouping: Grouping, groups: dict[GroupKey, Group]) -> None:
    query = from_file("heap", question, grouping)
    for row in engine.query(query.sql, {**query.parameters, "live": LIVE_MS}):
        group = groups.setdefault((row["bucket"], tuple(row["key"])), Group())
        for name, n, quantiles in (
            ("memory.peak", row["sessions"], row["peaks"]),
            ("memory.last", row["live_sessions"], row["lasts"]),
        ):
            group.measures[name] = Statistics(n, n, quantiles=dict(zip(QUANTILES, quantiles, strict=False)))
