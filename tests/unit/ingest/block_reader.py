"""A little reader of ClickHouse's Native format, written from its description and not from our writer."""

import struct
from typing import Any, ClassVar


class BlockReader:
    """Reads a block of columns of the types that the events table has."""

    _NUMBERS: ClassVar[dict[str, str]] = {
        "Int8": "b",
        "Int32": "i",
        "Int64": "q",
        "UInt32": "I",
        "UInt64": "Q",
        "Float32": "f",
        "DateTime64(3, 'UTC')": "q",
        "DateTime('UTC')": "I",
    }

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._at = 0

    def rows(self) -> list[dict[str, Any]]:
        """Every row by the names of its columns; nothing may follow."""
        columns, size = self._varint(), self._varint()
        table: dict[str, list[Any]] = {}
        for _ in range(columns):
            name, type = self._string(), self._string()
            table[name] = self._column(type, size)
            assert len(table[name]) == size
        assert self._at == len(self._block)
        return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]

    def _column(self, type: str, size: int) -> list[Any]:
        if type == "String":
            return [self._string() for _ in range(size)]
        if type == "LowCardinality(String)":
            return self._low_cardinality()
        return self._numbers(self._NUMBERS[type], size)

    def _low_cardinality(self) -> list[str]:
        version, flags, keys = self._numbers("Q", 3)
        assert version == 1
        assert flags & ~0xFF == 0b110 << 8, "additional keys, which need an update, and no global dictionary"
        values = [self._string() for _ in range(keys)]
        (size,) = self._numbers("Q", 1)
        return [values[index] for index in self._numbers("BHIQ"[flags & 0xFF], size)]

    def _numbers(self, format: str, size: int) -> list[Any]:
        layout = struct.Struct(f"<{size}{format}")
        values = layout.unpack_from(self._block, self._at)
        self._at += layout.size
        return list(values)

    def _string(self) -> str:
        size = self._varint()
        raw = self._block[self._at : self._at + size]
        assert len(raw) == size
        self._at += size
        return raw.decode()

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._block[self._at]
            self._at += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number
