"""Time that passes when a test says so. Work is done at once, in the test's own thread."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

_TURNS = 30
"""Turns of the event loop after which everything that can go on has."""


@dataclass(eq=False)
class _Sleeper:
    until_s: float
    over: asyncio.Event = field(default_factory=asyncio.Event)


class FakePace:
    """A pace, shared by all that live in the same time. `clock_ms` may be set to make the clock jump."""

    def __init__(self, clock_ms: int) -> None:
        self.clock_ms = clock_ms
        self._elapsed_ms = 0
        self._sleepers: list[_Sleeper] = []

    def now_ms(self) -> int:
        return self.clock_ms

    def elapsed_s(self) -> float:
        return self._elapsed_ms / 1_000

    async def wait(self, woken: asyncio.Event, longest_s: float) -> None:
        sleeper = _Sleeper(self.elapsed_s() + longest_s)
        self._sleepers.append(sleeper)
        waits = [asyncio.create_task(event.wait()) for event in (woken, sleeper.over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            self._sleepers.remove(sleeper)
        woken.clear()

    async def work(self, function: Callable[[], T]) -> T:
        return function()

    async def settle(self) -> None:
        """Let everything go on that needn't wait for time."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def pass_s(self, seconds: float) -> None:
        """Let time pass; whoever waits is woken at its moment."""
        end_ms = self._elapsed_ms + round(seconds * 1_000)
        await self.settle()
        while due := min((round(one.until_s * 1_000) for one in self._sleepers), default=None):
            if due > end_ms:
                break
            self._advance(due)
            for sleeper in self._sleepers:
                if round(sleeper.until_s * 1_000) <= due:
                    sleeper.over.set()
            await self.settle()
        self._advance(end_ms)

    def _advance(self, to_ms: int) -> None:
        self.clock_ms += max(0, to_ms - self._elapsed_ms)
        self._elapsed_ms = max(self._elapsed_ms, to_ms)
