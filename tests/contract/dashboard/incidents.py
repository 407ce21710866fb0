"""Incidents in the control store that parts of a dashboard read, as the evaluator would have put them there."""

from pathlib import Path

from chatvitals.dashboard.parts import Parts
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Incident, Update, put_updates


def keep_incident(parts: Parts, incident: Incident) -> None:
    """Put one into the store."""
    database = open_database(f"sqlite:///{Path(parts.settings.data) / 'control.sqlite'}")
    with database.begin() as connection:
        put_updates(connection, [Update(incident, None)])
    database.dispose()
