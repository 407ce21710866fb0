"""What the writer relies on: an insert that returns was written, one that was not raises, and can be done again."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.support.lost_table import lost_table

from chatvitals.errors import EngineError
from chatvitals.store.events import native
from chatvitals.store.events.embedded import EmbeddedEngine

TABLE = "kept_numbers"


@pytest.fixture(scope="module")
def table(engine: EmbeddedEngine) -> Iterator[str]:
    engine.execute(
        f"CREATE TABLE {TABLE} (part UInt8, number UInt32, word String DEFAULT 'left out')"
        " ENGINE = MergeTree PARTITION BY part ORDER BY number SETTINGS non_replicated_deduplication_window = 100"
    )
    yield TABLE
    engine.execute(f"DROP TABLE {TABLE} SYNC")


@pytest.fixture(autouse=True)
def emptied(engine: EmbeddedEngine, table: str) -> None:
    engine.execute(f"TRUNCATE TABLE {table}")


def block(*numbers: int) -> bytes:
    """Rows in partitions by the last digit; columns in another order than the table's, and one left out."""
    pieces = [
        native.column_header("number", "UInt32"),
        np.array(numbers, np.uint32).tobytes(),
        native.column_header("part", "UInt8"),
        (np.array(numbers) % 10).astype(np.uint8).tobytes(),
    ]
    return native.block(len(numbers), pieces)


def rows(engine: EmbeddedEngine) -> list[tuple[int, int, str]]:
    found = engine.query(f"SELECT part, number, word FROM {TABLE} ORDER BY number")
    return [(row["part"], row["number"], row["word"]) for row in found]


def test_columns_go_by_their_names(engine: EmbeddedEngine) -> None:
    engine.insert(TABLE, [block(17, 21)], "names")
    assert rows(engine) == [(7, 17, "left out"), (1, 21, "left out")]


def test_what_could_not_be_written_is_told_and_then_written_once(engine: EmbeddedEngine, store_directory: Path) -> None:
    blocks = [block(11, 12), block(21)]
    with lost_table(store_directory, TABLE):
        for _ in range(2):
            with pytest.raises(EngineError):
                engine.insert(TABLE, blocks, "lost")
    assert rows(engine) == []
    for _ in range(2):
        engine.insert(TABLE, blocks, "lost")
    assert [number for _, number, _ in rows(engine)] == [11, 12, 21]


@pytest.mark.parametrize("torn", [b"no block", block(13)[:-2]])
def test_with_a_torn_block_nothing_is_written(engine: EmbeddedEngine, torn: bytes) -> None:
    with pytest.raises(EngineError):
        engine.insert(TABLE, [block(11), torn], "torn")
    assert rows(engine) == []


def test_many_blocks_are_one_insert_however_often_it_is_repeated(engine: EmbeddedEngine) -> None:
    blocks = [block(*range(start, start + 1_000)) for start in range(0, 20_000, 1_000)]
    for _ in range(3):
        engine.insert(TABLE, blocks, "many")
    assert [number for _, number, _ in rows(engine)] == list(range(20_000))
