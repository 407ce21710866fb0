"""Live traffic: batches go out as beacons when they are due, over a few kept-alive connections."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from math import inf

import msgspec

from chatvitals.simulator.batches import Batch
from chatvitals.simulator.dice import Dice
from chatvitals.simulator.http import Endpoint, HttpConnection
from chatvitals.simulator.sender import HOPELESS, Clock, Fate, HopelessError, Outcome, Request, send
from chatvitals.simulator.truth.recorder import Recorder

PATH = "/api/monitoring/widget"
BACKLOG_BATCHES = 1_000
GRACE_S = 10.0
SHORTEST_SLEEP_S = 0.005
LONGEST_SLEEP_S = 0.2


@dataclass(frozen=True, slots=True)
class Beacons:
    """How batches are put on the wire."""

    key: str
    sample: float
    gzipped: bool
    clock: Clock

    def request(self, batch: Batch) -> Request:
        head = msgspec.json.encode({"key": self.key, "batch": batch.id})[:-1]
        tail = b',"sample":%g,"context":%b,"events":[%b]}' % (
            self.sample,
            batch.context,
            b",".join(batch.events),
        )

        def body() -> bytes:
            return b'%b,"sentAt":%d%b' % (head, self.clock() + batch.skew_ms, tail)

        return Request(PATH, body, "text/plain", self.gzipped)


@dataclass(frozen=True, slots=True)
class Courier:
    """Delivers batches and has written down what became of each."""

    endpoint: Endpoint
    beacons: Beacons
    recorder: Recorder
    clock: Clock
    dice: Dice

    async def work(self, waiting: asyncio.Queue[Batch]) -> None:
        """Deliver what is waiting, one after the other over one connection, for ever.

        Raises:
            HopelessError: if the server refuses everything.
        """
        connection = HttpConnection(self.endpoint)
        try:
            while True:
                await self._deliver(connection, await waiting.get())
                waiting.task_done()
        finally:
            connection.close()

    async def _deliver(self, connection: HttpConnection, batch: Batch) -> None:
        request, outcome = self.beacons.request(batch), Outcome()
        try:
            await send(connection, request, outcome, clock=self.clock, dice=self.dice)
        finally:
            self._record(batch, outcome)
        if outcome.fate is Fate.ACKNOWLEDGED:
            for _ in range(1, batch.copies):
                again = Outcome()
                await send(connection, request, again, clock=self.clock, dice=self.dice)
                self.recorder.summary.duplicates += again.fate is Fate.ACKNOWLEDGED
        elif outcome.status in HOPELESS and not self.recorder.summary.batches:
            raise HopelessError(f"the server answers {outcome.status}: {outcome.detail}")

    def _record(self, batch: Batch, outcome: Outcome) -> None:
        self.recorder.summary.retries += max(outcome.attempts - 1, 0)
        if outcome.answer:
            self.recorder.acknowledged(batch, outcome.answer.rejected, waited_ms=outcome.waited_ms)
        elif outcome.fate is Fate.UNKNOWN:
            self.recorder.unknown(batch)
        else:
            self.recorder.refused(batch)


class Pace:
    """Says when to stop, and how late the traffic is. All times in ms by `now_ms`."""

    def __init__(self, now_ms: Clock, from_ms: float, until_ms: float, stop: asyncio.Event) -> None:
        self._now_ms = now_ms
        self._from_ms = from_ms
        self._until_ms = until_ms
        self._stop = stop
        self.behind_ms = 0.0

    async def reached(self, due_ms: float) -> bool:
        """Wait until `due_ms`; return False where the run ends before, then."""
        until_ms = min(due_ms, self._until_ms)
        while not self._stop.is_set():
            early_ms = until_ms - self._now_ms()
            self.behind_ms = max(-early_ms, 0.0)
            if early_ms <= 0:
                return due_ms < self._until_ms
            await asyncio.sleep(min(max(early_ms / 1_000, SHORTEST_SLEEP_S), LONGEST_SLEEP_S))
        return False

    def done(self, at_ms: float) -> float | None:
        """The part of the run that is over; None for a run without end."""
        if self._until_ms == inf:
            return None
        return min((at_ms - self._from_ms) / (self._until_ms - self._from_ms), 1.0)


async def send_live(timeline: Iterable[Batch], pace: Pace, courier: Courier, connections: int) -> None:
    """Send batches as they become due, until the run's end; then give those on their way some seconds.

    Raises:
        HopelessError: if the server refuses everything.
    """
    waiting: asyncio.Queue[Batch] = asyncio.Queue(BACKLOG_BATCHES)
    try:
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(courier.work(waiting)) for _ in range(connections)]
            for batch in timeline:
                if not await pace.reached(batch.due_ms):
                    break
                await waiting.put(batch)
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE_S):
                    await waiting.join()
            for worker in workers:
                worker.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        while not waiting.empty():
            courier.recorder.refused(waiting.get_nowait())
