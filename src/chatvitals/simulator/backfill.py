"""The past: batches that are long due go through the import, many at once and in the order of time."""

import asyncio
from collections.abc import Callable, Iterator
from urllib.parse import quote

from chatvitals.simulator.batches import Batch
from chatvitals.simulator.dice import Dice
from chatvitals.simulator.http import Endpoint, HttpConnection
from chatvitals.simulator.sender import Clock, Fate, HopelessError, Outcome, Request, send
from chatvitals.simulator.truth.recorder import Recorder

PATH = "/api/monitoring/import"
CHUNK_EVENTS = 10_000
BREATH_BATCHES = 100
"""The request under way gets its turn after making this many batches of the next."""


class Importer:
    """Posts chunks of batches to a site's import, one after the other."""

    def __init__(
        self,
        endpoint: Endpoint,
        site: str,
        recorder: Recorder,
        *,
        sample: float,
        gzipped: bool,
        clock: Clock,
        dice: Dice,
    ) -> None:
        self._connection = HttpConnection(endpoint)
        self._path = f"{PATH}?site={quote(site)}"
        self._recorder = recorder
        self._head = b'{"sample":%g,' % sample
        self._gzipped = gzipped
        self._clock = clock
        self._dice = dice

    async def post(self, chunk: list[Batch]) -> None:
        """Import a chunk and write down what became of it.

        Raises:
            HopelessError: if it was not acknowledged.
        """
        body = b"\n".join(self._head + line[1:] for batch in chunk for line in batch.flat_events())
        request, outcome = Request(self._path, lambda: body, "application/x-ndjson", self._gzipped), Outcome()
        try:
            await send(self._connection, request, outcome, clock=self._clock, dice=self._dice)
        finally:
            self._record(chunk, outcome)
        if outcome.fate is not Fate.ACKNOWLEDGED:
            raise HopelessError(f"the import was not acknowledged: {outcome.status or ''} {outcome.detail}")

    def close(self) -> None:
        self._connection.close()

    def _record(self, chunk: list[Batch], outcome: Outcome) -> None:
        self._recorder.summary.retries += max(outcome.attempts - 1, 0)
        rejected = {each.index: each for each in outcome.answer.rejected} if outcome.answer else {}
        first = 0
        for batch in chunk:
            if outcome.answer:
                here = range(first, first + len(batch.events)) if rejected else ()
                self._recorder.acknowledged(
                    batch, [rejected[index].moved(-first) for index in here if index in rejected]
                )
            elif outcome.fate is Fate.UNKNOWN:
                self._recorder.unknown(batch)
            else:
                self._recorder.refused(batch)
            first += len(batch.events)


async def catch_up(timeline: Iterator[Batch], importer: Importer, in_the_past: Callable[[float], bool]) -> Batch:
    """Import all batches whose time is in the past; return the first that isn't.

    Raises:
        HopelessError: if the server doesn't take them.
    """
    posting: asyncio.Task[None] | None = None
    chunk: list[Batch] = []
    events = made = 0
    try:
        while in_the_past((batch := next(timeline)).due_ms):
            chunk.append(batch)
            events += len(batch.events)
            made += 1
            if events >= CHUNK_EVENTS:
                if posting:
                    await posting
                posting, chunk, events = asyncio.create_task(importer.post(chunk)), [], 0
            if made % BREATH_BATCHES == 0:
                await asyncio.sleep(0)
        if posting:
            await posting
        if chunk:
            await importer.post(chunk)
    finally:
        if posting and not posting.done():
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
        importer.close()
    return batch
