"""How many events a second come to the events store now."""

from collections import deque

from chatvitals.clock import Clock

SPAN_MS = 10_000
_MOST = 1_024


class Throughput:
    """Of the last ten seconds. Counted on the event loop, asked from anywhere."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._written: deque[tuple[int, int]] = deque(maxlen=_MOST)

    def add(self, events: int) -> None:
        """So many were written just now."""
        self._written.append((self._clock(), events))

    def per_second(self) -> float:
        """Their mean over the span."""
        since = self._clock() - SPAN_MS
        return sum(events for moment, events in tuple(self._written) if moment > since) / (SPAN_MS / 1_000)
