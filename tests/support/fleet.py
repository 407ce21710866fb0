"""What the simulator's fleet sends, without a server: events in the words of the wire, each with its context."""

from collections.abc import Iterator
from typing import Any

import msgspec

from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.simulator.faults.plan import parse_fault
from chatvitals.simulator.fleet import Fleet
from chatvitals.simulator.timeline import Timeline

Event = dict[str, Any]


def fleet_events(start_ms: int, minutes: float, *faults: str, seed: int = 1, starts_per_s: float = 0.2) -> list[Event]:
    """The events of all batches that are due in the first minutes, at their true times."""
    timeline = Timeline(
        Fleet(seed, 20, start_ms, daily_rhythm=False),
        seed=seed,
        starts_per_s=starts_per_s,
        faults=[parse_fault(fault) for fault in faults],
    )
    return list(_flat(timeline, minutes * 60_000))


def _flat(timeline: Timeline, until_ms: float) -> Iterator[Event]:
    for batch in timeline:
        if batch.due_ms >= until_ms:
            return
        for event in batch.flat_events():
            yield {**dict.fromkeys(DIMENSION_NAMES, ""), "sample": 1.0, **msgspec.json.decode(event)}
