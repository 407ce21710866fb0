"""What is written is what is read: every kind of event, once, however it is inserted."""

import json
import struct
from collections import Counter
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.unit.events import NOW_MS, events, events_of_kind
from tests.unit.ingest.deliveries import delivery_of, renders_at

from chatvitals.catalogue.columns import FIELDS, ColumnType
from chatvitals.catalogue.kinds import KINDS, AnyEvent
from chatvitals.ingest import rows
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.rows import encode_rows
from chatvitals.ingest.writer import Content, write_content
from chatvitals.query.export import export
from chatvitals.query.request import Question, Window
from chatvitals.store.control.sites import Site
from chatvitals.store.events.embedded import EmbeddedEngine

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
TIMES = st.floats(NOW_MS, NOW_MS + HOUR_MS - 1)
HASHES = st.integers(1, 2**64 - 1).map(lambda value: f"#{value:016x}")
DAYS = Window(NOW_MS - 5 * DAY_MS, NOW_MS + 5 * DAY_MS)

# not made smaller when one fails: each example is an insert that reaches the disk
prove = settings(deadline=None, database=None, max_examples=6, phases=[Phase.explicit, Phase.generate])


def new_site() -> Site:
    """A site that no other test writes to."""
    return Site(f"site {uuid4()}", b"salt", ("*",))


def insert(engine: EmbeddedEngine, *deliveries: Delivery, token: str = "") -> None:
    engine.insert("events", [encode_rows(deliveries).block], token or str(uuid4()))


def exported(engine: EmbeddedEngine, site: Site) -> list[dict[str, Any]]:
    """A site's events by their ordinals."""
    pieces = export(engine, Question(DAYS, {"site": (site.name,)}), "ndjson")
    return sorted((json.loads(line) for line in b"".join(pieces).splitlines()), key=lambda event: event["seq"])


def stored(event: dict[str, Any]) -> dict[str, Any]:
    """An event as the store holds it: whole milliseconds, numbers in single precision."""
    numbers = {field.wire_name for field in FIELDS[event["kind"]] if field.type is ColumnType.NUMBER}
    held = {name: _single(value) if name in numbers else value for name, value in event.items()}
    return {**held, "timestamp": int(event["timestamp"])}


def _single(value: float) -> float:
    held: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return held


@pytest.mark.parametrize("kind", KINDS)
@prove
@given(data=st.data())
def test_an_event_of_a_kind_comes_back_as_it_was_sent(engine: EmbeddedEngine, kind: str, data: st.DataObject) -> None:
    assert_comes_back(engine, data.draw(st.lists(events_of_kind(kind, TIMES), min_size=1, max_size=20)))


@prove
@given(batch=st.lists(events(TIMES), min_size=1, max_size=60))
def test_kinds_that_come_together_come_back_as_they_were_sent(
    engine: EmbeddedEngine, batch: list[dict[str, Any]]
) -> None:
    assert_comes_back(engine, batch)


def assert_comes_back(engine: EmbeddedEngine, batch: list[dict[str, Any]]) -> None:
    site = new_site()
    sent = [{**event, "seq": place} for place, event in enumerate(batch)]
    for event in sent:
        if "conversationId" in event:
            event["conversationId"] = f"#{abs(hash(event['conversationId'])) % 2**64 or 1:016x}"
    context = {"customer": "acme", "page": "/pricing"}
    converted = [msgspec.convert(event, AnyEvent) for event in sent]
    insert(engine, delivery_of(*converted, site=site, context=context, session=255, tab=16, sample=0.5))
    about = {"sessionId": "#00000000000000ff", "tabId": "#00000010", "sample": 0.5, "site": site.name, **context}
    assert list(map(stored, exported(engine, site))) == [stored(event) | about for event in sent]


def test_what_a_context_does_not_tell_is_not_there(engine: EmbeddedEngine) -> None:
    site = new_site()
    insert(engine, delivery_of(*renders_at(NOW_MS), site=site))
    assert exported(engine, site) == [
        {"site": site.name, "kind": "render", "timestamp": NOW_MS, "seq": -1, "sample": 1, "renderTime": 8}
    ]


