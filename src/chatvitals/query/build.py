"""SQL from a question: the one place that puts scope, window and filters into a query.

User text only ever becomes a parameter; what is put into the text of a query comes from the catalogue.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template

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
    """Exact statistics from raw events; one row for each kind and group.

    `weighted` percentiles, which cost several times as much, are needed where events were not sampled alike.
    `customers_of` are the kinds whose different customers are counted.
    """
    queries = [
        from_file(
            "figures",
            question,
            grouping,
            kind=kind,
            customers="uniqExactIf(customer, customer != '')" if kind in customers_of else "toUInt64(0)",
            statistics=", ".join(_statistics_sql(measure, used, weighted) for measure, used in measures.items()),
        )
        for kind, measures in wanted.items()
    ]
    return Query("\nUNION ALL\n".join(query.sql for query in queries), queries[0].parameters)


@cache
def _statistics_sql(measure: Measure, used: frozenset[str], weighted: bool) -> str:
    """(n, weight, total, least, greatest, percentiles) of a measure; what isn't used is not computed."""
    value, where = f"toFloat64({measure.value})", measure.where

    def over(function: str, argument: str, *, needed: bool = True, levels: str = "") -> str:
        if not needed:
            return "emptyArrayFloat64()" if levels else "0."
        if where != "1":
            function, argument = f"{function}If", f"{argument}, {where}" if argument else where
        return f"{function}{levels}({argument})" + ("::Array(Float64)" if levels else "")

    percentiles, values = "quantilesExactInclusive", str(measure.value)
    if weighted:
        percentiles, values = "quantilesExactWeightedInterpolated", f"{values}, toUInt32(round(weight * 100))"
    columns = (
        over("count", ""),
        over("sum", "weight"),
        over("sum", f"weight * {value}", needed=bool(used & {"sum", "mean", "sum_ratio"})),
        over("min", value, needed="min" in used),
        over("max", value, needed="max" in used),
        over(percentiles, values, needed=bool(used & QUANTILES.keys()), levels="(0.5, 0.95, 0.99)"),
    )
    return f"({', '.join(columns)})"
