"""SQL from a question: the one place that puts scope, window and filters into a query.

User text only ever becomes a parameter; what is put into the text of a query comes from the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template

from chatvitals.catalogue.measures import MEASURES, Measure
from chatvitals.catalogue.metrics import METRICS
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Parameter


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with `{name:Type}` placeholders, and their values."""

    sql: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How figures are split: by time buckets of `step_ms` from the window's start, by a column, both or neither."""

    step_ms: int | None = None
    column: str | None = None

    @property
    def bucket_sql(self) -> str:
        if self.step_ms is None:
            return "toUInt32(0)"
        return "toUInt32(intDiv(toUnixTimestamp64Milli(ts) - {start:Int64}, {step:Int64}))"

    @property
    def key_sql(self) -> str:
        return "''" if self.column is None else f"toString({self.column})"

    def parameters(self, question: Question) -> dict[str, Parameter]:
        """The values of the placeholders above."""
        return {} if self.step_ms is None else {"start": question.window.start_ms, "step": self.step_ms}


WHOLE = Grouping()


@cache
def _template(name: str) -> Template:
    return Template((files("chatvitals.store.events") / "queries" / f"{name}.sql").read_text())


def condition(question: Question) -> Query:
    """The WHERE of a question: scope, window and filters."""
    parts = ["ts >= {from:DateTime64(3, 'UTC')}", "ts < {to:DateTime64(3, 'UTC')}"]
    parameters: dict[str, Parameter] = {
        "from": _seconds(question.window.start_ms),
        "to": _seconds(question.window.end_ms),
    }
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
    where = condition(question)
    sql = _template(name).substitute(condition=where.sql, bucket=grouping.bucket_sql, key=grouping.key_sql, **text)
    return Query(sql, {**where.parameters, **grouping.parameters(question)})


def figures_query(kinds: Sequence[str], question: Question, grouping: Grouping, *, weighted: bool = False) -> Query:
    """Exact statistics of every measure of `kinds` from raw events; one row for each kind and group.

    `weighted` percentiles, which cost several times as much, are needed where events were not sampled alike.
    """
    queries = [
        from_file(
            "figures",
            question,
            grouping,
            kind=kind,
            statistics=", ".join(_statistics_sql(measure, weighted) for measure in measures),
        )
        for kind in kinds
        if (measures := measures_of(kind))
    ]
    return Query("\nUNION ALL\n".join(query.sql for query in queries), queries[0].parameters)


@cache
def measures_of(kind: str) -> tuple[Measure, ...]:
    """The measures of a kind, in the order in which its row holds their statistics."""
    return tuple(measure for measure in MEASURES if measure.kind == kind)


@cache
def _used_statistics(measure: Measure) -> frozenset[str]:
    """Which statistics of a measure any metric reads: what nothing reads is not computed."""
    return frozenset(metric.statistic for metric in METRICS if measure.name in (metric.measure, metric.over))


def _statistics_sql(measure: Measure, weighted: bool) -> str:
    """(n, weight, total, least, greatest, percentiles) of a measure."""
    used, value, where = _used_statistics(measure), f"toFloat64({measure.value})", measure.where

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
        over(percentiles, values, needed=measure.distribution, levels="(0.5, 0.95, 0.99)"),
    )
    return f"({', '.join(columns)})"
