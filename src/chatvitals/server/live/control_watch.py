"""Sees that something changed in the control store, by whomever, while somebody looks."""

import asyncio

import structlog

from chatvitals.server.live.movement import Movement
from chatvitals.store.control.changes import Changes, Stamp

log = structlog.get_logger()

EVERY_S = 1.0


class ControlWatch:
    """Looks each second from the first viewer's coming to the last one's going."""

    def __init__(self, changes: Changes, movement: Movement) -> None:
        self._changes = changes
        self._movement = movement
        self._viewers = 0
        self._task: asyncio.Task[None] | None = None

    def come(self) -> None:
        """One more looks."""
        self._viewers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="control watch")

    def go(self) -> None:
        """One less."""
        self._viewers -= 1
        if not self._viewers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        last: Stamp | None = None
        while True:
            try:
                stamp = await asyncio.to_thread(self._changes.stamp)
            except Exception:  # a store that fails is said elsewhere; who looks must see what comes after
                log.exception("the control store's changes could not be read")
            else:
                if last is not None and stamp != last:
                    self._movement.tell()
                last = stamp
            await asyncio.sleep(EVERY_S)
