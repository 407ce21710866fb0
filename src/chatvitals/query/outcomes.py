"""What became of every received event, by site and reason."""

from msgspec import Struct

from chatvitals.query.build import from_file
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Engine

_MINUTE_MS = 60_000


class OutcomeCount(Struct, rename="camel", frozen=True):
    """So many events of a site had this outcome, for this reason. `site` is empty where no valid key told it."""

    site: str
    outcome: str
    reason: str
    n: int


class Outcomes(Struct, rename="camel", frozen=True):
    """`kept` events are in the store (stored, or folded into `__other__`); `received` are all."""

    received: int
    kept: int
    outcomes: list[OutcomeCount]


def count_outcomes(engine: Engine, question: Question) -> Outcomes:
    """The outcomes of events received in the window, in whole minutes. Raises EngineError."""
    window = question.window
    sites = question.filters.get("site")
    parts, parameters = ["1"], {}
    for name, values in (("scope", question.scope.sites), ("asked", sites)):
        if values is not None:
            parts.append(f"site IN {{{name}:Array(String)}}")
            parameters[name] = values
    query = from_file("outcomes", question, sites=" AND ".join(parts))
    rows = engine.query(
        query.sql,
        {
            **parameters,
            # ten digits: the engine takes fewer for no time
            "from": f"{window.start_ms // _MINUTE_MS * 60:010}",
            "to": f"{-(-window.end_ms // _MINUTE_MS) * 60:010}",
        },
    )
    counts = [OutcomeCount(**row) for row in rows]
    return Outcomes(
        sum(count.n for count in counts),
        sum(count.n for count in counts if count.outcome in ("stored", "folded")),
        counts,
    )
