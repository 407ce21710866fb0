"""A simulated fleet's events as columns, and the figures of any window of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from chatvitals.alerting.observation import NOTHING, Observation
from chatvitals.simulator.batches import Batch
from chatvitals.simulator.faults.plan import parse_fault
from chatvitals.simulator.fleet import Fleet
from chatvitals.simulator.timeline import Timeline, sessions_per_second

START_MS = 1_760_054_400_000
"""Midnight in UTC."""

HOUR_MS = 3_600_000

Column = NDArray[np.float64]

FIELDS = {
    "persistence": ("success",),
    "navigation": ("preserved",),
    "restoration": ("duration", "identityMatches"),
    "loss": (),
    "render": ("renderTime",),
    "scroll": ("fps", "frames", "lateFrames"),
    "tabSync": ("latency", "success"),
    "memory": ("usedBytes",),
    "api": ("duration", "success"),
    "boot": (),
    "error": (),
}
"""The kinds that default rules look at, and what of them."""


class Kind:
    """Events of one kind, by time: a column a field, and the sessions as numbers."""

    def __init__(self, times: Sequence[float], sessions: Sequence[int], fields: dict[str, list[Any]]) -> None:
        order = np.argsort(np.array(times), kind="stable")
        self.times: Column = np.array(times, dtype=float)[order]
        self.sessions = np.array(sessions, dtype=int)[order]
        self.fields = {name: np.array(values, dtype=float)[order] for name, values in fields.items()}

    def window(self, start_ms: float, end_ms: float) -> "Kind":
        """The events from `start_ms` on, up to but without `end_ms`."""
        first, last = np.searchsorted(self.times, (start_ms, end_ms))
        part = Kind.__new__(Kind)
        part.times, part.sessions = self.times[first:last], self.sessions[first:last]
        part.fields = {name: values[first:last] for name, values in self.fields.items()}
        return part

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, field: str) -> Column:
        return self.fields[field]


@dataclass(frozen=True, slots=True)
class Figure:
    """How a metric follows from the events of a kind: its value, and how many samples are behind it."""

    kind: str
    value: Callable[[Kind], float]
    samples: Callable[[Kind], int] = len


def _percent(field: str, wanted: bool) -> Callable[[Kind], float]:
    return lambda events: 100 * float(np.mean(events[field].astype(bool) == wanted))


def _peaks(events: Kind) -> Column:
    """The greatest heap of each session."""
    _, places = np.unique(events.sessions, return_inverse=True)
    peaks = np.zeros(places.max() + 1)
    np.maximum.at(peaks, places, events["usedBytes"])
    return peaks


FIGURES = {
    "persistence.operations.successRate": Figure("persistence", _percent("success", True)),
    "persistence.navigation.successRate": Figure("navigation", _percent("preserved", True)),
    "persistence.restoration.avgDuration": Figure("restoration", lambda events: float(events["duration"].mean())),
    "persistence.restoration.wrongIdentities": Figure(
        "restoration",
        lambda events: float(np.sum(events["identityMatches"] == 0)),
        lambda events: int(np.sum(events["identityMatches"] == 0)),
    ),
    "persistence.dataLoss.incidents": Figure("loss", len),
    "performance.renders.p95Time": Figure("render", lambda events: float(np.quantile(events["renderTime"], 0.95))),
    "performance.scroll.avgFps": Figure("scroll", lambda events: float(events["fps"].mean())),
    "performance.scroll.jankPercentage": Figure(
        "scroll", lambda events: 100 * float(events["lateFrames"].sum() / events["frames"].sum())
    ),
    "performance.tabSync.p95Latency": Figure(
        "tabSync",
        lambda events: float(np.quantile(events["latency"][events["success"] == 1], 0.95)),
        lambda events: int(np.sum(events["success"] == 1)),
    ),
    "performance.tabSync.failureRate": Figure("tabSync", _percent("success", False)),
    "memory.peak": Figure(
        "memory",
        lambda events: float(np.quantile(_peaks(events), 0.95)),
        lambda events: len(np.unique(events.sessions)),
    ),
    "api.p95Duration": Figure("api", lambda events: float(np.quantile(events["duration"], 0.95))),
    "api.errorRate": Figure("api", _percent("success", False)),
}


class Traffic:
    """What a fleet of 200 customers sends, at `rate` events a second on the mean of a day."""

    def __init__(self, *faults: str, rate: float, hours: float, seed: int, daily_rhythm: bool = True) -> None:
        fleet = Fleet(seed, 200, START_MS, daily_rhythm=daily_rhythm)
        timeline = Timeline(
            fleet,
            seed=seed,
            starts_per_s=sessions_per_second(fleet, seed, rate),
            faults=[parse_fault(fault) for fault in faults],
        )
        self._kinds = _columns(takewhile(lambda batch: batch.due_ms < hours * HOUR_MS, timeline))

    def observe(self, metric: str, end_ms: float, window_ms: float) -> Observation:
        """What a rule over all of it sees at a moment. Times are ms since the beginning."""
        if metric == "errors.sessionRate":
            return self._session_rate(end_ms, window_ms)
        figure = FIGURES[metric]
        events = self._kinds[figure.kind].window(end_ms - window_ms, end_ms)
        samples = figure.samples(events)
        if not samples:
            return NOTHING
        return Observation(figure.value(events), samples, len(np.unique(events.sessions)))

    def _session_rate(self, end_ms: float, window_ms: float) -> Observation:
        started, failed = (
            len(np.unique(self._kinds[kind].window(end_ms - window_ms, end_ms).sessions)) for kind in ("boot", "error")
        )
        return Observation(100 * min(failed, started) / started, started, started) if started else NOTHING


def _columns(batches: Iterable[Batch]) -> dict[str, Kind]:
    sessions: dict[str, int] = {}
    times: defaultdict[str, list[float]] = defaultdict(list)
    whose: defaultdict[str, list[int]] = defaultdict(list)
    fields: dict[str, dict[str, list[Any]]] = {kind: {name: [] for name in names} for kind, names in FIELDS.items()}
    for batch in batches:
        for raw in batch.flat_events():
            event = msgspec.json.decode(raw)
            kind = event["kind"]
            if kind not in FIELDS:
                continue
            times[kind].append(event["timestamp"] - START_MS)
            whose[kind].append(sessions.setdefault(event["sessionId"], len(sessions)))
            for name, values in fields[kind].items():
                values.append(event.get(name))
    return {kind: Kind(times[kind], whose[kind], fields[kind]) for kind in FIELDS}
