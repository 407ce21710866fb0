"""The application without a server, over a control store alone."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import httpx2
from sqlalchemy import Engine

from chatvitals.server.app import Application
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.incidents import Incidents


def client_of(database: Engine, clock: Callable[[], int], **parts: Any) -> httpx2.AsyncClient:
    """A client of an application whose service has these parts, what is in the control store, and nothing else."""
    service = SimpleNamespace(
        ingest=None, clock=clock, incidents=Incidents(database), alert_states=AlertStates(database), **parts
    )
    application = Application(cast("Any", service), token=None)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://localhost")
