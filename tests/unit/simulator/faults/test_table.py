from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest
from tests.unit.simulator.world import START_MS, batches_of, events_of

from chatvitals.simulator.faults.table import FAULTS

Event = dict[str, Any]

WHERE = "at=10s,for=50s,browser=Chrome"

SIGNS: dict[str, Callable[[Event], bool]] = {
    "loss-quota": lambda e: e["kind"] == "loss" and (e["hop"], e["errorType"]) == ("save", "QuotaExceededError"),
    "loss-security": lambda e: e["kind"] == "loss" and (e["hop"], e["errorType"]) == ("restore", "SecurityError"),
    "wrong-restore": lambda e: e["kind"] == "restoration" and not e["identityMatches"],
    "slow-render": lambda e: e["kind"] == "render" and e["renderTime"] > 25,
    "memory-leak": lambda e: e["kind"] == "memory" and e["usedBytes"] > 40_000_000,
    "jank": lambda e: e["kind"] == "scroll" and e["fps"] < 31,
    "tab-sync-failing": lambda e: e["kind"] == "tabSync" and e["latency"] == 2_000,
    "api-errors": lambda e: e["kind"] == "api" and not e["success"] and e["endpoint"] == "/api/config",
    "slow-api": lambda e: e["kind"] == "api" and e["duration"] > 1_000,
    "cache-misses": lambda e: e["kind"] in ("api", "bundle") and e.get("cached") is False,
    "silent-staleness": lambda e: e["kind"] == "message" and e.get("serverOrdinal", 0) > e["ordinal"],
}
"""What the server can see of each fault that changes events."""


def world(*faults: str) -> list[Event]:
    """Events of 70 seconds. What is sent at their very end depends on how batches are cut, and is left out."""
    events = events_of(batches_of(*faults, seconds=75, rate=80))
    return [event for event in events if event["timestamp"] < START_MS + 70_000]


@cache
def sound_world() -> list[Event]:
    return world()


def identity(event: Event) -> bytes:
    """The event without what an additional one before it would change."""
    return msgspec.json.encode(
        {name: value for name, value in event.items() if name not in ("seq", "recorded", "sent")}
    )


def within(event: Event) -> bool:
    struck = START_MS + 10_000 <= event["timestamp"] < START_MS + 60_005
    return bool(struck and event["browser"].startswith("Chrome "))


def test_every_fault_is_tried() -> None:
    assert SIGNS.keys() == {name for name, fault in FAULTS.items() if fault.strike}


def test_every_fault_says_what_goes_wrong() -> None:
    assert all(fault.what.endswith(".") for fault in FAULTS.values())


@pytest.mark.parametrize("name", SIGNS)
def test_a_fault_shows_on_its_dimension_in_its_time_and_changes_nothing_else(name: str) -> None:
    sound, struck = sound_world(), world(f"{name},{WHERE}")
    others = [set(map(identity, (event for event in events if not within(event)))) for events in (sound, struck)]
    assert others[0] == others[1]
    showing = [event for event in struck if SIGNS[name](event)]
    new = {identity(event) for event in showing} - set(map(identity, sound))
    assert len(new) > 3
    assert all(within(event) for event in showing if identity(event) in new)


def test_a_share_strikes_that_share_of_the_sessions_whole() -> None:
    events = events_of(batches_of("slow-render,at=-1h,share=0.3", seconds=60, rate=200))
    times: dict[str, list[float]] = {}
    for event in events:
        if event["kind"] == "render":
            times.setdefault(event["sessionId"], []).append(event["renderTime"])
    slow = [min(each) for each in times.values() if min(each) > 8 and len(each) > 3]
    fast = [each for each in times.values() if min(each) <= 8 and len(each) > 3]
    assert len(slow) / (len(slow) + len(fast)) == pytest.approx(0.3, abs=0.08)
    assert all(sum(time > 16 for time in each) < len(each) / 2 for each in fast)


def test_losses_name_the_messages_that_are_gone() -> None:
    losses = [e for e in events_of(batches_of("wrong-restore", "loss-quota")) if e["kind"] == "loss"]
    assert {event["hop"] for event in losses} == {"save", "restore"}
    assert all(event["lost"] == event["lastSeq"] - event["firstSeq"] + 1 > 0 for event in losses)


def test_beacons_are_duplicated_on_their_dimension_in_their_time() -> None:
    for batch in batches_of(f"duplicate-beacons,{WHERE}", seconds=70, rate=80):
        struck = b'"browser":"Chrome ' in batch.context and 10_000 <= batch.due_ms < 60_000
        assert batch.copies == (2 if struck else 1)


def test_a_skewed_clock_is_off_by_as_much_for_a_whole_session_and_true_times_are_kept() -> None:
    skews: dict[bytes, set[int]] = {}
    struck = batches_of("skewed-clocks,at=-1h,share=0.5", seconds=20, rate=200)
    for batch in struck:
        skews.setdefault(batch.context[:50], set()).add(batch.skew_ms)
    assert all(len(each) == 1 for each in skews.values())
    assert sum(each != {0} for each in skews.values()) / len(skews) == pytest.approx(0.5, abs=0.1)
    assert events_of(struck) == events_of(batches_of(seconds=20, rate=200))
    skewed = next(batch for batch in struck if batch.skew_ms)
    assert b'"timestamp":%d' % (START_MS + skewed.due_ms) not in skewed.events[0]
