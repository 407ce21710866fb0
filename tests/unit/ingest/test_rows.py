import json
import math
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events import NOW_MS, events, events_of_kind
from tests.unit.ingest.block_reader import BlockReader
from tests.unit.ingest.deliveries import OTHER_SITE, SITE, delivery_of, event_of, renders_at

from chatvitals.catalogue.columns import FIELDS, KIND_COLUMNS, ColumnType
from chatvitals.catalogue.kinds import KINDS, AnyEvent
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.rows import EVENT_COLUMNS, encode_rows
from chatvitals.ingest.steps.identity import hash_identities

HOUR_MS = 3_600_000
BATCHES = st.lists(st.lists(events(), max_size=5), max_size=4)
NOT_TOLD: dict[ColumnType, Any] = {
    ColumnType.FLAG: -1,
    ColumnType.COUNT: -1,
    ColumnType.BYTES: -1,
    ColumnType.LABEL: "",
    ColumnType.TEXT: "",
    ColumnType.HASH: 0,
}


def rows_of(*deliveries: Delivery) -> list[dict[str, Any]]:
    rows = encode_rows(deliveries)
    read = BlockReader(rows.block).rows() if rows.size else []
    assert len(read) == rows.size
    return read


def single(value: float) -> float:
    """A number as single precision holds it."""
    held: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return held


def expected_cell(column: ColumnType, value: Any) -> Any:
    """What a column holds of a field's value."""
    if value is None:
        return NOT_TOLD[column]
    match column:
        case ColumnType.NUMBER:
            return single(value)
        case ColumnType.HASH:
            return int(value[1:], 16)
        case ColumnType.TEXT if isinstance(value, dict):
            return json.dumps(value, separators=(",", ":"))
    return value


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_every_field_of_an_event_is_in_its_column(kind: str, data: st.DataObject) -> None:
    delivery = delivery_of(msgspec.convert(data.draw(events_of_kind(kind)), AnyEvent))
    hash_identities(delivery)
    (row,) = rows_of(delivery)
    (event,) = delivery.events
    assert row["kind"] == kind
    assert row["seq"] == event.seq
    carried = {field.column: field for field in FIELDS[kind]}
    for name, column in KIND_COLUMNS.items():
        value = getattr(event, carried[name].name) if name in carried else None
        if column is ColumnType.NUMBER and value is None:
            assert math.isnan(row[name]) or name not in carried
        elif name in carried:
            assert row[name] == expected_cell(column, value)
        else:
            assert not row[name], "a column that the kind doesn't have is 0 or empty"


@given(batches=BATCHES)
def test_rows_keep_every_event_with_what_its_delivery_has(batches: list[list[dict[str, Any]]]) -> None:
    deliveries = []
    for place, batch in enumerate(batches):
        site = (SITE, OTHER_SITE)[place % 2]
        context: dict[str, Any] = {"customer": f"customer {place}", "page": "/"}
        fields: dict[str, Any] = {
            "site": site,
            "context": context,
            "skew_ms": -place,
            "session": place,
            "tab": place,
            "sample": 1 / 4,
        }
        deliveries.append(delivery_of(*(msgspec.convert(event, AnyEvent) for event in batch), **fields))
        hash_identities(deliveries[-1])
    rows = rows_of(*deliveries)
    told = sorted((row["customer"], row["kind"], row["ts"], row["seq"]) for row in rows)
    assert told == sorted(
        (f"customer {place}", event["kind"], int(event["timestamp"]) - place, event.get("seq", -1))
        for place, batch in enumerate(batches)
        for event in batch
    )
    for row in rows:
        place = int(row["customer"].split()[1])
        assert row["site"] == ("acme", "globex")[place % 2]
        assert (row["skew"], row["session"], row["tab"], row["weight"]) == (-place, place, place, 4.0)
        assert (row["page"], row["release"]) == ("/", "")


def test_events_that_come_late_say_when_they_came() -> None:
    live = delivery_of(*renders_at(NOW_MS - HOUR_MS), received_ms=NOW_MS + 999)
    imported = delivery_of(*renders_at(NOW_MS - 2 * HOUR_MS), received_ms=NOW_MS, live=False)
    rows = rows_of(live, imported, live)
    assert [row["received"] for row in rows] == [NOW_MS + 999, NOW_MS - 2 * HOUR_MS, NOW_MS + 999]


def test_live_events_on_their_way_come_once_they_are_stored() -> None:
    live = delivery_of(*renders_at(NOW_MS), received_ms=NOW_MS + 999)
    imported = delivery_of(*renders_at(NOW_MS - HOUR_MS), live=False)
    rows = BlockReader(encode_rows([live, imported], on_the_way=True).block).rows()
    assert [row["received"] for row in rows] == [0, NOW_MS - HOUR_MS]


def test_events_of_a_kind_stay_in_their_order() -> None:
    rows = rows_of(delivery_of(*renders_at(3, 1)), delivery_of(*renders_at(2)))
    assert [row["ts"] for row in rows] == [3, 1, 2]


def test_the_columns_are_those_of_the_events_table() -> None:
    (row,) = rows_of(delivery_of(event_of()))
    assert list(row) == list(EVENT_COLUMNS)


@pytest.mark.parametrize("deliveries", [(), (delivery_of(),), (delivery_of(), delivery_of())])
def test_no_events_are_no_rows(deliveries: tuple[Delivery, ...]) -> None:
    assert encode_rows(deliveries) == (0, [], b"")


def test_more_labels_than_a_byte_counts_are_told_apart() -> None:
    for count in (255, 256, 257):
        deliveries = [delivery_of(*renders_at(place), context={"page": f"/{place}"}) for place in range(count)]
        assert [row["page"] for row in rows_of(*deliveries)] == [f"/{place}" for place in range(count)]


def test_the_hours_of_the_rows_are_told() -> None:
    deliveries = [delivery_of(*renders_at(NOW_MS, NOW_MS + 1)), delivery_of(*renders_at(NOW_MS), skew_ms=-1)]
    assert encode_rows(deliveries).hours == [NOW_MS - HOUR_MS, NOW_MS]


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=4_000))
def test_text_of_any_length_and_script_is_kept(text: str) -> None:
    (row,) = rows_of(delivery_of(event_of("error", type="T", message=text)))
    assert row["text"] == text
