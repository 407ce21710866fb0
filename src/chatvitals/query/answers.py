"""Identical questions at the same time, or soon after, share one query."""

import asyncio
import math
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

FRESH_S = 1.0
_THREADS = 6


@dataclass(slots=True)
class _Asked:
    """An answer that is under way, and has no end yet, or there."""

    task: asyncio.Task[Any]
    fresh_until: float = math.inf


class Answers:
    """Runs questions in threads; whoever asks the same while one is under way, or a second after, gets its answer.

    What took longer than a second may be had for as long as it took: who comes back for it must find it.

    The threads are its own: what takes long keeps nobody from writing events or delivering alerts.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._threads = ThreadPoolExecutor(_THREADS, "answers")
        self._asked: dict[Hashable, _Asked] = {}

    async def ask(self, key: Hashable, answer: Callable[[], T]) -> T:
        """The answer to the question that `key` names. Raises what `answer` raises, which isn't kept."""
        self._forget_old()
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = _Asked(asyncio.create_task(self._in_thread(answer)))
            asked.task.add_done_callback(self._keeper(asked))
        result: T = await asyncio.shield(asked.task)
        return result

    async def _in_thread(self, answer: Callable[[], T]) -> T:
        """As a task, so that what still waits for a thread when the server stops is cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, answer)

    def _keeper(self, asked: _Asked) -> Callable[[asyncio.Task[Any]], None]:
        began = self._monotonic()

        def keep(task: asyncio.Task[Any]) -> None:
            ended = self._monotonic()
            failed = task.cancelled() or task.exception() is not None
            asked.fresh_until = -math.inf if failed else ended + max(FRESH_S, ended - began)

        return keep

    def _forget_old(self) -> None:
        """Let go of what isn't fresh any more: answers may be large."""
        now = self._monotonic()
        self._asked = {key: asked for key, asked in self._asked.items() if asked.fresh_until >= now}
