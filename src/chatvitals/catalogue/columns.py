"""The columns of the events table, and which field of which kind each carries.

A row holds what every event has, the dimensions of its page, and a few columns that the kinds share:
`duration`, `success`, `label` and so on, then numbered ones. Measured: a column for each field (75) costs the
engine about twice the CPU per inserted row of this layout (35).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from msgspec import Meta, structs

from chatvitals.catalogue.kinds import KINDS, Event


class ColumnType(Enum):
    """A column's type in the engine; `absent` stands where an event of a kind has the field but no value."""

    FLAG = ("Int8", -1)
    COUNT = ("Int32", -1)
    BYTES = ("Int64", -1)
    NUMBER = ("Float32", float("nan"))
    LABEL = ("LowCardinality(String)", "")
    TEXT = ("String", "")
    HASH = ("UInt64", 0)

    def __init__(self, engine_type: str, absent: float | str) -> None:
        self.engine_type = engine_type
        self.absent = absent


KIND_COLUMNS: dict[str, ColumnType] = {
    "success": ColumnType.FLAG,
    "flag": ColumnType.FLAG,
    "duration": ColumnType.NUMBER,
    "error_type": ColumnType.LABEL,
    "label": ColumnType.LABEL,
    "detail": ColumnType.LABEL,
    "text": ColumnType.TEXT,
    "bytes": ColumnType.BYTES,
    "bytes_limit": ColumnType.BYTES,
    "conversation": ColumnType.HASH,
    "count1": ColumnType.COUNT,
    "count2": ColumnType.COUNT,
    "count3": ColumnType.COUNT,
    "number1": ColumnType.NUMBER,
    "number2": ColumnType.NUMBER,
    "number3": ColumnType.NUMBER,
    "number4": ColumnType.NUMBER,
    "number5": ColumnType.NUMBER,
}
"""The columns that kinds share. What a kind doesn't have is 0 or '' there, and never read."""


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One field of a kind: its name in Python, on the wire, and its column."""

    name: str
    wire_name: str
    column: str
    required: bool

    @property
    def type(self) -> ColumnType:
        return KIND_COLUMNS[self.column]


def _declared_column(annotation: Any) -> str | None:
    """Find the `column` that a field's annotation names, however deep it is nested."""
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        for note in notes:
            if isinstance(note, Meta) and note.extra and "column" in note.extra:
                return str(note.extra["column"])
        return _declared_column(inner)
    return next(filter(None, map(_declared_column, get_args(annotation))), None)


def _fields_of(kind: type[Event]) -> tuple[FieldColumn, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        FieldColumn(f.name, f.encode_name, _declared_column(hints[f.name]) or f.name, f.required)
        for f in structs.fields(kind)
        if f.name not in ("timestamp", "seq")
    )


FIELDS: dict[str, tuple[FieldColumn, ...]] = {name: _fields_of(kind) for name, kind in KINDS.items()}
"""For each kind its own fields, in the order of their declaration."""
