from collections import defaultdict
from functools import cache
from itertools import pairwise
from typing import get_args

import msgspec
from tests.unit.simulator.world import batches_of, events_of

from chatvitals.catalogue.columns import FIELDS
from chatvitals.catalogue.kinds import KINDS, AnyEvent
from chatvitals.simulator.batches import Batch


@cache
def told() -> list[Batch]:
    return batches_of("loss-quota,share=0.05", "loss-security,share=0.05", seconds=80, rate=300)


def test_every_kind_occurs_and_every_event_is_valid() -> None:
    sent = b"[" + b",".join(event for batch in told() for event in batch.events) + b"]"
    decoded = msgspec.json.decode(sent, type=list[AnyEvent])
    assert {type(event) for event in decoded} == set(get_args(AnyEvent))


def test_events_have_all_known_fields_and_no_others() -> None:
    fields: dict[str, set[str]] = defaultdict(set)
    for batch in told():
        for event in map(msgspec.json.decode, batch.events):
            fields[event["kind"]] |= event.keys()
    known = {kind: {"kind", "timestamp", "seq"} | {f.wire_name for f in FIELDS[kind]} for kind in KINDS}
    assert not {(kind, name) for kind in KINDS for name in fields[kind] - known[kind]}
    never = {("sdk", "dropped")}
    rarely = {("message", "duplicate")}
    assert never <= {(kind, name) for kind in KINDS for name in known[kind] - fields[kind]} <= never | rarely


def test_a_whole_session_boots_before_anything_else_and_ends_with_its_account() -> None:
    stages = defaultdict(list)
    tabs = defaultdict(list)
    for event in events_of(told()):
        tabs[event["tabId"]].append(event)
        if event["kind"] == "boot":
            stages[event["tabId"]].append(event["stage"])
    whole = [events for events in tabs.values() if events[0].get("stage") == "requested"]
    assert len(whole) > 100
    for events in whole:
        assert stages[events[0]["tabId"]][:4] in (
            ["requested", "script", "frame", "ready"],
            ["requested", "script", "frame"],
            ["requested", "failed"],
            ["requested", "script"],
            ["requested"],
        )
        accounts = [event for event in events if event["kind"] == "sdk"]
        assert len(accounts) <= 1
        assert all(event is events[-1] and event["recorded"] == len(events) for event in accounts)


def test_each_conversation_keeps_its_ledger() -> None:
    ledger: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for event in events_of(told()):
        if event["kind"] == "message":
            ledger[event["conversationId"]][event["stage"]].append(event["ordinal"])
    assert len(ledger) > 50
    for stages in ledger.values():
        rendered = stages["rendered"]
        assert rendered == list(range(rendered[0], rendered[0] + len(rendered)))
        assert set(stages["acked"]) <= set(range(rendered[0] - 2, rendered[-1] + 1))
        assert not set(stages["sent"]) & set(stages["received"])


def test_memory_is_told_every_half_minute_in_each_tab() -> None:
    snapshots = defaultdict(list)
    for event in events_of(told()):
        if event["kind"] == "memory":
            snapshots[event["tabId"]].append(event["timestamp"])
    gaps = [later - earlier for times in snapshots.values() for earlier, later in pairwise(times)]
    assert len(gaps) > 50
    assert 26_000 < min(gaps) < sum(gaps) / len(gaps) < 36_000
