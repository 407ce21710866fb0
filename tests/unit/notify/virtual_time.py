"""Time that a test moves: a clock, and waits that end when it has come far enough."""

import asyncio

from tests.support.notifications import NOW_MS


class VirtualTime:
    """`wait` is what a Postman waits with; `advance` moves the clock from one wait's end to the next."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS
        self._waiting: dict[asyncio.Event, int] = {}
        self._for: dict[asyncio.Event, asyncio.Event] = {}

    def __call__(self) -> int:
        return self.now_ms

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        over = asyncio.Event()
        self._waiting[over] = self.now_ms + max(1, round(1_000 * seconds))
        self._for[over] = event
        tasks = [asyncio.create_task(event.wait()), asyncio.create_task(over.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.pop(over, None)
            del self._for[over]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    @property
    def waits(self) -> int:
        """How many wait."""
        return len(self._for)

    @property
    def all_wait(self) -> bool:
        """Whether somebody waits, and nobody has a reason to go on."""
        return bool(self._for) and all(
            over in self._waiting and not event.is_set() for over, event in self._for.items()
        )

    def next_ms(self) -> int | None:
        """When the next wait ends."""
        return min(self._waiting.values(), default=None)

    def move(self, to_ms: int) -> None:
        """Let it be so late, and end the waits until then."""
        self.now_ms = max(self.now_ms, to_ms)
        for over, at_ms in list(self._waiting.items()):
            if at_ms <= self.now_ms:
                over.set()
                del self._waiting[over]
