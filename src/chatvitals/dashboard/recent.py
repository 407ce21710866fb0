"""Answers that pages may share for a while: sparklines, names of values, marks."""

import math
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

_MOST = 100
"""A list of 5,000 customers is some 20 MB."""
_TIMES_ITS_COST = 10
_AT_MOST_S = 60.0


class Recent:
    """Makes each answer once for as long as it is fresh, however many threads ask; the rest wait for the one."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._made: dict[Hashable, tuple[float, Future[Any]]] = {}

    def get(self, key: Hashable, fresh_s: float, make: Callable[[], T]) -> T:
        """What `make` made in the last `fresh_s` seconds, or makes now. Raises what it raises, which isn't kept."""
        return self._get(key, lambda _: fresh_s, make)

    def by_cost(self, key: Hashable, make: Callable[[], T]) -> T:
        """The same, fresh for ten times as long as it took to make, at most a minute: what is cheap is always new, and
        what isn't takes no more than a tenth of the time."""
        return self._get(key, lambda took_s: min(_AT_MOST_S, _TIMES_ITS_COST * took_s), make)

    def _get(self, key: Hashable, fresh_s: Callable[[float], float], make: Callable[[], T]) -> T:
        with self._lock:
            self._forget()
            _, future = self._made.get(key, (0.0, None))
            mine = future is None
            if future is None:
                future = Future()
                self._made[key] = (math.inf, future)
        if mine:
            started = self._monotonic()
            try:
                future.set_result(make())
                self._keep(key, future, fresh_s(self._monotonic() - started))
            except BaseException as error:
                future.set_exception(error)
                self._keep(key, future, 0.0)
        result: T = future.result()
        return result

    def _keep(self, key: Hashable, future: "Future[Any]", fresh_s: float) -> None:
        """An answer that took long is as fresh as one that didn't, and nobody makes it again meanwhile."""
        with self._lock:
            if self._made.get(key, (0.0, None))[1] is future:
                self._made[key] = (self._monotonic() + fresh_s, future)

    def _forget(self) -> None:
        """Let go of what isn't fresh any more, and of the oldest where there is too much: answers may be large."""
        now = self._monotonic()
        self._made = {key: kept for key, kept in self._made.items() if kept[0] > now}
        while len(self._made) >= _MOST:
            del self._made[next(iter(self._made))]


def fresh_for_s(window_ms: int) -> float:
    """How long an answer about a window of this length may be shared: a thousandth of it moves no figure much."""
    return min(30.0, max(2.0, window_ms / 1_000_000))
