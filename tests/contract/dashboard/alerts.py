"""Incidents, letters and silences in the control store of a test's dashboard."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace
from tests.contract.telling import WINDOW
from tests.unit.alerting.situations import account, alert

from chatvitals.alerting.incidents import open_incident
from chatvitals.alerting.routing.notifications import make_notification
from chatvitals.catalogue.severities import Severity
from chatvitals.notify.message import Reason
from chatvitals.notify.writing import encode
from chatvitals.store.control.database import open_database
from chatvitals.store.control.dispatches import Group
from chatvitals.store.control.incidents import Incident, Update, put_updates
from chatvitals.store.control.outbox import Letter, insert_letters

OPENED_MS = WINDOW.start_ms


class Desk:
    """Puts things down as evaluation and dispatch do."""

    def __init__(self, directory: Path) -> None:
        self._database = open_database(f"sqlite:///{directory / 'control.sqlite'}")

    def open(
        self, id: str, opened_ms: int = OPENED_MS, severity: Severity = Severity.WARNING, **changes: Any
    ) -> Incident:
        """Open an incident of an alert of its own."""
        update = open_incident(alert(severity=severity), account(), id, opened_ms)
        made = replace(update.incident, fingerprint=id, **changes)
        with self._database.begin() as connection:
            put_updates(connection, [Update(made, update.entry)])
        return made

    def write(self, id: str, incident: Incident, channel: str = "email", created_ms: int = OPENED_MS) -> None:
        """Put a letter about an incident into the outbox."""
        group = Group(way=(), receiver="on-call", labels={"site": "shop"}, first=incident.id, told_ms=0)
        told = make_notification("key", group, "on-call", Reason.OPENED, [incident], created_ms)
        letter = Letter(
            id=id,
            notification=told.id,
            receiver="on-call",
            channel=channel,
            thread=told.thread,
            created_ms=created_ms,
            due_ms=created_ms,
            document=encode(told),
        )
        with self._database.begin() as connection:
            insert_letters(connection, [letter])

    def close(self) -> None:
        """Be done."""
        self._database.dispose()
