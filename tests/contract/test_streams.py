"""What is streamed has no bounds but its own; what is answered at once has some."""

from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from chatvitals.errors import EngineError
from chatvitals.store.events import readers
from chatvitals.store.events.embedded import EmbeddedEngine

MANY = 5_000_001
SELECT_MANY = "SELECT number FROM numbers({rows:UInt64})"


def test_more_rows_than_an_answer_may_have_can_be_streamed(engine: EmbeddedEngine) -> None:
    with pytest.raises(EngineError, match="max rows"):
        engine.query(SELECT_MANY, {"rows": MANY})
    assert sum(piece.count(b"\n") for piece in engine.stream(SELECT_MANY, "CSV", {"rows": MANY})) == MANY


def test_a_query_that_fails_leaves_nothing_in_other_answers(engine: EmbeddedEngine) -> None:
    with pytest.raises(EngineError, match="max rows"):
        engine.query(SELECT_MANY, {"rows": MANY})
    assert [engine.query("SELECT 1 AS one") for _ in range(10)] == [[{"one": 1}]] * 10


def test_parquet_is_one_file_of_many_pieces_and_leaves_nothing(
    engine: EmbeddedEngine, store_directory: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answer.parquet"
    pieces = list(engine.stream(SELECT_MANY, "Parquet", {"rows": MANY}))
    assert len(pieces) > 1
    file.write_bytes(b"".join(pieces))
    assert parquet.ParquetFile(file).metadata.num_rows == MANY
    assert list((store_directory / "answers").iterdir()) == []


def test_a_stream_that_nobody_reads_on_gives_its_connection_back(engine: EmbeddedEngine) -> None:
    for _ in range(5):
        for format in ("CSV", "Parquet"):
            stream = engine.stream(SELECT_MANY, format, {"rows": MANY})
            next(stream)
            stream.close()  # type: ignore[attr-defined]
    assert engine.query("SELECT 1 AS one") == [{"one": 1}]


def test_who_waits_in_vain_is_told(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_PATIENCE_S", 0.01)
    streams = [engine.stream(SELECT_MANY, "CSV", {"rows": MANY}) for _ in range(3)]
    next(streams[0])
    next(streams[1])
    with pytest.raises(EngineError, match="in use"):
        next(streams[2])
    for stream in streams:
        stream.close()  # type: ignore[attr-defined]
    assert engine.query("SELECT 1 AS one") == [{"one": 1}]
