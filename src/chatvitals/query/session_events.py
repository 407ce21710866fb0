"""All events of one session as the structs of the catalogue, oldest first, in bounded pieces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from chatvitals.catalogue.columns import FIELDS, KIND_COLUMNS, ColumnType, FieldColumn
from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.catalogue.kinds import KINDS, AnyEvent
from chatvitals.errors import BadRequest
from chatvitals.query.build import from_file
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Engine

MOST_EVENTS = 5_000


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """An event with where it happened. `at_ms` is corrected, Unix ms; the client's own clock said `at_ms - skew_ms`.

    `tab` is the tab's hash, 0 where the sender tells none. Ids within the event are hashed.
    """

    at_ms: int
    skew_ms: int
    tab: int
    page: str
    event: AnyEvent

    @property
    def seq(self) -> int:
        """The event's ordinal in its tab, -1 where the sender keeps none."""
        return self.event.seq


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """`events` from the one at `offset` on, of `total`; `dimensions` are the values that they tell first."""

    site: str
    session: int
    dimensions: Mapping[str, str]
    events: tuple[SessionEvent, ...]
    offset: int
    total: int

    @property
    def rest(self) -> int:
        """How many events come after these."""
        return self.total - self.offset - len(self.events)


def read_session(
    engine: Engine, question: Question, session: int, *, offset: int = 0, limit: int = MOST_EVENTS
) -> SessionRecord | None:
    """A session's events in the question's window; None where there are none. Raises BadRequest, EngineError."""
    counted = from_file("session_sites", question)
    sites = engine.query(counted.sql, {**counted.parameters, "session": session})
    if not sites:
        return None
    if len(sites) > 1:
        names = ", ".join(row["site"] for row in sites)
        raise BadRequest(f"this session is known in {len(sites)} sites: filter by one of {names}", "site")
    query = from_file("session_events", question, columns=", ".join((*DIMENSION_NAMES, *KIND_COLUMNS)))
    rows = engine.query(query.sql, {**query.parameters, "session": session, "limit": limit, "offset": offset})
    events = tuple(SessionEvent(row["at"], row["skew"], row["tab"], row["page"], _event(row)) for row in rows)
    dimensions = {name: next((row[name] for row in rows if row[name]), "") for name in DIMENSION_NAMES}
    return SessionRecord(sites[0]["site"], session, dimensions, events, offset, sites[0]["events"])


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
