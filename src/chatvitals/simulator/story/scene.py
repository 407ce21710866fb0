"""A scene: one page in one tab, to which the story's events are told."""

from typing import Any

from chatvitals.simulator.dice import Dice
from chatvitals.simulator.story.session import PageVisit, Session, Tab

Event = dict[str, Any]
"""An event by the names of the wire. Its `timestamp` counts from the simulation's start until it is sent."""


class Scene:
    """Collects what happens on one page in one tab; what would come after the page is left never happens."""

    __slots__ = ("dice", "ends_ms", "events", "page", "session", "starts_ms", "tab")

    def __init__(self, session: Session, tab: Tab, page: PageVisit, starts_ms: float) -> None:
        self.session = session
        self.tab = tab
        self.page = page
        self.starts_ms = starts_ms
        self.ends_ms = page.ends_ms
        self.events: list[Event] = []
        self.dice: Dice = session.dice

    def tell(self, at_ms: float, kind: str, **fields: Any) -> None:
        """Add an event of `kind`, unless the page is left by then."""
        if at_ms < self.ends_ms:
            self.events.append({"kind": kind, "timestamp": int(at_ms), **fields})
