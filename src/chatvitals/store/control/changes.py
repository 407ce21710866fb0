"""Seeing that something changed in the control store, whoever changed it: this process, another one, the evaluation.

What counts is what pages show as it is: incidents with their timelines, silences, rules, the outbox, and saved views.
"""

from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select

from chatvitals.store.control.database import reading
from chatvitals.store.control.outbox import LetterStatus
from chatvitals.store.control.tables import ALERT_RULES, INCIDENT_ENTRIES, OUTBOX, SAVED_VIEWS, SILENCES

Stamp = tuple[int | None, ...]
"""Differs from an earlier one where something changed between the two."""


class Changes:
    """Looks at one control store."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._query = select(*(column.label(f"stamp_{place}") for place, column in enumerate(_facts())))

    def stamp(self) -> Stamp:
        """How things are now: one statement that reads ends of indexes and short tables."""
        with reading(self._database) as connection:
            return tuple(connection.execute(self._query).one())


def _facts() -> list[ColumnElement[Any]]:
    """Numbers of which one changes with every change. Each change of an incident has a line in its timeline."""
    waiting = OUTBOX.c.status == LetterStatus.WAITING.value
    return [
        select(func.max(INCIDENT_ENTRIES.c.id)).scalar_subquery(),
        select(func.count()).select_from(SILENCES).scalar_subquery(),
        select(func.sum(SILENCES.c.ends_ms)).scalar_subquery(),
        select(func.count()).select_from(ALERT_RULES).scalar_subquery(),
        select(func.max(ALERT_RULES.c.updated_ms)).scalar_subquery(),
        select(func.sum(SAVED_VIEWS.c.revision)).where(SAVED_VIEWS.c.removed_ms.is_(None)).scalar_subquery(),
        select(func.count()).select_from(OUTBOX).where(waiting).scalar_subquery(),
        select(func.sum(OUTBOX.c.attempts)).where(waiting).scalar_subquery(),
        *(
            select(func.max(OUTBOX.c.ended_ms)).where(OUTBOX.c.status == status.value).scalar_subquery()
            for status in (LetterStatus.DELIVERED, LetterStatus.DEAD)
        ),
    ]
