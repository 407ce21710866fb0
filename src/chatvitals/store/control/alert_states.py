"""Where alerts stand, and what rules found at their last evaluation, as rows of the control store.

Only alerts that are not inactive have a row. Documents are JSON of whoever evaluates.
"""

from collections.abc import Sequence

from msgspec import Struct, structs
from sqlalchemy import Connection, Engine, bindparam, delete, insert, select

from chatvitals.store.control.database import reading
from chatvitals.store.control.tables import ALERT_STATES, RULE_TICKS


class StateRow(Struct, frozen=True):
    """An alert, by its rule and the JSON of its key."""

    rule: str
    key: str
    document: str


class TickRow(Struct, frozen=True):
    """A rule's last evaluation."""

    rule: str
    document: str


class AlertStates:
    """Reads them."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def states(self, rule: str | None = None, limit: int | None = None) -> list[StateRow]:
        """Every alert that is not inactive, or those of one rule, by rule and key; at most `limit`."""
        columns = ALERT_STATES.c
        query = select(columns.rule, columns.key, columns.document).order_by(columns.rule, columns.key).limit(limit)
        if rule is not None:
            query = query.where(columns.rule == rule)
        with reading(self._database) as connection:
            return [StateRow(*row) for row in connection.execute(query)]

    def ticks(self, rule: str | None = None) -> list[TickRow]:
        """The last evaluation of every rule, or of one, by rule."""
        query = select(RULE_TICKS.c.rule, RULE_TICKS.c.document).order_by(RULE_TICKS.c.rule)
        if rule is not None:
            query = query.where(RULE_TICKS.c.rule == rule)
        with reading(self._database) as connection:
            return [TickRow(*row) for row in connection.execute(query)]


def put_states(connection: Connection, rows: Sequence[StateRow], gone: Sequence[tuple[str, str]] = ()) -> None:
    """Insert or replace rows, and delete those of the rules and keys that are gone."""
    replaced = [{"of_rule": row.rule, "of_key": row.key} for row in rows]
    replaced += [{"of_rule": rule, "of_key": key} for rule, key in gone]
    if replaced:
        columns = ALERT_STATES.c
        one = (columns.rule == bindparam("of_rule")) & (columns.key == bindparam("of_key"))
        connection.execute(delete(ALERT_STATES).where(one), replaced)
    if rows:
        connection.execute(insert(ALERT_STATES), [structs.asdict(row) for row in rows])


def put_ticks(connection: Connection, rows: Sequence[TickRow], gone: Sequence[str] = ()) -> None:
    """Insert or replace rows, and delete those of the rules that are gone."""
    replaced = [{"of_rule": rule} for rule in (*(row.rule for row in rows), *gone)]
    if replaced:
        connection.execute(delete(RULE_TICKS).where(RULE_TICKS.c.rule == bindparam("of_rule")), replaced)
    if rows:
        connection.execute(insert(RULE_TICKS), [structs.asdict(row) for row in rows])
