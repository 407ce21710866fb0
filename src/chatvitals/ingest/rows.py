"""Turn deliveries into one block of the events table.

Events are grouped by kind, so that each field becomes an array at once; what a batch has once is repeated by
index. About 0.5 µs an event.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatvitals.catalogue.columns import FIELDS, KIND_COLUMNS, ColumnType
from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.catalogue.kinds import KINDS, Event
from chatvitals.ingest.delivery import Delivery
from chatvitals.store.events import native

_BATCH_COLUMNS: dict[str, str] = {
    "site": "LowCardinality(String)",
    "kind": "LowCardinality(String)",
    "ts": "DateTime64(3, 'UTC')",
    "skew": "Int64",
    "received": "DateTime64(3, 'UTC')",
    "session": "UInt64",
    "tab": "UInt32",
    "seq": "Int32",
    "weight": "Float32",
    **dict.fromkeys(DIMENSION_NAMES, "LowCardinality(String)"),
}

EVENT_COLUMNS: dict[str, str] = _BATCH_COLUMNS | {name: column.engine_type for name, column in KIND_COLUMNS.items()}
"""Every column of the events table with its type in the engine. A test holds it to the schema."""

_HEADERS: dict[str, bytes] = {
    name: native.column_header(name, engine_type) for name, engine_type in EVENT_COLUMNS.items()
}

_DTYPES: dict[ColumnType, Any] = {
    ColumnType.FLAG: np.int8,
    ColumnType.COUNT: np.int32,
    ColumnType.BYTES: np.int64,
    ColumnType.NUMBER: np.float32,
    ColumnType.HASH: np.uint64,
}

_KIND_NAMES: tuple[str, ...] = tuple(KINDS)
_CODES: dict[type[Event], int] = {struct: code for code, struct in enumerate(KINDS.values())}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one field of a kind's events. `optional` fields may be None."""

    read: Callable[[Any], Any]
    optional: bool


_READERS: dict[str, dict[str, _Reader]] = {
    column: {
        kind: _Reader(attrgetter(field.name), not field.required)
        for kind, fields in FIELDS.items()
        for field in fields
        if field.column == column
    }
    for column in KIND_COLUMNS
}
"""For each shared column the kinds that have it."""

HOUR_MS = 3_600_000

Groups = list[tuple[str, list[Any]]]
"""Events by kind."""


class Rows(NamedTuple):
    """How many rows, the hours that they fall in (Unix milliseconds), and the block; no rows, no bytes."""

    size: int
    hours: list[int]
    block: bytes


