import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ingest.block_reader import BlockReader

from chatvitals.store.events import native

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(values=st.lists(TEXT, max_size=20))
def test_strings_are_read_as_they_were_written(values: list[str]) -> None:
    block = native.block(len(values), [native.column_header("c", "String"), native.strings(values)])
    assert BlockReader(block).rows() == [{"c": value} for value in values]


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 100_000])
def test_a_string_of_any_length_is_read(size: int) -> None:
    block = native.block(1, [native.column_header("c", "String"), native.strings(["ü" * size])])
    assert BlockReader(block).rows() == [{"c": "ü" * size}]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_535, 65_536, 65_537])
def test_as_many_labels_as_there_are_can_be_told_apart(size: int) -> None:
    keys = [str(number) for number in range(size)]
    index = np.arange(size)[::-1]
    body = native.low_cardinality(keys, index)
    block = native.block(size, [native.column_header("c", "LowCardinality(String)"), body])
    assert [row["c"] for row in BlockReader(block).rows()] == keys[::-1]
