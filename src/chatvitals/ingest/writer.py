"""Brings the spool's segments to the events store, about once a second, each exactly once."""

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import structlog

from chatvitals.ingest.outcomes import OutcomeCounts
from chatvitals.ingest.segment import read_segment, token_of
from chatvitals.ingest.spool import Spool
from chatvitals.ingest.steps.cardinality import Vocabulary
from chatvitals.store.events import native
from chatvitals.store.events.engine import Engine

log = structlog.get_logger()

_LONGEST_PAUSE_S = 15.0


class Writer:
    """One task; a failing store only delays it."""

    def __init__(self, spool: Spool, engine: Engine, vocabulary: Vocabulary, *, interval_s: float) -> None:
        self._spool = spool
        self._engine = engine
        self._vocabulary = vocabulary
        self._interval_s = interval_s
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self.failure: str | None = None
        """Why the store took nothing at the last try; None while it does."""
        self.rows_written = 0

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._write_forever(), name="writer")

    async def _write_forever(self) -> None:
        pause = self._interval_s
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause)
            try:
                await self.write_all()
            except Exception as error:  # whatever it is, the spool still has the segment: say so, and try again
                self.failure = str(error) or type(error).__name__
                log.error("events store not written", error=self.failure)
            pause = self._interval_s if self.failure is None else min(pause * 2, _LONGEST_PAUSE_S)

    async def write_all(self) -> None:
        """Write every segment that is ready. Raises what the store or the disk raised; the rest stays ready."""
        async with self._one_at_a_time:
            for path in await self._spool.seal():
                self.rows_written += await asyncio.to_thread(write_segment, self._engine, path)
                await self._spool.settle(path, self._vocabulary.take_new())
            self.failure = None

    async def close(self) -> None:
        """Write what is there, once, and stop."""
        self._closing.set()
        if self._task is not None:
            await self._task


def write_segment(engine: Engine, path: Path) -> int:
    """Insert a segment's events and outcomes; done twice, it changes nothing. Returns the events' number."""
    blocks: list[bytes] = []
    outcomes: OutcomeCounts = Counter()
    rows = 0
    for record in read_segment(path):
        rows += record.head.rows
        outcomes.update(record.outcomes())
        if record.head.rows:
            blocks.append(record.block)
    token = token_of(path)
    if blocks:
        engine.insert("events", blocks, token)
    if outcomes:
        engine.insert("outcomes", [_outcome_block(outcomes)], token)
    return rows


def _outcome_block(outcomes: OutcomeCounts) -> bytes:
    keys = sorted(outcomes)

    def text(values: list[str]) -> bytes:
        different = sorted(set(values))
        place = {value: index for index, value in enumerate(different)}
        return native.low_cardinality(different, np.array([place[value] for value in values], np.uint32))

    label = "LowCardinality(String)"
    return native.block(
        len(keys),
        [
            native.column_header("site", label),
            text([key.site for key in keys]),
            native.column_header("minute", "DateTime('UTC')"),
            np.array([key.minute_ms // 1_000 for key in keys], np.uint32).tobytes(),
            native.column_header("outcome", label),
            text([key.outcome for key in keys]),
            native.column_header("reason", label),
            text([key.reason for key in keys]),
            native.column_header("n", "UInt64"),
            np.array([outcomes[key] for key in keys], np.uint64).tobytes(),
        ],
    )
