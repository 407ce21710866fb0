"""Single events in the words of the wire, where a test says itself what happened."""

from typing import Any

from tests.contract.history import Event
from tests.unit.events import NOW_MS

from chatvitals.query.request import Filters, Question, Window

LENGTH_MS = 600_000
WINDOW = Window(NOW_MS, NOW_MS + LENGTH_MS)

_ANYBODY: Event = {
    "seq": 0,
    "tabId": "t",
    "customer": "acme",
    "release": "4.1.0",
    "variant": "",
    "page": "/",
    "browser": "Chrome 143",
    "os": "Windows",
    "device": "desktop",
    "country": "",
    "sample": 1.0,
    "sessionId": "s",
}


def told(kind: str, **more: Any) -> Event:
    """One event that happened at the window's start, unless `more` says otherwise."""
    return {"kind": kind, "timestamp": NOW_MS, **_ANYBODY, **more}


def about(site: str, filters: Filters | None = None, window: Window = WINDOW) -> Question:
    """A question about one site."""
    return Question(window, {"site": (site,), **(filters or {})})


def starts(session: str, *stages: str, reason: str | None = None, **more: object) -> list[Event]:
    """The events of one start of the widget: each stage 100 ms after the one before."""
    because = {} if reason is None else {"reason": reason}
    return [
        told("boot", stage=stage, sessionId=session, duration=100.0 * place, **more)
        | (because if stage == "failed" else {})
        for place, stage in enumerate(stages)
    ]
