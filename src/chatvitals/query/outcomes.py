"""What became of every received event, by site and reason, and over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from chatvitals.query.build import from_file
from chatvitals.query.request import Question, Window
from chatvitals.store.events.engine import Engine, Parameter

MINUTE_MS = 60_000
_KEPT = ("stored", "folded")


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


@dataclass(frozen=True, slots=True)
class OutcomeSteps:
    """Events received in each step from `start_ms` on, and how many of them are in the store."""

    start_ms: int
    step_ms: int
    received: tuple[int, ...]
    kept: tuple[int, ...]


def count_outcomes(engine: Engine, question: Question) -> Outcomes:
    """The outcomes of events received in the window, in whole minutes. Raises EngineError."""
    rows = _ask(engine, "outcomes", question, _whole_minutes(question.window), {})
    counts = [OutcomeCount(**row) for row in rows]
    return Outcomes(
        sum(count.n for count in counts),
        sum(count.n for count in counts if count.outcome in _KEPT),
        counts,
    )


def outcome_steps(engine: Engine, question: Question, step_ms: int) -> OutcomeSteps:
    """The same in steps of whole minutes, from the first whole one on. Raises EngineError."""
    window = _whole_minutes(question.window)
    steps = -(-window.length_ms // step_ms)
    received, kept = [0] * steps, [0] * steps
    for row in _ask(engine, "outcome_steps", question, window, {"start": window.start_ms, "step": step_ms}):
        received[row["step"]] += row["n"]
        kept[row["step"]] += row["n"] * (row["outcome"] in _KEPT)
    return OutcomeSteps(window.start_ms, step_ms, tuple(received), tuple(kept))


def _whole_minutes(window: Window) -> Window:
    return Window(window.start_ms // MINUTE_MS * MINUTE_MS, -(-window.end_ms // MINUTE_MS) * MINUTE_MS)


def _ask(
    engine: Engine, name: str, question: Question, window: Window, more: Mapping[str, Parameter]
) -> list[dict[str, Any]]:
    parts, parameters = ["1"], dict(more)
    for scope, values in (("scope", question.scope.sites), ("asked", question.filters.get("site"))):
        if values is not None:
            parts.append(f"site IN {{{scope}:Array(String)}}")
            parameters[scope] = values
    query = from_file(name, question, sites=" AND ".join(parts))
    moments = {"from": window.start_ms, "to": window.end_ms}
    # ten digits: the engine takes fewer for no time
    parameters |= {moment: f"{ms // 1_000:010}" for moment, ms in moments.items()}
    return engine.query(query.sql, parameters)
