"""Sessions written down event by event, for the tests of their stories."""

from collections import defaultdict
from typing import Any

import msgspec
from tests.unit.events import NOW_MS

from chatvitals.catalogue.kinds import AnyEvent
from chatvitals.dashboard.story.moment import Moment
from chatvitals.dashboard.story.story import Story, tell_story
from chatvitals.query.session_events import SessionEvent, SessionRecord

CONVERSATION = "#00000000000000aa"


class Script:
    """Events of one session as the store gives them; each tab's ordinals go up by one unless told otherwise."""

    def __init__(self) -> None:
        self.events: list[SessionEvent] = []
        self._seqs: defaultdict[int, int] = defaultdict(int)

    def say(
        self,
        after_ms: int,
        kind: str,
        *,
        tab: int = 1,
        page: str = "/",
        seq: int | None = None,
        skew_ms: int = 0,
        by_back_end: bool = False,
        **fields: Any,
    ) -> None:
        """Add an event `after_ms` after noon; `skew_ms` is what its delivery corrected its clock by."""
        ordinal = self._seqs[tab] if seq is None else seq
        self._seqs[tab] = ordinal + 1
        event: AnyEvent = msgspec.convert(
            {"kind": kind, "timestamp": NOW_MS + after_ms, "seq": ordinal, **fields}, AnyEvent
        )
        self.events.append(SessionEvent(NOW_MS + after_ms, skew_ms, tab, page, event, by_back_end))

    def message(self, after_ms: int, stage: str, ordinal: int, **more: Any) -> None:
        """A step of a message of the one conversation."""
        self.say(after_ms, "message", stage=stage, ordinal=ordinal, conversationId=CONVERSATION, **more)

    def back_end_has(self, after_ms: int, ordinal: int) -> None:
        """The back end tells that it has a message."""
        self.message(after_ms, "received", ordinal, tab=0, page="", seq=-1, by_back_end=True)

    def save(self, after_ms: int, error: str = "", **more: Any) -> None:
        """A save to localStorage."""
        failed: dict[str, Any] = {"errorType": error} if error else {}
        self.say(
            after_ms,
            "persistence",
            operation="save",
            success=not error,
            duration=3,
            storage="localStorage",
            **failed,
            **more,
        )

    def loss(self, after_ms: int, hop: str, lost: int, first: int | None = None, **more: Any) -> None:
        """A loss, with the ordinals from `first` on where it is given."""
        ordinals = {} if first is None else {"firstSeq": first, "lastSeq": first + lost - 1}
        self.say(after_ms, "loss", conversationId=CONVERSATION, hop=hop, lost=lost, **{**ordinals, **more})

    def record(self, offset: int = 0, total: int | None = None) -> SessionRecord:
        """The record of it, in the order of the corrected clock, as the store has it."""
        events = sorted(self.events, key=lambda event: event.at_ms)
        dimensions = {"browser": "Safari 17"}
        return SessionRecord("shop", (1,), dimensions, tuple(events), offset, total or offset + len(events))

    def story(self) -> Story:
        """The story of it."""
        return tell_story(self.record())


def said(moments: tuple[Moment, ...] | list[Moment]) -> list[str]:
    """The words of moments."""
    return [moment.words for moment in moments]
