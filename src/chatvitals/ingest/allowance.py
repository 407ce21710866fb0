"""How many events a key may send: a token bucket for each key."""

import time
from collections.abc import Callable

BURST_S = 10.0


class Allowance:
    """`rate` events a second for each key, and up to ten seconds' worth at once. Only known keys come here."""

    def __init__(self, rate: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, key: str, events: int) -> float:
        """Take `events` from the key's allowance: 0.0 if it had them, else none and the seconds until it will."""
        now = self._monotonic()
        left, since = self._left.get(key, (self._rate * BURST_S, now))
        left = min(self._rate * BURST_S, left + (now - since) * self._rate)
        granted = left >= min(events, self._rate * BURST_S)
        self._left[key] = (left - events if granted else left, now)
        return 0.0 if granted else (events - left) / self._rate
