"""Brings the spool's segments to the events store, about once a second, each exactly once."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog

from chatvitals.clock import Clock
from chatvitals.ingest.outcomes import OutcomeCounts
from chatvitals.ingest.segment import begun_ms, read_segment, token_of
from chatvitals.ingest.spool import Spool
from chatvitals.ingest.throughput import Throughput
from chatvitals.store.events import native
from chatvitals.store.events.engine import Engine

log = structlog.get_logger()

_LONGEST_PAUSE_S = 15.0
_WAITING = "toUnixTimestamp64Milli(received) = 0"
"""Of rows that are on their way: they come when they are written, however long they waited for that."""


class Writer:
    """One task; a failing store only delays it."""

    def __init__(
        self,
        spool: Spool,
        engine: Engine,
        clock: Clock,
        *,
        interval_s: float,
        about_to_write: Callable[[Iterable[int]], None],
        written: Callable[[], None] = lambda: None,
    ) -> None:
        """`about_to_write` is told the hours (Unix milliseconds) that get events, before they get them; `written` is
        called once they can be read."""
        self._about_to_write = about_to_write
        self._written = written
        self._spool = spool
        self._engine = engine
        self._clock = clock
        self._interval_s = interval_s
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self.failure: str | None = None
        """Why the store took nothing at the last try; None while it does."""
        self.rows_written = 0
        self.written_ms: int | None = None
        """When events were written last; None before the first."""
        self.lag_ms: int | None = None
        """How long the oldest event that was written then had waited for it."""
        self.throughput = Throughput(clock)

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
                content = await asyncio.to_thread(read_content, path)
                self._about_to_write(content.hours)
                await asyncio.to_thread(write_content, self._engine, token_of(path), content, self._clock())
                self.rows_written += content.rows
                self.written_ms = self._clock()
                self.lag_ms = self.written_ms - begun_ms(path)
                self.throughput.add(content.rows)
                self._written()
                await self._spool.settle(path)
            self.failure = None

    async def close(self) -> None:
        """Write what is there, once, and stop."""
        self._closing.set()
        if self._task is not None:
            await self._task


@dataclass(slots=True)
class Content:
    """What a segment brings to the store."""

    rows: int
    hours: set[int]
    blocks: list[bytes]
    outcomes: OutcomeCounts


def read_content(path: Path) -> Content:
    """All whole records of a segment together. Raises OSError."""
    content = Content(0, set(), [], Counter())
    for record in read_segment(path):
        content.rows += record.head.rows
        content.hours.update(record.head.hours)
        content.outcomes.update(record.outcomes())
        if record.head.rows:
            content.blocks.append(record.block)
    return content


def write_content(engine: Engine, token: str, content: Content, now_ms: int) -> None:
    """Insert a segment's events, which come now, and outcomes; done twice with the same token, it changes nothing."""
    if content.blocks:
        came = f"if({_WAITING}, fromUnixTimestamp64Milli(toInt64({now_ms}), 'UTC'), received)"
        engine.insert("events", content.blocks, token, {"received": came})
    if content.outcomes:
        engine.insert("outcomes", [_outcome_block(content.outcomes)], token)


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
