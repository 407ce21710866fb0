"""A fleet without faults is in the best band of every metric that the catalogue has bands for."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.unit.simulator.world import batches_of, events_of

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH


@cache
def healthy() -> dict[str, list[dict[str, Any]]]:
    kinds = defaultdict(list)
    for event in events_of(batches_of(rate=350, seconds=80, seed=3)):
        kinds[event["kind"]].append(event)
    return kinds


def numbers(kind: str, field: str, **where: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(
        [
            float(event[field])
            for event in healthy()[kind]
            if field in event and all(event[name] == value for name, value in where.items())
        ]
    )


def percent(kind: str, field: str) -> float:
    return float(numbers(kind, field).mean() * 100)


def p95(kind: str, field: str, **where: Any) -> float:
    return float(np.quantile(numbers(kind, field, **where), 0.95))


def peak_heap() -> float:
    peaks: dict[str, int] = defaultdict(int)
    for event in healthy()["memory"]:
        peaks[event["sessionId"]] = max(peaks[event["sessionId"]], event["usedBytes"])
    return float(np.quantile(list(peaks.values()), 0.95))


BANDED: dict[str, Callable[[], float]] = {
    "persistence.operations.successRate": lambda: percent("persistence", "success"),
    "persistence.restoration.avgDuration": lambda: float(numbers("restoration", "duration").mean()),
    "performance.renders.p95Time": lambda: p95("render", "renderTime"),
    "performance.scroll.avgFps": lambda: float(numbers("scroll", "fps").mean()),
    "memory.peak": peak_heap,
    "api.p95Duration": lambda: p95("api", "duration"),
}


def test_every_metric_with_bands_is_looked_at() -> None:
    assert {metric.path for metric in METRICS if metric.bands} == BANDED.keys()


@pytest.mark.parametrize("path", BANDED)
def test_metrics_are_excellent(path: str) -> None:
    bands = METRICS_BY_PATH[path].bands
    assert bands is not None
    assert bands.grade(BANDED[path]()) == "excellent"


def test_what_has_only_a_target_meets_it() -> None:
    assert percent("restoration", "success") > 99
    assert percent("navigation", "preserved") > 99
    assert p95("tabSync", "latency", success=True) < 50
    assert percent("tabSync", "success") > 99
    assert 0.1 < 100 - percent("api", "success") < 0.6
    assert not healthy()["loss"]
    assert all(event["identityMatches"] for event in healthy()["restoration"])


def test_figures_are_not_too_good_to_be_true() -> None:
    assert percent("persistence", "success") < 100
    assert p95("render", "renderTime") > 7
    assert p95("api", "duration") > 200
    assert peak_heap() > 18_000_000


def test_memory_is_told_by_chromium_alone() -> None:
    browsers = {event["browser"].rpartition(" ")[0] for event in healthy()["memory"]}
    assert browsers == {"Chrome", "Edge", "Samsung Internet"}
