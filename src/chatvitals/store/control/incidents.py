"""Incidents and their timelines, as rows of the control store."""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, ScalarSelect, Select, and_, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from chatvitals.catalogue.severities import Severity
from chatvitals.errors import Conflict
from chatvitals.store.control.database import reading
from chatvitals.store.control.incident_statistics import IncidentStatistics, count_incidents
from chatvitals.store.control.tables import INCIDENT_ENTRIES, INCIDENTS


class IncidentStatus(StrEnum):
    """Where an incident is."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """Open, and somebody has taken it on."""
    RESOLVED = "resolved"


class Blast(Struct, rename="camel", frozen=True):
    """Whom it touches: how many of those that were there. Names are the most touched ones, at most ten."""

    sites: int = 0
    customers: int = 0
    customers_seen: int = 0
    releases: int = 0
    sessions: int = 0
    sessions_seen: int = 0
    site_names: tuple[str, ...] = ()
    customer_names: tuple[str, ...] = ()
    release_names: tuple[str, ...] = ()


class Incident(Struct, rename="camel", frozen=True, kw_only=True):
    """Something that a rule found bad, from its beginning to its end. Times are Unix milliseconds.

    `labels` are the values of the rule's `by` dimensions, the rule's own labels, and `rule`, `category` and `severity`;
    `fingerprint` names rule and key, and only one incident of each is open. `value` and `threshold` are the last ones.
    """

    id: str
    fingerprint: str
    rule: str
    site: str
    category: str
    severity: Severity
    gravest: Severity
    status: IncidentStatus
    revision: int
    title: str
    message: str
    labels: Mapping[str, str]
    value: float | None
    threshold: float | None
    unit: str
    details: Mapping[str, Any] = {}
    blast: Blast = Blast()
    runbook: str = ""
    opened_ms: int
    updated_ms: int
    acknowledged_ms: int | None = None
    acknowledged_by: str = ""
    resolved_ms: int | None = None
    resolved_by: str = ""


class EntryKind(StrEnum):
    """What an entry of a timeline tells."""

    OPENED = "opened"
    UPDATED = "updated"
    ESCALATED = "escalated"
    EASED = "eased"
    ACKNOWLEDGED = "acknowledged"
    RELEASED = "released"
    """Whoever had taken it on gave it back."""
    NOTIFIED = "notified"
    COMMENTED = "commented"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    """Somebody took a resolution by hand back."""


class Entry(Struct, rename="camel", frozen=True, kw_only=True):
    """One line of an incident's timeline: what happened when, by whom (empty: by the rule), and the figures then."""

    at_ms: int
    kind: EntryKind
    who: str = ""
    severity: Severity | None = None
    value: float | None = None
    threshold: float | None = None
    blast: Blast | None = None
    words: str = ""


class Update(Struct, frozen=True):
    """A change of an incident and the line of its timeline that tells it. An incident's first revision is a new one."""

    incident: Incident
    entry: Entry | None


class Wanted(Struct, frozen=True, kw_only=True):
    """Which incidents are asked for: of these statuses and so on, opened from one moment on and before another.

    What is empty asks for any.
    """

    statuses: tuple[IncidentStatus, ...] = ()
    severities: tuple[Severity, ...] = ()
    categories: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    opened_from_ms: int | None = None
    opened_to_ms: int | None = None

    def clause(self) -> ColumnElement[bool]:
        """As a condition on the table."""
        columns = INCIDENTS.c
        choices = (
            (columns.status, self.statuses),
            (columns.severity, self.severities),
            (columns.category, self.categories),
            (columns.rule, self.rules),
            (columns.site, self.sites),
        )
        clauses: list[ColumnElement[bool]] = [column.in_(map(str, values)) for column, values in choices if values]
        if self.opened_from_ms is not None:
            clauses.append(columns.opened_ms >= self.opened_from_ms)
        if self.opened_to_ms is not None:
            clauses.append(columns.opened_ms < self.opened_to_ms)
        return and_(True, *clauses)


_LOOKUP_CHUNK = 1_000
MOST_LINES = 2_000
"""Of a timeline, told at once: an incident that swings for months has tens of thousands."""

OPEN = (IncidentStatus.OPEN, IncidentStatus.ACKNOWLEDGED)
"""The statuses of those that aren't resolved."""


