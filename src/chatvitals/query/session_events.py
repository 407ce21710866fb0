"""All events of one session, or of the journey that it is a part of, as the structs of the catalogue, oldest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from chatvitals.catalogue.columns import FIELDS, KIND_COLUMNS, ColumnType, FieldColumn
from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.catalogue.kinds import KINDS, AnyEvent
from chatvitals.errors import BadRequest
from chatvitals.query.build import from_file
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Engine, Parameter

MOST_EVENTS = 5_000

MOST_SESSIONS = 1_000
"""A conversation that more sessions saw than these, as of a widget that gives all visitors the same id, joins none."""

IDLE_MS = 1_800_000
"""A journey is over when its conversations weren't seen for longer than this."""

_BACK_END_MS = 300_000
"""A back end may tell of a message so long before or after the journey does."""

_OF_JOURNEY = (
    "(session IN {sessions:Array(UInt64)} OR (session = 0 AND conversation IN {conversations:Array(UInt64)}"
    " AND toUnixTimestamp64Milli(ts) BETWEEN {earliest:Int64} AND {latest:Int64}))"
)


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """An event with where it happened. `at_ms` is corrected, Unix ms; the client's own clock said `at_ms - skew_ms`.

    `tab` is the tab's hash, 0 where the sender tells none; `by_back_end` says that it was no browser that told it. Ids
    within the event are hashed.
    """

    at_ms: int
    skew_ms: int
    tab: int
    page: str
    event: AnyEvent
    by_back_end: bool = False

    @property
    def seq(self) -> int:
        """The event's ordinal in its tab, -1 where the sender keeps none."""
        return self.event.seq


@dataclass(frozen=True, slots=True)
class Journey:
    """Sessions that saw the same conversations shortly after each other, oldest first, and these conversations.

    Where a widget gives the SDK no session id, each load of a page is a session, and a journey is several.
    """

    sessions: tuple[int, ...]
    conversations: tuple[int, ...] = ()
    started_ms: int = 0
    ended_ms: int = 0


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """`events` from the one at `offset` on, of `total`; `dimensions` are the values that they tell first."""

    site: str
    sessions: tuple[int, ...]
    dimensions: Mapping[str, str]
    events: tuple[SessionEvent, ...]
    offset: int
    total: int

    @property
    def rest(self) -> int:
        """How many events come after these."""
        return self.total - self.offset - len(self.events)


def find_journey(engine: Engine, question: Question, session: int, most: int = MOST_SESSIONS) -> Journey:
    """The journey that a session is part of; itself alone where no other saw its conversations, or more than `most`
    did. Raises EngineError."""
    query = from_file("session_journey", question)
    rows = engine.query(query.sql, {**query.parameters, "session": session, "limit": most + 1})
    if len(rows) > most:
        return Journey((session,))
    seen = [Journey((row["session"],), tuple(row["conversations"]), row["started"], row["ended"]) for row in rows]
    return next((journey for journey in chain_journeys(seen) if session in journey.sessions), Journey((session,)))


def chain_journeys(sessions: Iterable[Journey]) -> list[Journey]:
    """Visits of one session each, those that follow each other within `IDLE_MS` put together. Pure."""
    journeys: list[Journey] = []
    for one in sorted(sessions, key=lambda journey: (journey.started_ms, journey.sessions)):
        if journeys and one.started_ms <= journeys[-1].ended_ms + IDLE_MS:
            before = journeys.pop()
            one = Journey(
                (*before.sessions, *one.sessions),
                tuple(dict.fromkeys((*before.conversations, *one.conversations))),
                before.started_ms,
                max(before.ended_ms, one.ended_ms),
            )
        journeys.append(one)
    return journeys


def read_session(
    engine: Engine, question: Question, journey: Journey, *, offset: int = 0, limit: int = MOST_EVENTS
) -> SessionRecord | None:
    """The events of a journey's sessions, and what back ends without a session tell of its conversations meanwhile.

    None where the sessions have no events in the question's window. Raises BadRequest, EngineError.
    """
    of_journey: dict[str, Parameter] = {
        "sessions": journey.sessions,
        "conversations": journey.conversations,
        "earliest": journey.started_ms - _BACK_END_MS,
        "latest": journey.ended_ms + _BACK_END_MS,
    }
    counted = from_file("session_sites", question, of_journey=_OF_JOURNEY)
    sites = engine.query(counted.sql, {**counted.parameters, **of_journey})
    if not sites:
        return None
    if len(sites) > 1:
        names = ", ".join(row["site"] for row in sites)
        raise BadRequest(f"this session is known in {len(sites)} sites: filter by one of {names}", "site")
    query = from_file(
        "session_events",
        question.where("site", (sites[0]["site"],)),
        columns=", ".join((*DIMENSION_NAMES, *KIND_COLUMNS)),
        of_journey=_OF_JOURNEY,
    )
    rows = engine.query(query.sql, {**query.parameters, **of_journey, "limit": limit, "offset": offset})
    dimensions = {name: next((row[name] for row in rows if row[name]), "") for name in DIMENSION_NAMES}
    return SessionRecord(sites[0]["site"], journey.sessions, dimensions, _events(rows), offset, sites[0]["events"])


def _events(rows: Sequence[Mapping[str, Any]]) -> tuple[SessionEvent, ...]:
    """Browsers tell their tab; where some of a journey's events have one, those without are the back end's."""
    tabs = any(row["tab"] for row in rows)
    return tuple(
        SessionEvent(
            row["at"],
            row["skew"],
            row["tab"],
            row["page"],
            _event(row),
            row["session"] == 0 or (tabs and not row["tab"]),
        )
        for row in rows
    )


def _event(row: Mapping[str, Any]) -> AnyEvent:
    kind = row["kind"]
    fields = {field.name: _value(field, row[field.column]) for field in FIELDS[kind]}
    if fields.get("dropped"):
        fields["dropped"] = msgspec.json.decode(fields["dropped"])
    return cast(AnyEvent, KINDS[kind](timestamp=row["at"], seq=row["seq"], **fields))


def _value(field: FieldColumn, held: Any) -> Any:
    """A field's value as the struct has it, from what its column holds."""
    match field.type:
        case ColumnType.FLAG:
            return None if held < 0 else bool(held)
        case ColumnType.COUNT | ColumnType.BYTES:
            return None if held < 0 else held
        case ColumnType.HASH:
            return f"#{held:016x}" if held else None
        case ColumnType.LABEL | ColumnType.TEXT:
            return held or (None if not field.required else "")
    return held
