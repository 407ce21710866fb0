"""The figures that the API should give for some events, computed plainly from the words of the metric reference.

Written without the catalogue and without SQL, so that a mistake there is not made here again.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Event = dict[str, Any]
Numbers = npt.NDArray[np.float64]


class Span(NamedTuple):
    """A figure may be any from `least` to `greatest`."""

    least: float
    greatest: float


Expected = dict[str, float | Span | None]

RATE_TOLERANCE = 1e-4
QUANTILE_TOLERANCE = 0.005
LIVE_MS = 300_000
SLOW_MS = 16

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Sample:
    """Values of a field, each with the number of events that it stands for."""

    def __init__(self, events: Sequence[Event], field: str) -> None:
        present = [event for event in events if event.get(field) is not None]
        self.values: Numbers = np.array([float(event[field]) for event in present])
        self.weights: Numbers = np.array([weight_of(event) for event in present])

    def mean(self) -> float | None:
        return float(np.average(self.values, weights=self.weights)) if self.values.size else None

    def least(self) -> float | None:
        return float(self.values.min()) if self.values.size else None

    def greatest(self) -> float | None:
        return float(self.values.max()) if self.values.size else None

    def total(self) -> float:
        return float((self.values * self.weights).sum())

    def quantile(self, at: float) -> "float | Span | None":
        """Linear between neighbours (type 7). Where weights differ no definition is the one: any between neighbours."""
        if not self.values.size:
            return None
        if self.weights.min() == self.weights.max():
            return float(np.quantile(self.values, at))
        order = np.argsort(self.values)
        values, ranks = self.values[order], np.cumsum(self.weights[order])
        place = int(np.searchsorted(ranks, at * ranks[-1]))
        return Span(float(values[max(place - 1, 0)]), float(values[min(place + 1, values.size - 1)]))

    def timing(self, prefix: str, noun: str) -> Expected:
        """Mean and percentiles under the names of the API."""
        figures: Expected = {f"{prefix}.avg{noun}": self.mean()}
        for name, at in QUANTILES.items():
            figures[f"{prefix}.{name}{noun}"] = self.quantile(at)
        return figures


def weight_of(event: Event) -> float:
    """How many events one stands for."""
    return 1 / float(event.get("sample", 1))


def count(events: Iterable[Event]) -> int:
    return round(math.fsum(map(weight_of, events)))


def share(events: Sequence[Event], has: Callable[[Event], bool]) -> float | None:
    """The percentage of events that have something."""
    total = math.fsum(map(weight_of, events))
    return 100 * math.fsum(weight_of(event) for event in events if has(event)) / total if total else None


def expected_figures(events: Iterable[Event], end_ms: float) -> Expected:
    """All primary metrics, by their paths in the API, of a window that ends at `end_ms`."""
    by_kind: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_kind[event["kind"]].append(event)
    return {
        **_persistence(by_kind),
        **_performance(by_kind),
        **_memory(by_kind["memory"], end_ms),
        **_api(by_kind["api"]),
        **_further(by_kind),
    }


def _persistence(by_kind: defaultdict[str, list[Event]]) -> Expected:
    operations, restorations = by_kind["persistence"], by_kind["restoration"]
    navigations, losses = by_kind["navigation"], by_kind["loss"]
    return {
        "persistence.operations.total": count(operations),
        "persistence.operations.successRate": share(operations, lambda event: event["success"]),
        **Sample(operations, "duration").timing("persistence.operations", "Duration"),
        "persistence.dataLoss.incidents": count(losses),
        "persistence.dataLoss.messages": Sample(losses, "lost").total(),
        "persistence.restoration.total": count(restorations),
        "persistence.restoration.successRate": share(restorations, lambda event: event["success"]),
        **Sample(restorations, "duration").timing("persistence.restoration", "Duration"),
        "persistence.restoration.wrongIdentityRate": share(
            [event for event in restorations if event.get("identityMatches") is not None],
            lambda event: not event["identityMatches"],
        ),
        "persistence.restoration.wrongIdentities": count(
            event for event in restorations if event.get("identityMatches") is False
        ),
        "persistence.navigation.total": count(navigations),
        "persistence.navigation.successRate": share(navigations, lambda event: event["preserved"]),
    }


def _performance(by_kind: defaultdict[str, list[Event]]) -> Expected:
    renders, scrolls = by_kind["render"], by_kind["scroll"]
    syncs, bundles = by_kind["tabSync"], by_kind["bundle"]
    counted = [event for event in scrolls if event.get("frames") is not None and event.get("lateFrames") is not None]
    frames = Sample(counted, "frames").total()
    return {
        "performance.renders.total": count(renders),
        **Sample(renders, "renderTime").timing("performance.renders", "Time"),
        "performance.renders.slowRenders": count(event for event in renders if event["renderTime"] > SLOW_MS),
        "performance.renders.slowRenderRate": share(renders, lambda event: event["renderTime"] > SLOW_MS),
        "performance.scroll.total": count(scrolls),
        "performance.scroll.avgFps": Sample(scrolls, "fps").mean(),
        "performance.scroll.minFps": Sample(scrolls, "minFps").least(),
        "performance.scroll.jankPercentage": 100 * Sample(counted, "lateFrames").total() / frames if frames else None,
        "performance.tabSync.total": count(syncs),
        **Sample([event for event in syncs if event["success"]], "latency").timing("performance.tabSync", "Latency"),
        "performance.tabSync.failureRate": share(syncs, lambda event: not event["success"]),
        "performance.bundle.total": count(bundles),
        **Sample(bundles, "loadTime").timing("performance.bundle", "LoadTime"),
        "performance.bundle.avgSize": Sample(bundles, "size").mean(),
        "performance.bundle.maxSize": Sample(bundles, "size").greatest(),
    }


def _memory(snapshots: Sequence[Event], end_ms: float) -> Expected:
    by_session: defaultdict[str, list[Event]] = defaultdict(list)
    for event in snapshots:
        by_session[event["sessionId"]].append(event)
    peaks = [max(event["usedBytes"] for event in events) for events in by_session.values()]
    lasts = [max(events, key=lambda event: float(event["timestamp"])) for events in by_session.values()]
    live = [event["usedBytes"] for event in lasts if event["timestamp"] >= end_ms - LIVE_MS]
    heap = Sample(snapshots, "usedBytes")
    return {
        "memory.current": float(np.quantile(live, 0.5)) if live else None,
        "memory.peak": float(np.quantile(peaks, 0.95)) if peaks else None,
        "memory.max": heap.greatest(),
        "memory.average": heap.mean(),
    }


def _api(calls: Sequence[Event]) -> Expected:
    return {
        "api.totalCalls": count(calls),
        **Sample(calls, "duration").timing("api", "Duration"),
        "api.errorRate": share(calls, lambda event: not event["success"]),
        "api.cacheHitRate": share(
            [event for event in calls if event.get("cached") is not None], lambda event: event["cached"]
        ),
    }


def _further(by_kind: defaultdict[str, list[Event]]) -> Expected:
    shown = [event for event in by_kind["message"] if event["stage"] == "rendered"]
    gaps = [event for event in by_kind["connection"] if (event.get("gap") or 0) > 0]
    behind = [
        {**event, "behind": event["serverOrdinal"] - event["ordinal"]}
        for event in shown
        if event.get("serverOrdinal") is not None
    ]
    return {
        "delivery.messages.duplicateRate": share(shown, lambda event: event.get("duplicate") is True),
        "delivery.messages.avgBehind": Sample(behind, "behind").mean(),
        "delivery.connection.successRate": share(by_kind["connection"], lambda event: event["success"]),
        "delivery.connection.unrecoveredRate": share(gaps, lambda event: event.get("recovered") is False),
        "delivery.stream.truncatedRate": share(by_kind["stream"], lambda event: event["outcome"] == "truncated"),
        **Sample(by_kind["stream"], "firstPaint").timing("delivery.stream", "FirstPaint"),
        "boot.storageAvailableRate": share(by_kind["storage"], lambda event: event["available"]),
        "errors.sessionRate": _share_of_sessions(by_kind["error"], by_kind["boot"]),
        "errors.total": count(by_kind["error"]),
        "errors.unhandled": count(event for event in by_kind["error"] if event.get("handled") is False),
        **Sample(by_kind["host"], "ownBlockingTime").timing("host", "BlockingTime"),
    }


def _share_of_sessions(events: Iterable[Event], among: Iterable[Event]) -> float | None:
    """The percentage of the sessions of some events that have others, at most all."""
    having, all_of_them = ({event["sessionId"] for event in some} for some in (events, among))
    return 100 * min(len(having), len(all_of_them)) / len(all_of_them) if all_of_them else None


def errors_by_type(events: Iterable[Event]) -> tuple[dict[str, int], dict[str, int]]:
    """What failed operations and what losses name as their error, with how many of each."""
    failed: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for event in events:
        if event["kind"] == "persistence" and not event["success"]:
            failed[event.get("errorType") or "unknown"] += round(weight_of(event))
        elif event["kind"] == "loss":
            lost[event.get("errorType") or "unknown"] += round(weight_of(event))
    return dict(failed), dict(lost)


def figure(answer: dict[str, Any], path: str) -> float | None:
    """The figure at a path of an answer."""
    place: Any = answer
    for part in path.split("."):
        place = place[part]
    found: float | None = place
    return found


def differences(answer: dict[str, Any], events: Sequence[Event], end_ms: float) -> list[str]:
    """Where an answer is not what the events say: counts exactly, rates and means to 1e-4, quantiles to 0.5 %."""
    wrong = []
    for path, expected in expected_figures(events, end_ms).items():
        found = figure(answer, path)
        if not _agree(path, found, expected):
            wrong.append(f"{path} is {found}, and {expected} by the truth")
    failed, lost = errors_by_type(events)
    for name, told, true in (
        ("errorsByType", answer["persistence"]["errorsByType"], failed),
        ("dataLoss.errorsByType", answer["persistence"]["dataLoss"]["errorsByType"], lost),
        ("coverage", {kind: told["n"] for kind, told in answer["coverage"]["kinds"].items()}, _kinds(events)),
        ("sessions", answer["coverage"]["sessions"], len({event["sessionId"] for event in events})),
        ("events", answer["coverage"]["events"], len(events)),
    ):
        if told != true:
            wrong.append(f"{name} is {told}, and {true} by the truth")
    return wrong


_COUNTED = {"total", "totalCalls", "incidents", "messages", "slowRenders", "unhandled"}


def _kinds(events: Iterable[Event]) -> dict[str, int]:
    return dict(Counter(event["kind"] for event in events))


def _agree(path: str, found: float | None, expected: float | Span | None) -> bool:
    if found is None or expected is None:
        return found is expected
    if isinstance(expected, Span):
        return expected.least * (1 - QUANTILE_TOLERANCE) <= found <= expected.greatest * (1 + QUANTILE_TOLERANCE)
    leaf = path.rpartition(".")[2]
    if leaf in _COUNTED:
        return found == expected
    quantile = leaf[:3] in QUANTILES or path in ("memory.current", "memory.peak")
    tolerance = QUANTILE_TOLERANCE if quantile else RATE_TOLERANCE
    return math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-9)
