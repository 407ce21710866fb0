import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

import pytest
from tests.unit.events import NOW_MS
from tests.unit.ingest.block_reader import BlockReader
from tests.unit.ingest.deliveries import delivery_of, event_of, renders_at

from chatvitals.errors import Unavailable
from chatvitals.ingest.delivery import Delivery, Rejection
from chatvitals.ingest.outcomes import OutcomeCounts, outcome_key
from chatvitals.ingest.segment import SUFFIX, begun_ms, read_segment
from chatvitals.ingest.spool import Spool, Verdict
from chatvitals.ingest.steps.cardinality import Vocabulary
from chatvitals.store.remembered import Remembered

ONE, TWO = b"1" * 16, b"2" * 16
NOTED = outcome_key("acme", NOW_MS, "limited", "key_rate")
LIMIT = 10_000_000


class Disk:
    """A data directory, and the spools that are opened on it; what a spool leaves is what is in the files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.spool_directory = directory / "spool"
        self.remembered = Remembered(directory / "remembered.sqlite")
        self.vocabulary = Vocabulary()
        self.opened: list[Spool] = []

    async def open(self, max_bytes: int = LIMIT, commit_interval_s: float = 0) -> Spool:
        spool = Spool(
            self.spool_directory,
            self.remembered,
            self.vocabulary,
            count(NOW_MS).__next__,
            max_bytes=max_bytes,
            commit_interval_s=commit_interval_s,
        )
        await spool.start()
        self.opened.append(spool)
        return spool

    def files(self) -> list[Path]:
        return sorted(self.spool_directory.glob(f"*{SUFFIX}"))

    def rows(self) -> list[dict[str, Any]]:
        """Every row in the files."""
        records = [record for path in self.files() for record in read_segment(path) if record.head.rows]
        return [row for record in records for row in BlockReader(record.block).rows()]

    def outcomes(self) -> OutcomeCounts:
        counts: OutcomeCounts = Counter()
        for path in self.files():
            for record in read_segment(path):
                counts.update(record.outcomes())
        return counts

    def told(self) -> dict[tuple[str, str], int]:
        """How many events had each outcome and reason."""
        return {(key.outcome, key.reason): count for key, count in self.outcomes().items()}


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Disk]:
    disk = Disk(tmp_path)
    yield disk
    for spool in disk.opened:
        await spool.close()
        spool.shut()
    disk.remembered.close()


def times(disk: Disk) -> list[int]:
    return sorted(row["ts"] for row in disk.rows())


async def send(spool: Spool, batch: bytes, *moments: float, fingerprint: int = 7) -> Verdict:
    return await spool.append(batch, [delivery_of(*renders_at(*moments))], fingerprint)


async def together(*sent: Awaitable[Verdict]) -> list[Verdict]:
    return list(await asyncio.gather(*sent))


async def test_a_kept_batch_is_in_a_file(disk: Disk) -> None:
    spool = await disk.open()
    assert await send(spool, ONE, 1, 2) is Verdict.KEPT
    assert times(disk) == [1, 2]
    assert disk.told() == {("stored", ""): 2}
    assert spool.unsettled_bytes == sum(path.stat().st_size for path in disk.files())


async def test_batches_that_come_together_share_a_flush(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = await disk.open(commit_interval_s=0.01)
    flushes = 0
    real = os.fdatasync

    def flush(file: int) -> None:
        nonlocal flushes
        flushes += 1
        real(file)

    monkeypatch.setattr(os, "fdatasync", flush)
    verdicts = await together(*(send(spool, bytes([number]) * 16, number) for number in range(50)))
    assert set(verdicts) == {Verdict.KEPT}
    assert flushes == 2, "one for the file's beginning, one for all batches"
    assert times(disk) == list(range(50))


async def test_a_batch_sent_twice_is_kept_once(disk: Disk) -> None:
    spool = await disk.open(commit_interval_s=0.01)
    verdicts = await together(send(spool, ONE, 1, 2), send(spool, ONE, 1, 2), send(spool, TWO, 3))
    assert verdicts == [Verdict.KEPT, Verdict.SEEN_BEFORE, Verdict.KEPT]
    assert await send(spool, ONE, 1, 2) is Verdict.SEEN_BEFORE
    assert times(disk) == [1, 2, 3]
    assert disk.told() == {("stored", ""): 3, ("duplicate", "batch_seen"): 4}


async def test_other_events_under_the_same_id_are_a_conflict(disk: Disk) -> None:
    spool = await disk.open(commit_interval_s=0.01)
    verdicts = await together(send(spool, ONE, 1), send(spool, ONE, 2, 3, fingerprint=8))
    assert verdicts == [Verdict.KEPT, Verdict.CONFLICT]
    assert await send(spool, ONE, 2, 3, fingerprint=8) is Verdict.CONFLICT
    assert times(disk) == [1]
    assert disk.told() == {("stored", ""): 1, ("rejected", "batch_conflict"): 4}


async def test_every_event_of_a_duplicate_is_counted_as_one(disk: Disk) -> None:
    spool = await disk.open()
    rejections = [Rejection(1, "kind", "unknown_kind")]
    for _ in range(2):
        await spool.append(ONE, [delivery_of(*renders_at(1), rejections=list(rejections))], 7)
    assert disk.told() == {("stored", ""): 1, ("rejected", "unknown_kind"): 1, ("duplicate", "batch_seen"): 2}


async def test_a_batch_is_known_after_it_was_settled(disk: Disk) -> None:
    spool = await disk.open()
    await send(spool, ONE, 1)
    (path,) = await spool.seal()
    await spool.settle(path)
    assert disk.files() == []
    assert spool.unsettled_bytes == 0
    assert await send(spool, ONE, 1) is Verdict.SEEN_BEFORE
    assert await send(spool, ONE, 2, fingerprint=8) is Verdict.CONFLICT


async def test_what_an_earlier_process_left_is_taken_up(disk: Disk) -> None:
    first = await disk.open()
    await send(first, ONE, 1)
    await first.seal()
    await send(first, TWO, 2)
    spool = await disk.open()
    assert await spool.seal() == disk.files()
    assert spool.unsettled_bytes == sum(path.stat().st_size for path in disk.files())
    assert await send(spool, ONE, 1) is Verdict.SEEN_BEFORE
    assert await send(spool, TWO, 9, fingerprint=8) is Verdict.CONFLICT
    for path in await spool.seal():
        await spool.settle(path)
    assert disk.files() == []
    assert disk.remembered.known_batches([ONE, TWO]).keys() == {ONE, TWO}


def admitted(disk: Disk, *devices: str) -> list[tuple[str, str, str]]:
    """Values that the vocabulary is asked for, as the pipeline does before it hands a batch over."""
    for device in devices:
        assert disk.vocabulary.admits("acme", "device", device, 50)
    return [("acme", "device", device) for device in devices]


def values_in_file(disk: Disk) -> list[tuple[str, str, str]]:
    """What another process would find."""
    opened = Remembered(disk.directory / "remembered.sqlite")
    values = opened.dimension_values(NOW_MS)
    opened.close()
    return sorted(values)


async def test_new_values_are_remembered_by_the_time_a_batch_is_kept(disk: Disk) -> None:
    spool = await disk.open()
    values = admitted(disk, "desktop", "phone")
    await send(spool, ONE, 1)
    assert values_in_file(disk) == values
    values += admitted(disk, "tablet")
    await send(spool, TWO, 2)
    assert values_in_file(disk) == values


async def test_no_row_is_written_before_its_new_values_are_remembered(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = await disk.open()
    values = admitted(disk, "phone")

    def fail(*_: Any) -> None:
        raise OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(disk.remembered, "remember", fail)
        with pytest.raises(Unavailable, match="disk"):
            await send(spool, ONE, 1)
        assert disk.rows() == []
    assert await send(spool, ONE, 1) is Verdict.KEPT
    assert values_in_file(disk) == values, "they were not lost with the commit that failed"


async def test_it_is_known_since_when_the_oldest_waits(disk: Disk) -> None:
    spool = await disk.open()
    seen = [spool.oldest_ms]
    await send(spool, ONE, 1)
    seen.append(spool.oldest_ms)
    (path,) = await spool.seal()
    await send(spool, TWO, 2)
    seen.append(spool.oldest_ms)
    await spool.settle(path)
    seen.append(spool.oldest_ms)
    await spool.close()
    seen.append((await disk.open()).oldest_ms)
    first, second = begun_ms(path), begun_ms(*disk.files())
    assert NOW_MS <= first < second
    assert seen == [None, first, first, second, second]


async def test_sealing_leaves_nothing_out_and_takes_nothing_twice(disk: Disk) -> None:
    spool = await disk.open()
    await send(spool, ONE, 1)
    (first,) = await spool.seal()
    await send(spool, TWO, 2)
    assert await spool.seal() == disk.files()
    await spool.settle(first)
    assert times(disk) == [2]
    assert len(await spool.seal()) == 1


async def test_nothing_to_seal_is_no_segment(disk: Disk) -> None:
    spool = await disk.open()
    assert await spool.seal() == []
    assert disk.files() == []


async def test_a_full_spool_refuses_and_then_takes_again(disk: Disk) -> None:
    spool = await disk.open(max_bytes=1_000)
    await send(spool, ONE, 1)
    with pytest.raises(Unavailable, match="full"):
        await send(spool, TWO, 2)
    (path,) = await spool.seal()
    await spool.settle(path)
    assert await send(spool, TWO, 2) is Verdict.KEPT


async def test_outcomes_that_are_noted_are_written_without_a_batch(disk: Disk) -> None:
    spool = await disk.open()
    spool.note(NOTED, 3)
    spool.note(NOTED, 2)
    await spool.close()
    assert disk.outcomes() == {NOTED: 5}
    assert disk.rows() == []


def failing(times_to_fail: int) -> Callable[..., int]:
    """What the operating system says when the disk is full."""
    left = times_to_fail
    real = os.writev

    def writev(file: int, pieces: Any) -> int:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OSError(28, "no space left on device")
        return real(file, pieces)

    return writev


@pytest.mark.parametrize("warm", [True, False], ids=["into an old segment", "into a new segment"])
async def test_what_the_disk_refuses_is_not_acknowledged(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, warm: bool
) -> None:
    spool = await disk.open()
    if warm:
        await send(spool, TWO, 1)
    before = {path: path.stat().st_size for path in disk.files()}
    monkeypatch.setattr(os, "writev", failing(1))
    spool.note(NOTED, 3)
    with pytest.raises(Unavailable, match="disk"):
        await send(spool, ONE, 2)
    assert {path: path.stat().st_size for path in disk.files() if path in before} == before
    assert await send(spool, ONE, 2) is Verdict.KEPT, "it was not remembered as seen"
    assert times(disk) == ([1, 2] if warm else [2])
    assert disk.outcomes()[NOTED] == 3, "what was noted is counted once the disk takes it"


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_failing_disk_is_told_until_it_takes_something_and_nobody_need_send(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatvitals.ingest.spool._PAUSE_S", 0)
    spool, before = await disk.open(), open_files()
    loop, taken, refuse = asyncio.get_running_loop(), asyncio.Event(), failing(20)

    def writev(file: int, pieces: Any) -> int:
        written = refuse(file, pieces)
        loop.call_soon_threadsafe(taken.set)
        return written

    monkeypatch.setattr(os, "writev", writev)
    with pytest.raises(Unavailable, match="disk"):
        await send(spool, ONE, 1)
    assert "no space left" in str(spool.failure)
    assert not taken.is_set()
    async with asyncio.timeout(10):
        await taken.wait()
        await spool.seal()  # comes after the commit that succeeded
    assert spool.failure is None
    assert disk.rows() == []
    assert len(disk.files()) == 1
    assert open_files() <= before + 1, "of the segments that were never made, no file stays open"
    assert await send(spool, ONE, 1) is Verdict.KEPT
    assert times(disk) == [1]


async def test_a_flush_that_fails_is_not_acknowledged(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = await disk.open()
    await send(spool, TWO, 1)

    def fail(_: int) -> None:
        raise OSError(5, "input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fail)
        with pytest.raises(Unavailable, match="disk"):
            await send(spool, ONE, 2)
    assert times(disk) == [1]
    assert await send(spool, ONE, 2) is Verdict.KEPT
    assert times(disk) == [1, 2]


async def test_closing_keeps_what_waits_and_refuses_what_comes(disk: Disk) -> None:
    spool = await disk.open(commit_interval_s=0.01)
    waiting = [asyncio.create_task(send(spool, bytes([number]) * 16, number)) for number in range(5)]
    await asyncio.sleep(0)
    await spool.close()
    assert await asyncio.gather(*waiting) == [Verdict.KEPT] * 5
    assert times(disk) == list(range(5))
    with pytest.raises(Unavailable, match="shutting down"):
        await send(spool, ONE, 9)


async def test_nobody_waits_for_ever_when_the_disk_fails_while_closing(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = await disk.open()
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail(*_: Any) -> int:
        loop.call_soon_threadsafe(begun.set)
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "writev", fail)
    first = asyncio.create_task(send(spool, ONE, 1))
    await begun.wait()
    second = asyncio.create_task(send(spool, TWO, 2))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await spool.close()
        answers = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]


async def test_a_batch_that_no_row_can_hold_costs_its_neighbours_nothing(disk: Disk) -> None:
    spool = await disk.open(commit_interval_s=0.01)
    unfit: Delivery = delivery_of(event_of("render", contentLength=1))
    unfit.events[0].seq = 2**40  # past the limits, as a mistake there would let it through
    verdicts = await together(send(spool, ONE, 1), spool.append(b"u" * 16, [unfit], 1), send(spool, TWO, 2))
    assert verdicts == [Verdict.KEPT, Verdict.UNFIT, Verdict.KEPT]
    assert times(disk) == [1, 2]
    assert disk.told() == {("stored", ""): 2, ("rejected", "unfit"): 1}


async def test_a_large_segment_is_sealed_by_itself(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatvitals.ingest.spool.MAX_SEGMENT_BYTES", 1_000)
    spool = await disk.open()
    for number in range(3):
        await send(spool, bytes([number]) * 16, number)
    assert len(disk.files()) == 3
    assert times(disk) == [0, 1, 2]
