"""The order in which a session's events happened, by one clock."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median_low

from chatvitals.query.session_events import SessionEvent

SAME_CLOCK_MS = 10_000
"""What corrections of one clock differ by, because requests take different times; more means that it was set."""


def on_one_clock(events: Sequence[SessionEvent]) -> list[SessionEvent]:
    """The events in the order in which they happened.

    Each delivery corrects its clock by itself, so that events of two deliveries can change places by the time that a
    request took. Tabs of a browser share a clock: where its corrections agree, all events get the one in the middle.
    The back end has a clock of its own.
    """
    skews = [event.skew_ms for event in events if not event.by_back_end]
    if skews and max(skews) - min(skews) <= SAME_CLOCK_MS:
        skew = median_low(skews)
        events = [event if event.by_back_end else _corrected(event, skew) for event in events]
    return sorted(events, key=lambda event: (event.at_ms, event.tab, event.seq))


def _corrected(event: SessionEvent, skew_ms: int) -> SessionEvent:
    """The event as it would be had its delivery corrected its clock by this."""
    return replace(event, at_ms=event.at_ms - event.skew_ms + skew_ms, skew_ms=skew_ms)
