"""Answers that pages may share for a while: sparklines, names of values, marks."""

import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

_MOST = 500


class Recent:
    """Makes each answer once for as long as it is fresh, however many threads ask; the rest wait for the one."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._made: dict[Hashable, tuple[float, Future[Any]]] = {}

    def get(self, key: Hashable, fresh_s: float, make: Callable[[], T]) -> T:
        """What `make` made in the last `fresh_s` seconds, or makes now. Raises what it raises, which isn't kept."""
        now = self._monotonic()
        with self._lock:
            until, future = self._made.get(key, (0.0, None))
            mine = future is None or until <= now
            if mine or future is None:
                future = Future()
                self._forget(now)
                self._made[key] = (now + fresh_s, future)
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
                with self._lock:
                    if self._made.get(key, (0.0, None))[1] is future:
                        del self._made[key]
        result: T = future.result()
        return result

    def _forget(self, now: float) -> None:
        if len(self._made) >= _MOST:
            self._made = {key: kept for key, kept in self._made.items() if kept[0] > now}
            while len(self._made) >= _MOST:
                del self._made[next(iter(self._made))]
