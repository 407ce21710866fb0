"""Writing blocks in ClickHouse's Native format: columns one after the other, as the engine keeps them in memory.

Source of the layout: ClickHouse, `src/Formats/NativeWriter.cpp` and `SerializationLowCardinality.cpp`.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_LOW_CARDINALITY_VERSION = 1
_HAS_ADDITIONAL_KEYS = 1 << 9
_NEEDS_UPDATE = 1 << 10
_INDEX_TYPES: tuple[tuple[int, Any], ...] = (
    (1 << 8, np.uint8),
    (1 << 16, np.uint16),
    (1 << 32, np.uint32),
)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def strings(values: Iterable[str]) -> bytes:
    """The body of a String column."""
    out = []
    for value in values:
        raw = value.encode()
        size = len(raw)
        out.append(bytes((size,)) if size < 128 else _varint(size))
        out.append(raw)
    return b"".join(out)


def low_cardinality(keys: Sequence[str], index: npt.NDArray[np.integer[Any]]) -> bytes:
    """The body of a LowCardinality(String) column: its different values, and for each row which of them it has."""
    number, dtype = next((number, dtype) for number, (limit, dtype) in enumerate(_INDEX_TYPES) if len(keys) <= limit)
    flags = number | _HAS_ADDITIONAL_KEYS | _NEEDS_UPDATE
    return b"".join(
        (
            struct.pack("<QQQ", _LOW_CARDINALITY_VERSION, flags, len(keys)),
            strings(keys),
            struct.pack("<Q", len(index)),
            index.astype(dtype).tobytes(),
        )
    )


def column_header(name: str, engine_type: str) -> bytes:
    """What precedes a column's body; constant for a column, so make it once."""
    return strings((name, engine_type))


def block(rows: int, columns: Sequence[bytes]) -> bytes:
    """A block of `rows` rows; `columns` are headers and bodies in turn."""
    return b"".join((_varint(len(columns) // 2), _varint(rows), *columns))
