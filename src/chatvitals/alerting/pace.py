"""How the loop spends time: it waits, and has work done that blocks. Tests have a pace of their own."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol, TypeVar

from chatvitals.clock import Clock

T = TypeVar("T")

THREADS = 8
"""Two lanes of rules, notifications, cleaning, the lease, what is watched, baselines: none waits for another's."""


class Pace(Protocol):
    """Time as it passes."""

    def now_ms(self) -> int:
        """The time, Unix milliseconds. It may jump."""

    def elapsed_s(self) -> float:
        """Seconds since some moment. They don't jump."""

    async def wait(self, woken: asyncio.Event, longest_s: float) -> None:
        """Until the event is set, which is cleared then, or the time is over."""

    async def work(self, function: Callable[[], T]) -> T:
        """What a function that blocks returns."""


class RealPace:
    """Waits on the event loop, works in threads of its own: pages that ask much hold up no lease, nor it them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS, "alerting")

    def now_ms(self) -> int:
        """By the clock."""
        return self._clock()

    def elapsed_s(self) -> float:
        """Of the machine."""
        return time.monotonic()

    async def wait(self, woken: asyncio.Event, longest_s: float) -> None:
        """See Pace."""
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), longest_s)
        woken.clear()

    async def work(self, function: Callable[[], T]) -> T:
        """In a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False)
