"""What waits to be sent, with a bound, between the threads that record and the one that sends; and what became of it.

Each event that was recorded ends as one that was sent or as one that was dropped, by its reason.
"""

from collections import Counter, deque
from threading import Condition
from typing import NamedTuple

from chatvitals.client.entry import Entry

MOST_EVENTS = 500
MOST_BYTES = 500_000
"""At most so many events and bytes are taken out at once, and so travel in one batch."""

GATHER_S = 1.0
"""How long an event waits for others to travel with."""


class Account(NamedTuple):
    """Events whose fate is known: sent, and dropped by reason."""

    sent: int
    dropped: dict[str, int]


class Outbox:
    """A queue of at most `limit` entries. Nothing here waits but `take`, `pause` and `wait_done`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._worth_it = min(limit, MOST_EVENTS)
        # Its lock may be taken again by who has it: a signal handler may record while its thread does.
        self._changed = Condition()
        self._waiting: deque[Entry] = deque()
        self._put = 0
        self._done = 0
        self._hurried = 0
        self._closed = False
        self._tried_last = False
        self._abandoned = False
        self._sent = 0
        self._dropped: Counter[str] = Counter()
        self._told_sent = 0
        self._told_dropped: Counter[str] = Counter()
        self._told_lost = 0

    # for those who record

    def put(self, entry: Entry) -> str | None:
        """Let an entry wait. Returns why it was dropped instead, None where it wasn't."""
        with self._changed:
            reason = "closed" if self._closed else "full" if len(self._waiting) >= self._limit else None
            if reason is not None:
                self._dropped[reason] += 1
                return reason
            self._waiting.append(entry)
            self._put += 1
            if len(self._waiting) in (1, self._worth_it):  # the two that `take` waits for
                self._changed.notify_all()
            return None

    @property
    def sent(self) -> int:
        """Events that the server took."""
        with self._changed:
            return self._sent

    @property
    def dropped(self) -> dict[str, int]:
        """Events that are lost, by reason."""
        with self._changed:
            return dict(self._dropped)

    def wait_done(self, timeout_s: float) -> bool:
        """Wait until the fate of everything put before is known; True where it is."""
        with self._changed:
            put = self._put
            self._hurried = put
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._done >= put, timeout_s)

    def lost_any(self) -> bool:
        """Whether events were dropped since this was asked last."""
        with self._changed:
            before, self._told_lost = self._told_lost, self._dropped.total()
            return self._told_lost > before

    def close(self) -> None:
        """Take nothing more in; what is there is hurried."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Give up on what is there: nothing waits any longer, and what waited is dropped."""
        with self._changed:
            self._closed = self._abandoned = True
            self._drop("unsent", len(self._waiting))
            self._waiting.clear()
            self._changed.notify_all()

    # for the one that sends

    def take(self) -> list[Entry]:
        """Wait for entries and for others to join them, and take the oldest out. No entries mean closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            self._changed.wait_for(self._enough, GATHER_S)
            taken: list[Entry] = []
            size = 0
            while self._waiting and len(taken) < MOST_EVENTS and size < MOST_BYTES:
                taken.append(self._waiting.popleft())
                size += len(taken[-1].event)
            return taken

    def _enough(self) -> bool:
        return self._closed or len(self._waiting) >= self._worth_it or self._done < self._hurried

    @property
    def abandoned(self) -> bool:
        """Whether there is no more waiting."""
        return self._abandoned

    def tally(self, sent: int, dropped: dict[str, int]) -> None:
        """Note the fate of events."""
        with self._changed:
            self._sent += sent
            for reason, lost in dropped.items():
                self._drop(reason, lost)

    def _drop(self, reason: str, lost: int) -> None:
        if lost:
            self._dropped[reason] += lost

    def done(self, entries: int) -> None:
        """The fate of so many entries that were taken out is tallied."""
        with self._changed:
            self._done += entries
            self._changed.notify_all()

    def pause(self, seconds: float) -> bool:
        """Wait so long; the first wait that meets a closed box ends at once, for a last try. False once abandoned."""
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._closed > self._tried_last, seconds)
            self._tried_last = self._closed
            return not self._abandoned

    def account(self) -> Account | None:
        """What became known since the last account; None where nothing did."""
        with self._changed:
            sent = self._sent - self._told_sent
            dropped = self._dropped - self._told_dropped
            self._told_sent, self._told_dropped = self._sent, self._dropped.copy()
            return Account(sent, dict(dropped)) if sent or dropped else None
