"""Identical questions within a second share one query."""

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

FRESH_S = 1.0
_THREADS = 6


class Answers:
    """Runs questions in threads; whoever asks the same while one is under way, or a second after, gets its answer.

    The threads are its own: what takes long keeps nobody from writing events or delivering alerts.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._threads = ThreadPoolExecutor(_THREADS, "answers")
        self._asked: dict[Hashable, tuple[float, asyncio.Task[Any]]] = {}

    async def ask(self, key: Hashable, answer: Callable[[], T]) -> T:
        """The answer to the question that `key` names. Raises what `answer` raises."""
        now = self._monotonic()
        since, task = self._asked.get(key, (0.0, None))
        if task is None or (task.done() and (now - since > FRESH_S or task.cancelled() or task.exception())):
            self._forget_old(now)
            task = asyncio.create_task(self._in_thread(answer))
            self._asked[key] = (now, task)
        result: T = await asyncio.shield(task)
        return result

    async def _in_thread(self, answer: Callable[[], T]) -> T:
        """As a task, so that what still waits for a thread when the server stops is cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, answer)

    def _forget_old(self, now: float) -> None:
        """Let go of what isn't fresh any more: answers may be large."""
        self._asked = {
            key: (since, task)
            for key, (since, task) in self._asked.items()
            if not task.done() or now - since <= FRESH_S
        }
