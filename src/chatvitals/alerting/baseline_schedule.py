"""Capturing baselines by the clock: at each multiple of so many hours, what was measured in the day before."""

import asyncio
from uuid import UUID, uuid5

import structlog

from chatvitals.alerting.baselines import Capture, capture
from chatvitals.alerting.pace import Pace
from chatvitals.query.figures import Source
from chatvitals.query.request import Window
from chatvitals.store.control.baselines import Baselines

log = structlog.get_logger()

SCHEDULED = "scheduled"
"""The name that these have."""

_NAMESPACE = UUID("6f1c0c1e-3f0f-4c7e-9a53-0d8a4a5be6b1")
_HOUR_MS = 3_600_000
_WINDOW_MS = 24 * _HOUR_MS
_SETTLED_MS = 300_000
"""How long after the end of a window it is captured: most late events are there by then."""
_LOOKS_EVERY_S = 60.0


class BaselineSchedule:
    """Captures every `every_hours`, 0 for never, and keeps the newest `kept` captures.

    Whichever server of several comes first captures: the ids of a capture follow from its time.
    """

    def __init__(self, source: Source, baselines: Baselines, pace: Pace, *, every_hours: int, kept: int) -> None:
        self._source = source
        self._baselines = baselines
        self._pace = pace
        self._every_ms = every_hours * _HOUR_MS
        self._kept = kept
        self._woken = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Capture what is due, from now on."""
        if self._every_ms:
            self._task = asyncio.create_task(self._go_on(), name="baselines")

    async def close(self) -> None:
        """End; a capture that is under way is finished first."""
        self._closing = True
        self._woken.set()
        if self._task is not None:
            await self._task

    async def _go_on(self) -> None:
        while not self._closing:
            try:
                await self._pace.work(lambda: self.capture_due(self._pace.now_ms()))
            except Exception as error:  # the store may be away for a while
                log.error("baselines not captured", error=str(error))
            await self._pace.wait(self._woken, _LOOKS_EVERY_S)

    def capture_due(self, now_ms: int) -> int:
        """Capture, if a time for it has come and nobody did yet; returns how many baselines. Raises EngineError."""
        due_ms = (now_ms - _SETTLED_MS) // self._every_ms * self._every_ms
        newest_ms = self._baselines.newest_ms(SCHEDULED)
        if newest_ms is not None and newest_ms >= due_ms:
            return 0
        wanted = Capture(name=SCHEDULED, window=Window(due_ms - _WINDOW_MS, due_ms), captured_ms=due_ms)
        captured = capture(self._source, wanted, lambda *place: str(uuid5(_NAMESPACE, f"{due_ms} {place}")))
        if not captured or not self._baselines.add(captured):
            return 0
        self._baselines.keep_newest(SCHEDULED, self._kept)
        log.info("baselines captured", baselines=len(captured))
        return len(captured)
