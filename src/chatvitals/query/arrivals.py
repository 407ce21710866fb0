"""The first and the last event that came, for who waits for them."""

from dataclasses import dataclass
from typing import Any

from chatvitals.query.build import from_file
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Engine


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, when it came to the store (Unix milliseconds), and from where."""

    at_ms: int
    kind: str
    customer: str
    browser: str
    page: str


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of `events` in all; the two are one where there is only one."""

    events: int
    first: Arrival
    last: Arrival


def find_arrivals(engine: Engine, question: Question) -> Arrivals | None:
    """None where nothing came. Raises EngineError."""
    query = from_file("arrivals", question)
    (row,) = engine.query(query.sql, query.parameters)
    if not row["events"]:
        return None
    return Arrivals(row["events"], _arrival(row, "first"), _arrival(row, "last"))


def _arrival(row: dict[str, Any], which: str) -> Arrival:
    kind, customer, browser, page = _fields(row[which])
    return Arrival(row[f"{which}_ms"], kind, customer, browser, page)


def _fields(value: Any) -> list[str]:
    """A tuple, which the engine's JSON has as an object where its parts have names."""
    return list(value.values()) if isinstance(value, dict) else list(value)
