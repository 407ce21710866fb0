"""SQL from a question: the one place that puts scope, window and filters into a query.

User text only ever becomes a parameter; what is put into the text of a query comes from the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template

from chatvitals.catalogue.measures import MEASURES, Measure
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


def figures_query(kinds: Sequence[str], question: Question, grouping: Grouping) -> Query:
    """Exact statistics of every measure of `kinds` from raw events; one row for each kind and group."""
    queries = [
        from_file("figures", question, grouping, kind=kind, statistics=", ".join(map(_statistics_sql, measures)))
        for kind in kinds
        if (measures := measures_of(kind))
    ]
    return Query("\nUNION ALL\n".join(query.sql for query in queries), queries[0].parameters)


@cache
def measures_of(kind: str) -> tuple[Measure, ...]:
    """The measures of a kind, in the order in which its row holds their statistics."""
    return tuple(measure for measure in MEASURES if measure.kind == kind)


def _statistics_sql(measure: Measure) -> str:
    """(n, weight, total, least, greatest, exact percentiles, sketched percentiles) of a measure."""
    where, value = measure.where, measure.value
    if value is None:
        return f"(countIf({where}), sumIf(weight, {where}), 0., 0., 0., emptyArrayFloat64(), emptyArrayFloat64())"
    number = f"toFloat64({value})"
    exact = sketched = "emptyArrayFloat64()"
    if measure.distribution:
        exact = f"quantilesExactInclusiveIf(0.5, 0.95, 0.99)({value}, {where})::Array(Float64)"
        sketched = (
            f"quantilesTDigestWeightedIf(0.5, 0.95, 0.99)(toFloat32({value}), toUInt32(round(weight * 100)), {where})"
            "::Array(Float64)"
        )
    return (
        f"(countIf({where}), sumIf(weight, {where}), sumIf(weight * {number}, {where}),"
        f" minIf({number}, {where}), maxIf({number}, {where}), {exact}, {sketched})"
    )