def test_a_corrected_time_is_what_is_asked_for_and_the_clients_own_stays_known(engine: EmbeddedEngine) -> None:
    site = new_site()
    insert(engine, delivery_of(*renders_at(NOW_MS - 400 * DAY_MS), site=site, skew_ms=400 * DAY_MS + 5))
    (event,) = exported(engine, site)
    assert event["timestamp"] == NOW_MS + 5
    (row,) = engine.query("SELECT skew FROM events WHERE site = {site:String}", {"site": site.name})
    assert row["skew"] == 400 * DAY_MS + 5


def test_a_block_from_before_the_column_that_says_when_events_came(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spool that an older version left, or a row that it stored."""
    site = new_site()
    before = [(name, body) for name, body in rows._HEADERS.items() if name != "received"]
    monkeypatch.setattr(rows, "_HEADERS", dict(before))
    common = rows._common_columns
    monkeypatch.setattr(
        rows,
        "_common_columns",
        lambda *given, **named: [pair for pair in common(*given, **named) if pair[0] != "received"],
    )
    rows_of_old = encode_rows([delivery_of(*renders_at(NOW_MS), site=site)])
    write_content(engine, str(uuid4()), Content(1, set(), [rows_of_old.block], Counter()), NOW_MS + 5)
    assert arrivals(engine, site) == [NOW_MS]


def arrivals(engine: EmbeddedEngine, site: Site) -> list[int]:
    rows = engine.query(
        "SELECT toUnixTimestamp64Milli(received) AS at FROM events WHERE site = {site:String} ORDER BY at",
        {"site": site.name},
    )
    return [row["at"] for row in rows]


def test_live_events_come_when_they_are_written_and_imported_ones_when_they_happened(engine: EmbeddedEngine) -> None:
    site, token = new_site(), str(uuid4())
    live = delivery_of(*renders_at(NOW_MS), site=site, received_ms=NOW_MS + 1)
    imported = delivery_of(*renders_at(NOW_MS - DAY_MS), site=site, live=False)
    block = encode_rows([live, imported], on_the_way=True).block
    for tries in range(2):
        write_content(engine, token, Content(2, set(), [block], Counter()), NOW_MS + HOUR_MS + tries)
    assert arrivals(engine, site) == [NOW_MS - DAY_MS, NOW_MS + HOUR_MS]


@pytest.mark.parametrize("days", [(0,), (0, 1, -2), (0, 0, 1)], ids=["one partition", "three partitions", "mixed"])
def test_the_same_token_twice_changes_nothing(engine: EmbeddedEngine, days: tuple[int, ...]) -> None:
    site, token = new_site(), str(uuid4())
    delivery = delivery_of(*renders_at(*(NOW_MS + day * DAY_MS for day in days)), site=site)
    for _ in range(3):
        insert(engine, delivery, token=token)
    assert len(exported(engine, site)) == len(days)


def test_the_same_events_under_another_token_are_other_events(engine: EmbeddedEngine) -> None:
    site = new_site()
    for _ in range(2):
        insert(engine, delivery_of(*renders_at(NOW_MS), site=site))
    assert len(exported(engine, site)) == 2


def test_the_blocks_of_an_insert_are_one(engine: EmbeddedEngine) -> None:
    site, token = new_site(), str(uuid4())
    deliveries = [delivery_of(*renders_at(NOW_MS + place), site=site) for place in range(10)]
    for _ in range(2):
        engine.insert("events", [encode_rows([delivery]).block for delivery in deliveries], token)
    assert len(exported(engine, site)) == 10


def test_a_filter_of_a_site_shows_nothing_of_another(engine: EmbeddedEngine) -> None:
    one, other = new_site(), new_site()
    insert(engine, delivery_of(*renders_at(1 + NOW_MS), site=one), delivery_of(*renders_at(2 + NOW_MS), site=other))
    assert [event["timestamp"] for event in exported(engine, one)] == [NOW_MS + 1]
