"""Reads a truth file and computes from it what a server's figures are compared with."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from chatvitals.simulator.truth.lines import FaultLine, StartLine, Summary

Event = dict[str, Any]
"""An event as it should be stored, flat, by the names of the wire."""


@dataclass(slots=True)
class Truth:
    """A truth file in memory. `unknown` holds events that may or may not have been stored.

    `summary` is None where the run was killed.
    """

    start: StartLine | None = None
    faults: list[FaultLine] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    unknown: list[Event] = field(default_factory=list)
    rejected: list[Event] = field(default_factory=list)
    summary: Summary | None = None


def load_truth(path: Path) -> Truth:
    """Read a truth file. A last line that was cut off is left out."""
    truth = Truth()
    for line in _whole_lines(path):
        event = msgspec.json.decode(line)
        match event.get("truth"):
            case None if event.get("fate") == "unknown":
                truth.unknown.append(event)
            case None:
                truth.events.append(event)
            case "rejected":
                truth.rejected.append(event)
            case "start":
                truth.start = msgspec.convert(event, StartLine)
            case "fault":
                truth.faults.append(msgspec.convert(event, FaultLine))
            case "summary":
                truth.summary = msgspec.convert(event, Summary)
    return truth


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


def select(
    events: Iterable[Event], window: tuple[float, float] | None = None, where: dict[str, Any] | None = None
) -> list[Event]:
    """The events within `window` (Unix ms, end excluded) whose fields have the values of `where`."""
    wanted = (where or {}).items()
    return [
        event
        for event in events
        if (window is None or window[0] <= event["timestamp"] < window[1])
        and all(event.get(name) == value for name, value in wanted)
    ]


def count_by_kind(events: Iterable[Event]) -> Counter[str]:
    """How many events there are of each kind."""
    return Counter(event["kind"] for event in events)


def values(events: Iterable[Event], kind: str, field: str) -> list[Any]:
    """The values of a field by its name on the wire, of the events of a kind that have it."""
    return [event[field] for event in events if event["kind"] == kind and event.get(field) is not None]


def quantiles(numbers: Sequence[float], at: Sequence[float]) -> list[float]:
    """The quantiles of some numbers, interpolated linearly between neighbours (Hyndman and Fan's type 7)."""
    return [float(value) for value in np.quantile(np.asarray(numbers, dtype=float), at)]