class Incidents:
    """What people ask and do."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def find(self, wanted: Wanted, limit: int, after: str = "", before: str = "") -> list[Incident]:
        """The incidents asked for, newest first; from the one that follows the incident `after` on, or the last ones
        of those that stand before the incident `before`."""
        order = INCIDENTS.c.opened_ms, INCIDENTS.c.id
        query = select(INCIDENTS.c.document).where(wanted.clause()).limit(limit)
        if before:
            query = query.where(tuple_(*order) > _place_of(before)).order_by(*order)
        else:
            query = query.order_by(*(column.desc() for column in order))
        if after:
            query = query.where(tuple_(*order) < _place_of(after))
        with reading(self._database) as connection:
            found = _read(connection, query)
        return found[::-1] if before else found

    def statistics(self, wanted: Wanted) -> IncidentStatistics:
        """Counts and times of the incidents asked for."""
        with reading(self._database) as connection:
            return count_incidents(connection, wanted.clause())

    def get(self, id: str) -> tuple[Incident, list[Entry]] | None:
        """An incident with the last MOST_LINES of its timeline, oldest first; None where there is none of that id."""
        with reading(self._database) as connection:
            found = _read(connection, select(INCIDENTS.c.document).where(INCIDENTS.c.id == id))
            if not found:
                return None
            newest_first = connection.scalars(
                select(INCIDENT_ENTRIES.c.document)
                .where(INCIDENT_ENTRIES.c.incident == id)
                .order_by(INCIDENT_ENTRIES.c.at_ms.desc(), INCIDENT_ENTRIES.c.id.desc())
                .limit(MOST_LINES)
            ).all()
            return found[0], [msgspec.json.decode(line, type=Entry) for line in reversed(newest_first)]

    def change(self, id: str, make: Callable[[Incident], Update]) -> Incident | None:
        """Put down what `make` makes of an incident as it is, and return it; None where there is none of that id.

        Nobody else changes it meanwhile. Raises what `make` raises, and Conflict where it would be the second open
        incident of its alert; and then changes nothing.
        """
        try:
            with self._database.begin() as connection:
                return _change(connection, id, make)
        except IntegrityError as error:
            raise Conflict("another incident of this alert is open by now: see to that one") from error


def _place_of(id: str) -> ScalarSelect[Any]:
    """Where an incident stands in the order of their opening."""
    return select(INCIDENTS.c.opened_ms, INCIDENTS.c.id).where(INCIDENTS.c.id == id).scalar_subquery()


def _change(connection: Connection, id: str, make: Callable[[Incident], Update]) -> Incident | None:
    found = _read(connection, select(INCIDENTS.c.document).where(INCIDENTS.c.id == id).with_for_update())
    if not found:
        return None
    made = make(found[0])
    if made.incident.revision > found[0].revision:
        put_updates(connection, [made])
    elif made.entry is not None:
        append_entries(connection, [(id, made.entry)])
    return made.incident


def read_open(connection: Connection, rules: Collection[str] | None = None) -> list[Incident]:
    """The incidents of these rules, or all, that aren't resolved. Nobody else changes them in this transaction."""
    query = select(INCIDENTS.c.document).where(INCIDENTS.c.open_fingerprint.is_not(None)).order_by(INCIDENTS.c.id)
    if rules is not None:
        query = query.where(INCIDENTS.c.rule.in_(rules))
    return _read(connection, query.with_for_update())


def read_dispatchable(connection: Connection, named: Collection[str]) -> list[Incident]:
    """All incidents that aren't resolved, and those with these ids, whatever became of them."""
    found = _read(connection, select(INCIDENTS.c.document).where(INCIDENTS.c.open_fingerprint.is_not(None)))
    ended = sorted(set(named) - {incident.id for incident in found})
    for start in range(0, len(ended), _LOOKUP_CHUNK):
        some = ended[start : start + _LOOKUP_CHUNK]
        found += _read(connection, select(INCIDENTS.c.document).where(INCIDENTS.c.id.in_(some)))
    return found


def read_resolved_by_hand(connection: Connection, fingerprints: Collection[str], since_ms: int) -> dict[str, Incident]:
    """For each fingerprint the last incident, where somebody resolved it since then."""
    last: dict[str, Incident] = {}
    chosen = sorted(fingerprints)
    for start in range(0, len(chosen), _LOOKUP_CHUNK):
        some = chosen[start : start + _LOOKUP_CHUNK]
        resolved = _read(
            connection,
            select(INCIDENTS.c.document)
            .where(INCIDENTS.c.fingerprint.in_(some), INCIDENTS.c.resolved_ms >= since_ms)
            .order_by(INCIDENTS.c.resolved_ms, INCIDENTS.c.opened_ms),
        )
        last |= {incident.fingerprint: incident for incident in resolved}
    return {fingerprint: incident for fingerprint, incident in last.items() if incident.resolved_by}


def put_updates(connection: Connection, updates: Sequence[Update]) -> None:
    """Replace incidents that changed, insert those that are new, and append to their timelines."""
    for made in updates:
        if made.incident.revision > 1:
            row = _row(made.incident)
            connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == row.pop("id")).values(row))
    new = [_row(made.incident) for made in updates if made.incident.revision == 1]
    if new:
        connection.execute(insert(INCIDENTS), new)
    append_entries(connection, [(made.incident.id, made.entry) for made in updates if made.entry is not None])


def append_entries(connection: Connection, entries: Sequence[tuple[str, Entry]]) -> None:
    """Append to the timelines of incidents, given by their ids."""
    if entries:
        connection.execute(
            insert(INCIDENT_ENTRIES),
            [
                {"incident": id, "at_ms": entry.at_ms, "kind": str(entry.kind), "document": _json(entry)}
                for id, entry in entries
            ],
        )


def _read(connection: Connection, query: Select[str]) -> list[Incident]:
    return [msgspec.json.decode(document, type=Incident) for document in connection.scalars(query)]


_TEXTS = ("id", "fingerprint", "rule", "site", "category", "severity", "status")
_NUMBERS = ("revision", "opened_ms", "updated_ms", "acknowledged_ms", "resolved_ms")


def _row(incident: Incident) -> dict[str, Any]:
    row: dict[str, Any] = {name: str(getattr(incident, name)) for name in _TEXTS}
    row |= {name: getattr(incident, name) for name in _NUMBERS}
    row["open_fingerprint"] = incident.fingerprint if incident.status in OPEN else None
    row["document"] = _json(incident)
    return row


def _json(document: Struct) -> str:
    return msgspec.json.encode(document).decode()
