from collections import defaultdict
from itertools import pairwise
from typing import Any

import msgspec
from tests.unit.simulator.world import START_MS, batches_of, events_of

from chatvitals.simulator.batches import FLUSH_EVENTS, FLUSH_MS

IDS = ("sessionId", "tabId", "conversationId")


def test_the_same_seed_and_start_give_the_same_batches() -> None:
    assert batches_of(seconds=20) == batches_of(seconds=20)


def test_another_start_changes_nothing_but_times_and_ids() -> None:
    def bare(batches: list[Any], start_ms: int) -> list[dict[str, Any]]:
        events = events_of(batches)
        for event in events:
            event["timestamp"] -= start_ms
        return [{name: value for name, value in event.items() if name not in IDS} for event in events]

    later = START_MS + 98_765_432
    now_and_later = batches_of(seconds=20), batches_of(seconds=20, start_ms=later)
    assert bare(now_and_later[0], START_MS) == bare(now_and_later[1], later)


def test_no_run_repeats_the_ids_of_another() -> None:
    def ids(start_ms: int) -> set[str]:
        batches = batches_of(seconds=5, start_ms=start_ms)
        return {batch.id for batch in batches} | {event["sessionId"] for event in events_of(batches)}

    assert not ids(START_MS) & ids(START_MS + 1)


def test_another_seed_gives_other_events() -> None:
    assert events_of(batches_of(seconds=5)) != events_of(batches_of(seconds=5, seed=2))


def test_ordinals_run_from_zero_without_gaps_in_every_tab() -> None:
    tabs = defaultdict(list)
    for event in events_of(batches_of("loss-quota,share=0.3", seconds=30)):
        tabs[event["tabId"]].append(event["seq"])
    assert len(tabs) > 50
    assert all(ordinals == list(range(len(ordinals))) for ordinals in tabs.values())


def test_batches_come_when_they_are_due_with_ids_of_their_own() -> None:
    batches = batches_of(seconds=30)
    assert all(left.due_ms <= right.due_ms for left, right in pairwise(batches))
    assert len({batch.id for batch in batches}) == len(batches)


def test_a_batch_holds_few_events_of_a_short_time_of_one_page() -> None:
    for batch in batches_of(seconds=30):
        times = [msgspec.json.decode(event)["timestamp"] for event in batch.events]
        assert 0 < len(times) <= FLUSH_EVENTS
        assert times == sorted(times)
        assert times[-1] - times[0] <= FLUSH_MS
        assert times[-1] <= START_MS + batch.due_ms


def test_the_fleet_has_its_rate_from_the_first_seconds_on() -> None:
    batches = batches_of(rate=500, seconds=30)
    for from_s, until_s, tolerance in ((0, 5, 0.15), (5, 30, 0.08)):
        events = sum(len(b.events) for b in batches if from_s * 1_000 <= b.due_ms < until_s * 1_000)
        assert abs(events / (until_s - from_s) / 500 - 1) < tolerance
