"""What the dispatcher reads and writes in the control store: groups, incidents, silences in, groups and letters out."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Engine, bindparam, delete, insert, select

from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.database import reading
from chatvitals.store.control.incidents import Entry, Incident, append_entries, read_dispatchable
from chatvitals.store.control.leases import Lease, guard
from chatvitals.store.control.outbox import Letter, insert_letters
from chatvitals.store.control.silences import Silence, read_in_force
from chatvitals.store.control.tables import NOTIFICATION_GROUPS


class Known(Struct, rename="camel", frozen=True, kw_only=True):
    """What a group told of an incident, until it tells that it resolved.

    `severity` is the gravest that was told. The next escalation waits since `waits_ms`, or not at all while `paused`:
    somebody acknowledged the incident, or it isn't seen. `receivers` are those that it was escalated to.
    """

    severity: Severity
    waits_ms: int
    paused: bool = False
    receivers: tuple[str, ...] = ()


class Group(Struct, rename="camel", frozen=True, kw_only=True):
    """A group, from what it tells first until all that it told has resolved. `known` are incidents by id.

    `way` and `receiver` are those of its route. `first` is the incident that it began with, `ordinal` counts its
    notifications, and `told_ms` is when the route's receiver was told last.
    """

    way: tuple[str, ...]
    receiver: str
    labels: Mapping[str, str]
    first: str
    ordinal: int = 0
    told_ms: int
    known: Mapping[str, Known] = {}


class Standing(Struct, frozen=True):
    """How things stand at a moment: the groups by key, all open incidents and those that groups know, and the silences
    in force."""

    groups: Mapping[str, Group]
    incidents: Sequence[Incident]
    silences: Sequence[Silence]


class Dispatches:
    """The dispatcher's side of the control store."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def read(self, now_ms: int) -> Standing:
        """How things stand."""
        with reading(self._database) as connection:
            groups = _read_groups(connection)
            known = {id for group in groups.values() for id in group.known}
            return Standing(groups, read_dispatchable(connection, known), read_in_force(connection, now_ms))

    def write(
        self,
        lease: Lease,
        groups: Mapping[str, Group | None],
        letters: Sequence[Letter],
        entries: Sequence[tuple[str, Entry]],
    ) -> None:
        """Put down groups, None for those to be forgotten, letters, and entries of timelines: all of it or nothing.

        Raises LeaseLost where another server dispatches.
        """
        rows = [
            {"key": key, "document": msgspec.json.encode(group).decode()}
            for key, group in groups.items()
            if group is not None
        ]
        with self._database.begin() as connection:
            guard(connection, lease)
            if groups:
                one = NOTIFICATION_GROUPS.c.key == bindparam("of_key")
                connection.execute(delete(NOTIFICATION_GROUPS).where(one), [{"of_key": key} for key in groups])
            if rows:
                connection.execute(insert(NOTIFICATION_GROUPS), rows)
            insert_letters(connection, letters)
            append_entries(connection, entries)


def _read_groups(connection: Connection) -> dict[str, Group]:
    rows = connection.execute(select(NOTIFICATION_GROUPS))
    return {row.key: msgspec.json.decode(row.document, type=Group) for row in rows}
