"""Looking again and again at what people may have changed: files, and what other servers wrote."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from chatvitals.alerting.pace import Pace

log = structlog.get_logger()

EVERY_S = 2.0


class Watch:
    """Calls functions that look, one after the other, every two seconds; they may block."""

    def __init__(self, looks: Sequence[Callable[[], object]], pace: Pace) -> None:
        self._looks = looks
        self._pace = pace
        self._stopped = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Look once, so that what is there is in force, and then on and on. What that look raises is raised here."""
        for look in self._looks:
            await self._pace.work(look)
        self._task = asyncio.create_task(self._watch(), name="watch of alerting's files")

    async def close(self) -> None:
        """End; a look that is under way is finished first."""
        self._closing = True
        self._stopped.set()
        if self._task is not None:
            await self._task

    async def _watch(self) -> None:
        said = ""
        while True:
            await self._pace.wait(self._stopped, EVERY_S)
            if self._closing:
                return
            try:
                for look in self._looks:
                    await self._pace.work(look)
                said = ""
            except Exception as error:  # the store may be away for a while
                text = f"{type(error).__name__}: {error}"
                if text != said:
                    log.error("alerting's files and rows not looked at", error=text)
                said = text
