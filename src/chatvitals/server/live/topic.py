"""What several viewers look at together: made once for all of them, again as things change."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import NamedTuple

import structlog

from chatvitals.dashboard.rendering import Fragment
from chatvitals.errors import EngineError, RequestError
from chatvitals.server.live.movement import Movement

log = structlog.get_logger()

SHORTEST_S = 1.0
"""Nothing is made more often than this, unless told otherwise."""
LONGEST_S = 15.0
"""And nothing less often, because windows move on by themselves."""
_REST = 3.0
"""After making something that takes long, a topic rests so many times as long."""

Pieces = dict[str, Fragment]
"""By the name under which a viewer keeps each."""


class Made(NamedTuple):
    """What there is to see, made at `at_ms`; or why there isn't."""

    at_ms: int
    pieces: Pieces
    problem: str = ""


class Topic:
    """Runs while it has viewers; each is stirred when there is something new.

    What is being made when the last one leaves is made to its end: a thread can't be stopped, and so keeps its turn.
    """

    def __init__(
        self,
        make: Callable[[], Awaitable[Pieces]],
        clock: Callable[[], int],
        movement: Movement,
        turn: asyncio.Semaphore,
        shortest_s: float,
    ) -> None:
        self._shortest_s = shortest_s
        self.made: Made | None = None
        self._make = make
        self._clock = clock
        self._movement = movement
        self._turn = turn
        self._viewers: set[Callable[[], None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._making = False

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def join(self, stir: Callable[[], None]) -> None:
        """Have `stir` called for each news."""
        self._viewers.add(stir)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="live topic")

    def leave(self, stir: Callable[[], None]) -> None:
        """Have it called no more; with the last viewer the work ends."""
        self._viewers.discard(stir)
        if not self._viewers and self._task is not None and not self._making:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            seen = self._movement.number
            async with self._turn:
                started = time.monotonic()
                self._making = True
                self.made = await self._try()
                self._making = False
                took = time.monotonic() - started
            if not self._viewers:
                self._task = None
                return
            for stir in tuple(self._viewers):
                stir()
            await asyncio.sleep(max(self._shortest_s - took, _REST * took))
            await self._movement.wait(seen, LONGEST_S)

    async def _try(self) -> Made:
        at_ms = self._clock()
        try:
            return Made(at_ms, await self._make())
        except RequestError as error:
            return Made(at_ms, {}, str(error))
        except EngineError as error:
            log.error("a live page could not be made", error=str(error))
            return Made(at_ms, {}, "the events store could not answer this")
        except Exception:  # the topic must outlive any mistake in one making: it is said, and tried again
            log.exception("unexpected error in a live page")
            return Made(at_ms, {}, "the server made a mistake; its log says more")


class Topics:
    """Those that somebody looks at, by what is looked at."""

    def __init__(
        self,
        clock: Callable[[], int],
        movement: Movement,
        *,
        at_once: int = 2,
        shortest_s: float = SHORTEST_S,
    ) -> None:
        """At most `at_once` are made at the same time, and none twice within `shortest_s`."""
        self._shortest_s = shortest_s
        self._clock = clock
        self._movement = movement
        self._turn = asyncio.Semaphore(at_once)
        self._topics: dict[Hashable, Topic] = {}

    def __len__(self) -> int:
        return len(self._topics)

    def join(self, key: Hashable, make: Callable[[], Awaitable[Pieces]], stir: Callable[[], None]) -> Topic:
        """Look at something; `make` is used where nobody does yet."""
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = Topic(make, self._clock, self._movement, self._turn, self._shortest_s)
        topic.join(stir)
        return topic

    def leave(self, key: Hashable, stir: Callable[[], None]) -> None:
        """Look away."""
        topic = self._topics.get(key)
        if topic is not None:
            topic.leave(stir)
            if not topic.viewers:
                del self._topics[key]
