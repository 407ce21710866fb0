"""Rules that were written over the API, as rows of the control store."""

from msgspec import Struct
from sqlalchemy import Engine, delete, insert, select

from chatvitals.store.control.database import reading
from chatvitals.store.control.tables import ALERT_RULES


class RuleRow(Struct, frozen=True, kw_only=True):
    """A rule as it was given: `document` is JSON. `updated_ms` is Unix milliseconds."""

    name: str
    document: str
    updated_ms: int
    updated_by: str


class AlertRules:
    """Reads and writes them, one a name."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def all(self) -> list[RuleRow]:
        """Every row, by name."""
        with reading(self._database) as connection:
            rows = connection.execute(select(ALERT_RULES).order_by(ALERT_RULES.c.name)).all()
        return [RuleRow(**row._mapping) for row in rows]

    def put(self, row: RuleRow) -> None:
        """Write a row, in the place of an earlier one of its name."""
        with self._database.begin() as connection:
            connection.execute(delete(ALERT_RULES).where(ALERT_RULES.c.name == row.name))
            connection.execute(
                insert(ALERT_RULES).values(
                    name=row.name, document=row.document, updated_ms=row.updated_ms, updated_by=row.updated_by
                )
            )

    def remove(self, name: str) -> bool:
        """Remove a row; False where there is none."""
        with self._database.begin() as connection:
            return connection.execute(delete(ALERT_RULES).where(ALERT_RULES.c.name == name)).rowcount > 0
