"""What of alerting is removed once it ended long ago, a bounded number of rows at a time."""

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, select

from chatvitals.store.control.leases import Lease, guard
from chatvitals.store.control.tables import INCIDENTS, SILENCES


class Retention:
    """Removes incidents, with their timelines, and silences."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def clean(self, lease: Lease, before_ms: int, limit: int) -> bool:
        """Remove those that ended before then, at most `limit` of each; whether there may be more. Raises LeaseLost."""
        with self._database.begin() as connection:
            guard(connection, lease)
            incidents = _remove(connection, INCIDENTS, INCIDENTS.c.resolved_ms < before_ms, limit)
            silences = _remove(connection, SILENCES, SILENCES.c.ends_ms < before_ms, limit)
        return max(incidents, silences) >= limit


def _remove(connection: Connection, table: Table, chosen: ColumnElement[bool], limit: int) -> int:
    some = select(table.c.id).where(chosen).limit(limit)
    return connection.execute(delete(table).where(table.c.id.in_(some))).rowcount