def encode_rows(deliveries: Sequence[Delivery], *, on_the_way: bool = False) -> Rows:
    """The rows of all events of the deliveries. Where they are `on_the_way` to the store it isn't known yet when they
    come there: that is 0 then, but for imported ones."""
    flat = list(chain.from_iterable(delivery.events for delivery in deliveries))
    if not flat:
        return Rows(0, [], b"")
    codes = np.fromiter(map(_CODES.__getitem__, map(type, flat)), np.uint8, len(flat))
    order = np.argsort(codes, kind="stable")
    events = list(map(flat.__getitem__, order.tolist()))
    owners = np.repeat(np.arange(len(deliveries)), [len(delivery.events) for delivery in deliveries])[order]
    counts = np.bincount(codes, minlength=len(_KIND_NAMES))
    ends = np.cumsum(counts)
    groups: Groups = [
        (_KIND_NAMES[code], events[ends[code] - counts[code] : ends[code]]) for code in np.flatnonzero(counts)
    ]
    pieces: list[bytes] = []
    times = _times(deliveries, events, owners)
    for name, body in _common_columns(deliveries, events, owners, codes[order], times, on_the_way=on_the_way):
        pieces += (_HEADERS[name], body)
    for name, column in KIND_COLUMNS.items():
        pieces += (_HEADERS[name], _shared_column(column, _READERS[name], groups, len(flat)))
    hours = np.unique(times // HOUR_MS) * HOUR_MS
    return Rows(len(flat), hours.tolist(), native.block(len(flat), pieces))


def _times(
    deliveries: Sequence[Delivery], events: Sequence[Event], owners: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    skews = np.array([delivery.skew_ms for delivery in deliveries], np.int64)[owners]
    return np.fromiter(map(attrgetter("timestamp"), events), np.float64, len(events)).astype(np.int64) + skews


def _common_columns(
    deliveries: Sequence[Delivery],
    events: Sequence[Event],
    owners: npt.NDArray[np.int64],
    codes: npt.NDArray[np.uint8],
    times: npt.NDArray[np.int64],
    *,
    on_the_way: bool,
) -> list[tuple[str, bytes]]:
    def numbers(dtype: Any, values: Iterable[float]) -> bytes:
        return np.array(list(values), dtype)[owners].tobytes()

    def labels(values: Iterable[str | None]) -> bytes:
        keys: dict[str, int] = {}
        index = [keys.setdefault(value or "", len(keys)) for value in values]
        return native.low_cardinality(list(keys), np.array(index)[owners])

    size = len(events)
    skews = np.array([delivery.skew_ms for delivery in deliveries], np.int64)[owners]
    contexts = [delivery.context for delivery in deliveries]
    return [
        ("site", labels(delivery.site.name for delivery in deliveries)),
        ("kind", native.low_cardinality(_KIND_NAMES, codes)),
        ("ts", times.tobytes()),
        ("skew", skews.tobytes()),
        ("received", _received(deliveries, owners, times, on_the_way=on_the_way)),
        ("session", numbers(np.uint64, (delivery.session for delivery in deliveries))),
        ("tab", numbers(np.uint32, (delivery.tab for delivery in deliveries))),
        ("seq", np.fromiter(map(attrgetter("seq"), events), np.int32, size).tobytes()),
        ("weight", numbers(np.float32, (1 / delivery.sample for delivery in deliveries))),
        *((name, labels(map(attrgetter(name), contexts))) for name in DIMENSION_NAMES),
    ]


def _received(
    deliveries: Sequence[Delivery], owners: npt.NDArray[np.int64], times: npt.NDArray[np.int64], *, on_the_way: bool
) -> bytes:
    """When events came; imported ones came when they happened."""
    live = np.array([delivery.live for delivery in deliveries])[owners]
    came = np.array([0 if on_the_way else delivery.received_ms for delivery in deliveries], np.int64)[owners]
    return np.where(live, came, times).tobytes()


def _shared_column(column: ColumnType, readers: dict[str, _Reader], groups: Groups, size: int) -> bytes:
    if column is ColumnType.LABEL:
        return _labels(readers, groups, size)
    if column is ColumnType.TEXT:
        return _texts(readers, groups)
    values = np.zeros(size, _DTYPES[column])
    start = 0
    for kind, events in groups:
        end = start + len(events)
        reader = readers.get(kind)
        if reader is not None:
            values[start:end] = _numbers(column, reader, events)
        start = end
    return values.tobytes()


def _numbers(column: ColumnType, reader: _Reader, events: list[Any]) -> npt.NDArray[Any]:
    dtype, values = _DTYPES[column], map(reader.read, events)
    if column is ColumnType.HASH:
        return np.array([int(value[1:], 16) if value else 0 for value in values], dtype)
    if reader.optional:
        absent = column.absent
        return np.array([absent if value is None else value for value in values], dtype)
    return np.fromiter(values, dtype, len(events))


def _labels(readers: dict[str, _Reader], groups: Groups, size: int) -> bytes:
    keys: dict[str, int] = {"": 0}
    index = np.zeros(size, np.uint32)
    start = 0
    for kind, events in groups:
        end = start + len(events)
        reader = readers.get(kind)
        if reader is not None:
            values = list(map(reader.read, events))
            places = {value: keys.setdefault(value or "", len(keys)) for value in set(values)}
            index[start:end] = np.fromiter(map(places.__getitem__, values), np.uint32, len(values))
        start = end
    return native.low_cardinality(list(keys), index)


def _texts(readers: dict[str, _Reader], groups: Groups) -> bytes:
    pieces: list[bytes] = []
    for kind, events in groups:
        reader = readers.get(kind)
        if reader is None:
            pieces.append(bytes(len(events)))  # so many empty strings
        else:
            pieces.append(native.strings(map(_as_text, map(reader.read, events))))
    return b"".join(pieces)


def _as_text(value: str | dict[str, int] | None) -> str:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value or ""
