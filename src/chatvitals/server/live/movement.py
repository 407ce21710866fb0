"""Tells those who wait that there may be something new: events were written, or somebody did something."""

import asyncio


class Movement:
    """A number that grows; of one event loop."""

    def __init__(self) -> None:
        self.number = 0
        self._moved = asyncio.Event()

    def tell(self) -> None:
        """Something is new."""
        self.number += 1
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, seen: int, timeout_s: float) -> None:
        """Return once the number is another than `seen`, or after `timeout_s`."""
        if self.number != seen:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._moved.wait()
        except TimeoutError:
            return
