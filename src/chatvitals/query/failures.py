"""What goes wrong in widgets, grouped: their errors by type and fingerprint, operations by what failed and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from chatvitals.catalogue.measures import Measure
from chatvitals.query.buckets import Steps
from chatvitals.query.build import WHOLE, Grouping, Query, from_file
from chatvitals.query.request import Question
from chatvitals.query.tally import tally_all, tally_by
from chatvitals.store.events.engine import Engine, Parameter

Source = Literal["error", "persistence", "restoration", "api", "connection", "tabSync"]
"""The kinds of event that can tell that something went wrong."""

SOURCES: tuple[Source, ...] = get_args(Source)

MOST_GROUPS = 2_000
STEPS = 30
PARTS = ("release", "browser", "customer", "page")
"""The dimensions that a group is broken down by."""

_MOST_PARTS = 10
_MOST_SESSIONS = 20
_MOST_MESSAGES = 5
_STARTED = Measure("started", "boot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One group.

    `events` and what is handled count what the events stand for; `customers` and `sessions` are those touched.
    `releases` and `browsers` come most events first, `first_release` is the one of the earliest event. `steps` are the
    events over time, from the window's start on.
    """

    id: str
    kind: Source
    type: str
    place: str
    fingerprint: str
    message: str
    events: float
    sessions: int
    customers: int
    handled: float
    unhandled: float
    first_ms: int
    last_ms: int
    first_release: str
    releases: tuple[str, ...]
    browsers: tuple[str, ...]
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A group in one value of a dimension; `started` are the sessions that started the widget there."""

    value: str
    events: float
    sessions: int
    started: int


@dataclass(frozen=True, slots=True)
class StruckSession:
    """A session that a group occurred in; `session` is its hash."""

    site: str
    session: int
    events: float
    last_ms: int
    customer: str
    release: str
    browser: str
    page: str


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """Where a group occurs: by dimension, in which sessions, and its messages with their events."""

    parts: dict[str, tuple[Part, ...]]
    sessions: tuple[StruckSession, ...]
    messages: tuple[tuple[str, float], ...]


def find_failures(engine: Engine, question: Question, sources: tuple[Source, ...] = SOURCES) -> list[Failure]:
    """The groups of a window, those with the most events first, at most MOST_GROUPS. Raises EngineError."""
    step_ms = max(1, -(-question.window.length_ms // STEPS))
    query = _of_failures("failure_groups", question, sources, Grouping(Steps(step_ms)))
    return [_failure(row) for row in engine.query(query.sql, {**query.parameters, "most": MOST_GROUPS})]


def count_failures(engine: Engine, question: Question, sources: tuple[Source, ...] = SOURCES) -> dict[str, float]:
    """Of each group by its id the events of a window. Raises EngineError."""
    query = _of_failures("failure_counts", question, sources)
    return {row["id"]: row["events"] for row in engine.query(query.sql, query.parameters)}


def count_started(engine: Engine, question: Question) -> int:
    """The sessions that started the widget; 0 where widgets don't tell. Raises EngineError."""
    return tally_all(engine, question, (_STARTED,)).sessions


def describe_failure(engine: Engine, question: Question, failure: Failure) -> FailureDetail:
    """Where one group occurs. Raises EngineError."""

    def rows(name: str, most: int) -> list[dict[str, Any]]:
        query = _of_failures(name, question, (failure.kind,))
        asked: Mapping[str, Parameter] = {**query.parameters, "group": failure.id, "most": most}
        return engine.query(query.sql, asked)

    parts: dict[str, tuple[Part, ...]] = dict.fromkeys(PARTS, ())
    started = {dimension: tally_by(engine, question, (_STARTED,), dimension) for dimension in PARTS}
    for row in rows("failure_parts", _MOST_PARTS):
        dimension, value = row["dimension"], row["value"]
        there = started[dimension].get((value,))
        part = Part(value, row["events"], row["sessions"], there.sessions if there else 0)
        parts[dimension] = (*parts[dimension], part)
    return FailureDetail(
        parts,
        tuple(StruckSession(**row) for row in rows("failure_sessions", _MOST_SESSIONS)),
        tuple((row["message"], row["events"]) for row in rows("failure_messages", _MOST_MESSAGES)),
    )


def _of_failures(name: str, question: Question, sources: tuple[Source, ...], grouping: Grouping = WHOLE) -> Query:
    """A query over what went wrong; `sources` are names from the catalogue."""
    told = " OR ".join(
        "kind = 'error'" if source == "error" else f"kind = '{source}' AND success = 0" for source in sources
    )
    failures = from_file("failures", question, grouping, sources=f"({told})")
    return Query(from_file(name, question, grouping, failures=failures.sql).sql, failures.parameters)


def _failure(row: dict[str, Any]) -> Failure:
    steps = [0.0] * STEPS
    for bucket, events in zip(row.pop("buckets"), row.pop("bucket_events"), strict=True):
        steps[bucket] = events
    known = Failure.__slots__
    lists = {name: tuple(row[name]) for name in ("releases", "browsers")}
    return Failure(**{name: row[name] for name in known if name in row} | lists | {"steps": tuple(steps)})
