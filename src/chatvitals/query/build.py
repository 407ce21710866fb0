"""SQL from a question: the one place that puts scope, window and filters into a query.

User text only ever becomes a parameter; what is put into the text of a query comes from the catalogue.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template
from typing import NamedTuple

from chatvitals.catalogue.measures import MEASURES_BY_NAME, Measure
from chatvitals.catalogue.metrics import QUANTILES, Metric
from chatvitals.query.buckets import WHOLE_WINDOW, Buckets
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Parameter


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with `{name:Type}` placeholders, and their values."""

    sql: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How figures are split: in time, and by the values of columns; a group's key are its values of those."""

    buckets: Buckets = WHOLE_WINDOW
    columns: tuple[str, ...] = ()

    @property
    def key_sql(self) -> str:
        return f"tuple({', '.join(self.columns)})"


WHOLE = Grouping()


@cache
def _template(name: str) -> Template:
    return Template((files("chatvitals.store.events") / "queries" / f"{name}.sql").read_text())


HAPPENED = "toUnixTimestamp64Milli(ts)"
CAME = "toUnixTimestamp64Milli(received)"
"""When an event happened, and when it came to the store."""

_LATEST_MS = 86_400_000
_EARLIEST_MS = 60_000
"""How long after it happened an event may come to count by arrival; and how long before, by clocks that go wrong."""


def condition(question: Question) -> Query:
    """The WHERE of a question: scope, window and filters."""
    start_ms, end_ms = question.window.start_ms, question.window.end_ms
    parts = ["ts >= {from:DateTime64(3, 'UTC')}", "ts < {to:DateTime64(3, 'UTC')}"]
    parameters: dict[str, Parameter] = {}
    if question.by_arrival:
        parts.append(f"{CAME} >= {{came_from:Int64}} AND {CAME} < {{came_to:Int64}}")
        parameters |= {"came_from": start_ms, "came_to": end_ms}
        start_ms, end_ms = start_ms - _LATEST_MS, end_ms + _EARLIEST_MS
    parameters |= {"from": _seconds(start_ms), "to": _seconds(end_ms)}
    if question.scope.sites is not None:
        parts.append("site IN {scope:Array(String)}")
        parameters["scope"] = question.scope.sites
    for name, values in question.filters.items():
        parts.append(f"{name} IN {{in_{name}:Array(String)}}")
        parameters[f"in_{name}"] = values
    return Query(" AND ".join(parts), parameters)


def _seconds(moment_ms: int) -> str:
    return f"{moment_ms // 1_000}.{moment_ms % 1_000:03}"


def from_file(name: str, question: Question, grouping: Grouping = WHOLE, **text: str) -> Query:
    """A query file with the question's condition put in for `$condition`, and `text` from the catalogue."""
    where, buckets = condition(question), grouping.buckets
    sql = _template(name).substitute(
        condition=where.sql,
        bucket=buckets.sql(CAME if question.by_arrival else HAPPENED),
        bucket_end=buckets.end_sql,
        key=grouping.key_sql,
        **text,
    )
    return Query(sql, {**where.parameters, **buckets.parameters(question.window)})


Wanted = Mapping[str, Mapping[Measure, frozenset[str]]]
"""For each kind its measures that are read, in the order in which its row holds them, and which statistics of each."""


def wanted_by(metrics: Iterable[Metric]) -> Wanted:
    """What must be asked for so that these metrics can be told: of each kind at least its events and sessions."""
    wanted: dict[str, dict[Measure, frozenset[str]]] = {}
    for metric in metrics:
        wanted.setdefault(kind_of(metric), {})
        for name in filter(None, (metric.measure, metric.over)):
            if not metric.per_session:
                measure = MEASURES_BY_NAME[name]
                measures = wanted.setdefault(measure.kind, {})
                measures[measure] = measures.get(measure, frozenset()) | {metric.statistic}
    return dict(sorted(wanted.items()))


def kind_of(metric: Metric) -> str:
    """The kind of event whose samples and sessions are behind a metric."""
    if metric.per_session:
        return "memory"
    sampled = metric.over if metric.statistic == "session_ratio" and metric.over else metric.measure
    return MEASURES_BY_NAME[sampled].kind


def figures_query(
    wanted: Wanted,
    question: Question,
    grouping: Grouping,
    *,
    weighted: bool = False,
    customers_of: Collection[str] = (),
) -> Query:
    """Exact statistics from raw events; one row for each kind and group, with a column for each of `columns_of`.

    `weighted` percentiles, which cost several times as much, are needed where events were not sampled alike.
    `customers_of` are the kinds whose different customers are counted.
    """
    columns = columns_of(wanted)
    query = from_file(
        "figures",
        question,
        grouping,
        customers=f"uniqExactIf(customer, customer != '' AND {_any_of(customers_of)})"
        if customers_of
        else "toUInt64(0)",
        statistics=", ".join(_statistics_sql(column, _uses(column, wanted), weighted) for column in columns),
    )
    return Query(query.sql, {**query.parameters, "kinds": list(wanted)})


class Column(NamedTuple):
    """A value and a condition over the columns of events. Kinds whose measures have the same share it."""

    value: str | None
    where: str


def columns_of(wanted: Wanted) -> list[Column]:
    """What is computed for every kind, though not all of it means something for each, in the order of a row.

    Planning costs more than computing: a query for each kind would take several times as long.
    """
    return list(dict.fromkeys(map(column_of, (measure for measures in wanted.values() for measure in measures))))


def column_of(measure: Measure) -> Column:
    """Where the statistics of a measure are found."""
    return Column(measure.value, measure.where)


class _Uses(NamedTuple):
    """Which statistics of a column are read, and of which kinds its percentiles, which cost most."""

    statistics: frozenset[str]
    percentiles_of: tuple[str, ...]


def _uses(column: Column, wanted: Wanted) -> _Uses:
    used = [
        (kind, statistics)
        for kind, measures in wanted.items()
        for measure, statistics in measures.items()
        if column_of(measure) == column
    ]
    percentiles_of = dict.fromkeys(kind for kind, statistics in used if statistics & QUANTILES.keys())
    return _Uses(frozenset().union(*(statistics for _, statistics in used)), tuple(percentiles_of))


def _any_of(kinds: Iterable[str]) -> str:
    """SQL that is true for events of these kinds of the catalogue."""
    return f"kind IN ({', '.join(map(repr, kinds))})"


@cache
def _statistics_sql(column: Column, uses: _Uses, weighted: bool) -> str:
    """(n, weight, total, least, greatest, percentiles) of a column; what isn't used is not computed."""
    value, used = f"toFloat64({column.value})", uses.statistics

    def over(function: str, argument: str, where: str = column.where, levels: str = "") -> str:
        if where != "1":
            function, argument = f"{function}If", f"{argument}, {where}" if argument else where
        return f"{function}{levels}({argument})"

    percentiles = "emptyArrayFloat64()"
    if uses.percentiles_of:
        function, values = "quantilesExactInclusive", str(column.value)
        if weighted:
            function, values = "quantilesExactWeightedInterpolated", f"{values}, toUInt32(round(weight * 100))"
        where = f"({column.where}) AND {_any_of(uses.percentiles_of)}"
        percentiles = f"{over(function, values, where, '(0.5, 0.95, 0.99)')}::Array(Float64)"
    columns = (
        over("count", ""),
        over("sum", "weight"),
        over("sum", f"weight * {value}") if used & {"sum", "mean", "sum_ratio"} else "0.",
        over("min", value) if "min" in used else "0.",
        over("max", value) if "max" in used else "0.",
        percentiles,
    )
    return f"({', '.join(columns)})"
