"""What the events store holds, as tables."""

from collections.abc import Iterable, Sequence

from chatvitals.dashboard.elements.table import Cell, Column, Row, Table, cell_of
from chatvitals.dashboard.saying import count, show
from chatvitals.dashboard.system_state import Held

RAW = "events"
_WHAT = {
    RAW: "raw events",
    "rollup_hours": "hourly sums",
    "outcomes": "what became of received events",
    "schema_migrations": "migrations that were applied",
}


def _columns(first: Column) -> tuple[Column, ...]:
    return (
        first,
        Column("rows", "Rows", "right"),
        Column("bytes", "On the disk", "right"),
        Column("each", "A row", "right", help="Bytes on the disk for each row"),
        Column("parts", "Parts", "right", help="Pieces that the engine merges into fewer by itself"),
    )


def tables_table(held: Sequence[Held]) -> Table:
    """Each table of the store, the largest first."""
    of_table: dict[str, list[Held]] = {}
    for one in held:
        of_table.setdefault(one.table, []).append(one)
    ordered = sorted(of_table.items(), key=lambda pair: -_bytes(pair[1]))
    return Table(
        "Tables of the events store",
        _columns(Column("table", "Table")),
        tuple(_row(_WHAT.get(name, name), parts, _bytes(held), name) for name, parts in ordered),
        empty="The store is empty.",
    )


def days_table(held: Sequence[Held]) -> Table:
    """Raw events by the day on which they happened, the newest first."""
    days = sorted((one for one in held if one.table == RAW), key=lambda one: one.partition, reverse=True)
    return Table(
        "Raw events by day",
        _columns(Column("day", "Day (UTC)")),
        tuple(_row(_day(one.partition), [one], max(day.bytes for day in days)) for one in days),
        empty="There are no events.",
    )


def _row(name: str, parts: Sequence[Held], most_bytes: int, exact: str = "") -> Row:
    rows, size = sum(one.rows for one in parts), _bytes(parts)
    return Row(
        (
            Cell(name, exact=exact),
            Cell(count(rows)),
            cell_of(show(size, "bytes"), share=100 * size / most_bytes if most_bytes else None),
            cell_of(show(size / rows if rows else None, "bytes")),
            Cell(count(sum(one.parts for one in parts))),
        )
    )


def _bytes(held: Iterable[Held]) -> int:
    return sum(one.bytes for one in held)


def _day(partition: str) -> str:
    return f"{partition[:4]}-{partition[4:6]}-{partition[6:]}"
