"""A small world for the simulator's tests: its batches, and their events as the server should store them."""

from collections.abc import Iterable
from functools import cache
from itertools import takewhile
from typing import Any

import msgspec

from chatvitals.simulator.batches import Batch
from chatvitals.simulator.faults.plan import parse_fault
from chatvitals.simulator.fleet import Fleet
from chatvitals.simulator.timeline import Timeline, sessions_per_second

START_MS = 1_760_000_000_000
CUSTOMERS = 8


@cache
def starts_of_one_event_per_s(seed: int) -> float:
    return sessions_per_second(Fleet(seed, CUSTOMERS, START_MS, daily_rhythm=False), seed, 1)


def batches_of(
    *faults: str, seconds: float = 60, rate: float = 100, seed: int = 1, start_ms: int = START_MS
) -> list[Batch]:
    """What a fleet of eight customers sends."""
    timeline = Timeline(
        Fleet(seed, CUSTOMERS, start_ms, daily_rhythm=False),
        seed=seed,
        starts_per_s=rate * starts_of_one_event_per_s(seed),
        faults=[parse_fault(fault) for fault in faults],
    )
    return list(takewhile(lambda batch: batch.due_ms < seconds * 1_000, timeline))


def events_of(batches: Iterable[Batch]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(event) for batch in batches for event in batch.flat_events()]
