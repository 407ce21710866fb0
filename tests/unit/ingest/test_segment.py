import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.ingest.outcomes import OutcomeKey
from chatvitals.ingest.segment import RecordHead, Segment, read_segment, token_of

KEYS = st.builds(
    OutcomeKey,
    st.text(max_size=5),
    st.integers(0, 2**53),
    st.sampled_from(["stored", "folded", "rejected", "limited", "duplicate"]),
    st.text(max_size=5),
)
HEADS = st.builds(
    RecordHead,
    st.integers(0, 2**31),
    st.lists(st.integers(0, 2**53), max_size=3),
    st.lists(st.tuples(st.binary(min_size=16, max_size=16), st.integers(0, 2**32 - 1)), max_size=4),
    st.dictionaries(KEYS, st.integers(1, 2**40), max_size=4).map(lambda counts: list(counts.items())),
)
RECORDS = st.lists(st.tuples(HEADS, st.binary(max_size=200)), max_size=4)
RECORD = (RecordHead(2, [0], [(b"b" * 16, 7)], [(OutcomeKey("acme", 60_000, "stored", ""), 2)]), b"rows " * 5)


def written(directory: Path, records: list[tuple[RecordHead, bytes]]) -> Path:
    segment = Segment(directory, 1_000)
    for head, block in records:
        segment.append(head, block)
    segment.close()
    assert segment.path.stat().st_size == segment.size
    return segment.path


def read(path: Path) -> list[tuple[RecordHead, bytes]]:
    return [(record.head, record.block) for record in read_segment(path)]


@given(records=RECORDS)
def test_records_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[RecordHead, bytes]]
) -> None:
    path = written(tmp_path_factory.mktemp("segment"), records)
    assert read(path) == records
    for record, (head, _) in zip(read_segment(path), records, strict=True):
        assert record.outcomes() == dict(head.outcomes)


def test_a_tail_torn_anywhere_leaves_the_records_before_it(tmp_path: Path) -> None:
    path = written(tmp_path, [RECORD])
    first = path.stat().st_size
    content = written(tmp_path, [RECORD, RECORD]).read_bytes()
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        whole = 2 if length == len(content) else 1 if length >= first else 0
        assert read(path) == [RECORD] * whole, length


def test_zeros_after_a_crash_end_the_segment(tmp_path: Path) -> None:
    path = written(tmp_path, [RECORD])
    path.write_bytes(path.read_bytes() + bytes(4_096))
    assert read(path) == [RECORD]


def test_a_flipped_bit_anywhere_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, [RECORD, RECORD])
    content = path.read_bytes()
    first = (len(content) - 8) // 2 + 8
    for place in range(len(content)):
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << place % 8
        path.write_bytes(spoilt)
        assert read(path) == ([RECORD] if place >= first else []), place


def test_every_segment_has_a_token_of_its_own(tmp_path: Path) -> None:
    paths = [written(tmp_path, []) for _ in range(20)]
    assert len({token_of(path) for path in paths}) == 20
    assert all("'" not in token_of(path) for path in paths)


def test_segments_sort_by_their_age(tmp_path: Path) -> None:
    ages = [1_000, 999_999_999_999, 1_767_268_800_000]
    paths = [Segment(tmp_path, age).path for age in ages]
    assert sorted(paths) == paths


@pytest.mark.parametrize("call", ["writev", "fdatasync"])
def test_a_record_that_the_disk_refuses_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    segment = Segment(tmp_path, 1_000)
    segment.append(*RECORD)

    def refuse(*_: Any) -> int:
        raise OSError(28, "no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(OSError, match="no space"):
            segment.append(*RECORD)
    assert read(segment.path) == [RECORD]
    segment.append(RECORD[0], b"after")
    assert read(segment.path) == [RECORD, (RECORD[0], b"after")]


def test_a_record_that_the_disk_takes_only_in_part_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = Segment(tmp_path, 1_000)
    with monkeypatch.context() as patch:
        patch.setattr(os, "writev", lambda file, pieces: os.write(file, pieces[0] + pieces[1][:3]))
        with pytest.raises(OSError, match="only a part"):
            segment.append(*RECORD)
    assert segment.path.stat().st_size == segment.size
    segment.append(*RECORD)
    assert read(segment.path) == [RECORD]
