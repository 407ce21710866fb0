"""The values that a dimension has in a window: what filters offer."""

from msgspec import Struct

from chatvitals.errors import BadRequest
from chatvitals.query.build import from_file
from chatvitals.query.request import FILTERABLE, Question
from chatvitals.store.events.engine import Engine


class Value(Struct, frozen=True):
    """A value, and how many events have it."""

    value: str
    n: int


class Values(Struct, frozen=True):
    """Those with the most events first."""

    dimension: str
    values: list[Value]


def find_values(engine: Engine, question: Question, dimension: str, search: str, limit: int) -> Values:
    """The values of a dimension in a question's window that hold `search`, in any case. The question's own filter on
    the dimension doesn't count: others of its values are looked for. Raises BadRequest, EngineError."""
    if dimension not in FILTERABLE:
        raise BadRequest(
            f"there is no dimension {dimension[:40]!r}; known ones are {', '.join(FILTERABLE)}", "dimension"
        )
    query = from_file("values", question.without(dimension), column=dimension)
    rows = engine.query(query.sql, {**query.parameters, "search": search, "limit": limit})
    return Values(dimension, [Value(row["value"], row["n"]) for row in rows])
