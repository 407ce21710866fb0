"""The spool: where accepted batches are on disk before anybody is told so.

Requests that come while a flush is under way share the next one (group commit). All work on files and on the
memory of batch ids is done by one thread, so nothing here needs a lock; the event loop only collects and waits.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import structlog

from chatvitals.clock import Clock
from chatvitals.errors import Unavailable
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.outcomes import Outcome, OutcomeCounts, OutcomeKey, outcome_key
from chatvitals.ingest.rows import Rows, encode_rows
from chatvitals.ingest.segment import SUFFIX, RecordHead, Segment, begun_ms, read_segment
from chatvitals.ingest.steps.cardinality import Value, Vocabulary
from chatvitals.store.remembered import Remembered

log = structlog.get_logger()

MAX_SEGMENT_BYTES = 16 << 20
MAX_WAITING = 2_000
"""Batches that may wait for one flush; beyond that the disk is too slow, and the clients had better wait."""


_PAUSE_S = 0.5
"""After a commit that failed, until the next try."""


class Verdict(Enum):
    """What the spool says of a batch."""

    KEPT = auto()
    SEEN_BEFORE = auto()
    CONFLICT = auto()
    UNFIT = auto()
    """It can't be written as rows: a gap in the catalogue's limits, to be mended there."""


_NOT_KEPT: dict[Verdict, tuple[Outcome, str]] = {
    Verdict.SEEN_BEFORE: ("duplicate", "batch_seen"),
    Verdict.CONFLICT: ("rejected", "batch_conflict"),
    Verdict.UNFIT: ("rejected", "unfit"),
}


@dataclass(slots=True)
class _Submission:
    """Deliveries that came in one request under one batch id, and who waits for them."""

    batch: bytes
    fingerprint: int
    deliveries: Sequence[Delivery]
    done: asyncio.Future[Verdict]


def _encodes(submission: _Submission) -> bool:
    try:
        encode_rows(submission.deliveries)
    except (ValueError, TypeError, OverflowError) as error:
        log.error("a batch can't be written as rows", error=str(error))
        return False
    return True


def _refuse(group: Sequence[_Submission], error: Unavailable) -> None:
    for submission in group:
        if not submission.done.done():
            submission.done.set_exception(error)


def _outcomes(submission: _Submission, verdict: Verdict) -> OutcomeCounts:
    counts: OutcomeCounts = Counter()
    for delivery in submission.deliveries:
        if verdict is Verdict.KEPT:
            counts.update(delivery.outcomes())
        else:
            outcome, reason = _NOT_KEPT[verdict]
            total = len(delivery.events) + len(delivery.rejections)
            if total:
                counts[outcome_key(delivery.site.name, delivery.received_ms, outcome, reason)] += total
    return counts


class Spool:
    """Append with `append`, take what is ready for the events store with `seal`, say what is there with `settle`."""

    def __init__(
        self,
        directory: Path,
        remembered: Remembered,
        vocabulary: Vocabulary,
        clock: Clock,
        *,
        max_bytes: int,
        commit_interval_s: float,
    ) -> None:
        self._directory = directory
        self._remembered = remembered
        self._vocabulary = vocabulary
        self._clock = clock
        self._max_bytes = max_bytes
        self._commit_interval_s = commit_interval_s
        self._thread = ThreadPoolExecutor(1, "spool")
        self._waiting: list[_Submission] = []
        self._noted: OutcomeCounts = Counter()
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        # of the spool's thread:
        self._segment: Segment | None = None
        self._sealed: list[Path] = []
        self._recent: dict[bytes, int] = {}
        self._batches_of: dict[Path, dict[bytes, int]] = {}
        self.unsettled_bytes = 0
        """Bytes that are not yet in the events store."""
        self.failure: str | None = None
        """Why the disk took nothing at the last commit; None while it does."""

    async def start(self) -> None:
        """Take up what an earlier process left, and begin to commit."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._recover)
        self._task = asyncio.create_task(self._commit_forever(), name="spool")

    def _recover(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            batches = dict(pair for record in read_segment(path) for pair in record.head.batches)
            self._recent.update(batches)
            self._batches_of[path] = batches
            self._sealed.append(path)
            self.unsettled_bytes += path.stat().st_size
        if self._sealed:
            log.info("spool found", segments=len(self._sealed), bytes=self.unsettled_bytes)

    @property
    def oldest_ms(self) -> int | None:
        """Since when the oldest of what is not yet in the events store waits; None where nothing does."""
        return min(map(begun_ms, tuple(self._batches_of)), default=None)

    async def append(self, batch: bytes, deliveries: Sequence[Delivery], fingerprint: int) -> Verdict:
        """Keep a batch; when this returns KEPT it is on disk. Raises Unavailable, and then nothing was kept."""
        if self._closing:
            raise Unavailable("the server is shutting down", retry_after_s=2)
        if self.unsettled_bytes >= self._max_bytes:
            raise Unavailable("the spool is full: the events store doesn't keep up", retry_after_s=10)
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable("more batches come than the disk takes", retry_after_s=2)
        done: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Submission(batch, fingerprint, deliveries, done))
        self._something.set()
        return await done

    def note(self, key: OutcomeKey, count: int) -> None:
        """Count events that are not kept; written with the next commit."""
        if count:
            self._noted[key] += count
            self._something.set()

    async def _commit_forever(self) -> None:
        loop = asyncio.get_running_loop()
        values: list[Value] = []
        while not (self._closing and not self._waiting and not self._noted):
            await self._something.wait()
            await asyncio.sleep(0 if self._closing else self._commit_interval_s)
            self._something.clear()
            group, self._waiting = self._waiting, []
            noted, self._noted = self._noted, Counter()
            values += self._vocabulary.take_new()
            if not group and not noted and self.failure is None:
                continue
            try:
                verdicts = await loop.run_in_executor(self._thread, self._commit, group, noted, values)
            except Exception as error:
                self.failure = str(error) or type(error).__name__
                log.error("spool commit failed", error=self.failure, batches=len(group))
                failure = Unavailable("the batch could not be written to disk", retry_after_s=5)
                _refuse(group, failure)
                self._noted.update(noted)
                self._something.set()  # try again, whether batches come or not: an empty record tells as well
                await asyncio.sleep(0 if self._closing else _PAUSE_S)
                if self._closing:  # there is no later try for those who came meanwhile
                    _refuse(self._waiting, failure)
                    return
            else:
                self.failure = None
                values = []
                for submission, verdict in zip(group, verdicts, strict=True):
                    if not submission.done.done():
                        submission.done.set_result(verdict)

    def _commit(self, group: Sequence[_Submission], noted: OutcomeCounts, values: Sequence[Value]) -> list[Verdict]:
        """Write one record for the whole group, on the spool's thread.

        Values that are new are remembered before their rows are written: whatever dies in between, no row has a value
        that the caps don't count. They are few, so the flush that this costs is rare.
        """
        if values:
            self._remembered.remember(self._clock(), (), values)
        verdicts = self._judge(group)
        kept = [one for one, verdict in zip(group, verdicts, strict=True) if verdict is Verdict.KEPT]
        try:
            rows = encode_rows([delivery for one in kept for delivery in one.deliveries], on_the_way=True)
        except (ValueError, TypeError, OverflowError):
            verdicts = [
                Verdict.UNFIT if verdict is Verdict.KEPT and not _encodes(one) else verdict
                for one, verdict in zip(group, verdicts, strict=True)
            ]
            kept = [one for one, verdict in zip(group, verdicts, strict=True) if verdict is Verdict.KEPT]
            rows = encode_rows([delivery for one in kept for delivery in one.deliveries], on_the_way=True)
        outcomes = Counter(noted)
        for submission, verdict in zip(group, verdicts, strict=True):
            outcomes.update(_outcomes(submission, verdict))
        self._write(rows, {one.batch: one.fingerprint for one in kept}, outcomes)
        return verdicts

    def _judge(self, group: Sequence[_Submission]) -> list[Verdict]:
        """Tell new batches from those that were seen before, in the same group too."""
        unsure = [submission.batch for submission in group if submission.batch not in self._recent]
        known = self._remembered.known_batches(unsure) if unsure else {}
        verdicts: list[Verdict] = []
        for submission in group:
            batch, fingerprint = submission.batch, submission.fingerprint
            before = self._recent.get(batch, known.get(batch))
            if before is None:
                known[batch] = fingerprint
                verdicts.append(Verdict.KEPT)
            else:
                verdicts.append(Verdict.SEEN_BEFORE if before == fingerprint else Verdict.CONFLICT)
        return verdicts

    def _write(self, rows: Rows, batches: dict[bytes, int], outcomes: OutcomeCounts) -> None:
        if self._segment is None:
            self._segment = Segment(self._directory, self._clock())
            self._batches_of[self._segment.path] = {}
            self.unsettled_bytes += self._segment.size
        segment = self._segment
        before_size = segment.size
        segment.append(RecordHead(rows.size, rows.hours, list(batches.items()), list(outcomes.items())), rows.block)
        self._recent.update(batches)
        self._batches_of[segment.path].update(batches)
        self.unsettled_bytes += segment.size - before_size
        if segment.size > MAX_SEGMENT_BYTES:
            self._seal()

    def _seal(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._sealed.append(self._segment.path)
            self._segment = None

    async def seal(self) -> list[Path]:
        """Close the segment that is being written; all segments that wait for the events store, oldest first."""

        def sealed() -> list[Path]:
            self._seal()
            return list(self._sealed)

        return await asyncio.get_running_loop().run_in_executor(self._thread, sealed)

    async def settle(self, path: Path) -> None:
        """The events store has this segment: remember its batches, and remove it."""

        def settle() -> None:
            batches = self._batches_of[path]
            self._remembered.remember(self._clock(), batches.items(), ())
            size = path.stat().st_size
            path.unlink()
            del self._batches_of[path]
            self._sealed.remove(path)
            for batch in batches:
                self._recent.pop(batch, None)
            self.unsettled_bytes -= size

        await asyncio.get_running_loop().run_in_executor(self._thread, settle)

    async def close(self) -> None:
        """Commit what waits, refuse what comes; the last segment stays for the writer to take."""
        self._closing = True
        self._something.set()
        if self._task is not None:
            await self._task

    def shut(self) -> None:
        """End the thread, after the last `settle`."""
        self._thread.shutdown()
