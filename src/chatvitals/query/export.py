"""Raw events in the words of the wire, as the engine streams them."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal

import msgspec

from chatvitals.catalogue.columns import FIELDS, ColumnType, FieldColumn
from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.query.build import condition
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Engine

ExportFormat = Literal["ndjson", "csv", "parquet"]

_ENGINE_FORMATS: dict[ExportFormat, str] = {
    "ndjson": "JSONEachRow",
    "csv": "CSV",
    "parquet": "Parquet",
}

_NULLABLE: dict[ColumnType, str] = {
    ColumnType.FLAG: "Nullable(Bool)",
    ColumnType.COUNT: "Nullable(Int32)",
    ColumnType.BYTES: "Nullable(Int64)",
    ColumnType.NUMBER: "Nullable(Float32)",
    ColumnType.LABEL: "Nullable(String)",
    ColumnType.TEXT: "Nullable(String)",
    ColumnType.HASH: "Nullable(String)",
}


def _present(field: FieldColumn) -> str:
    """SQL of a field's value, NULL where the event has none. Qualified: an alias would hide the column."""
    column = f"events.{field.column}"
    match field.type:
        case ColumnType.NUMBER:
            return f"if(isNaN({column}), NULL, {column})"
        case ColumnType.HASH:
            return f"if({column} = 0, NULL, concat('#', leftPad(lower(hex({column})), 16, '0')))"
        case ColumnType.LABEL | ColumnType.TEXT:
            return f"if({column} = '', NULL, toString({column}))"
    return f"if({column} < 0, NULL, {column})"


def _field_columns() -> Iterator[str]:
    by_name: dict[str, list[tuple[str, FieldColumn]]] = {}
    for kind, fields in FIELDS.items():
        for field in fields:
            by_name.setdefault(field.wire_name, []).append((kind, field))
    for name, owners in by_name.items():
        cases = ", ".join(f"events.kind = '{kind}', {_present(field)}" for kind, field in owners)
        yield f"CAST(multiIf({cases}, NULL) AS {_NULLABLE[owners[0][1].type]}) AS `{name}`"


def _select() -> str:
    columns = [
        "toString(events.site) AS site",
        "toString(events.kind) AS kind",
        "toUnixTimestamp64Milli(events.ts) AS timestamp",
        "events.seq AS seq",
        "if(events.session = 0, '', concat('#', leftPad(lower(hex(events.session)), 16, '0'))) AS sessionId",
        "if(events.tab = 0, '', concat('#', leftPad(lower(hex(events.tab)), 8, '0'))) AS tabId",
        "1 / events.weight AS sample",
        *(f"toString(events.{name}) AS {name}" for name in DIMENSION_NAMES),
        *_field_columns(),
    ]
    return ",\n".join(columns)


def export(
    engine: Engine, question: Question, format: ExportFormat, sessions: Sequence[int] | None = None
) -> Iterator[bytes]:
    """The events of a question, or of some sessions in it, oldest first, in pieces of a file. Raises EngineError."""
    where, parameters = condition(question).sql, dict(condition(question).parameters)
    if sessions is not None:
        where, parameters["sessions"] = f"session IN {{sessions:Array(UInt64)}} AND {where}", sessions
    sql = f"SELECT {_select()} FROM (SELECT * FROM events WHERE {where}) AS events ORDER BY events.ts"
    pieces = engine.stream(sql, _ENGINE_FORMATS[format], parameters)
    match format:
        case "ndjson":
            return map(_without_nulls, _whole_lines(pieces))
        case "csv":  # with a line of names of our own: the engine would write one before each piece
            return chain((_csv_head(),), pieces)
    return pieces


def _csv_head() -> bytes:
    names = [column.rpartition(" AS ")[2].strip("`") for column in _select().split(",\n")]
    return ",".join(f'"{name}"' for name in names).encode() + b"\n"


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[list[bytes]]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield lines
    if rest:
        yield [rest]


def _without_nulls(lines: list[bytes]) -> bytes:
    """Lines with what is there, and an SDK's `dropped` as the object that it was."""
    encode, out = msgspec.json.encode, []
    for line in lines:
        row = {name: value for name, value in msgspec.json.decode(line).items() if value is not None and value != ""}
        if "dropped" in row:
            row["dropped"] = msgspec.json.decode(row["dropped"])
        out.append(encode(row))
    return b"".join(line + b"\n" for line in out)
