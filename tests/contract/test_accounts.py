"""What is told of an alert, from the events: whom it touches, and the figures that its rule names."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from tests.contract.history import LENGTH_MS, Event, random_events, store
from tests.unit.alerting.situations import slow_renders
from tests.unit.events import NOW_MS

from chatvitals.alerting.blast import measure_blast
from chatvitals.alerting.details import Details
from chatvitals.alerting.evaluate import judge
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Absence, Degradation, Detail, Rule, Side, Threshold
from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.query.figures import Source
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import Rollups
from chatvitals.query.snapshot import take_picture, tidy
from chatvitals.store.control.incidents import Blast
from chatvitals.store.events.embedded import EmbeddedEngine

END_MS = NOW_MS + LENGTH_MS
WINDOW = Window(NOW_MS, END_MS)
Bad = Callable[[Event], Any]


@pytest.fixture(scope="module")
def source(engine: EmbeddedEngine) -> Source:
    return Source(engine, Rollups(engine, lambda: END_MS, raw_retention_days=30))


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return random_events(21, 4_000)


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine, events: list[Event]) -> str:
    return store(engine, events)


def rule(metric: str, side: Side = Side.ABOVE, **changes: Any) -> Rule:
    condition = Threshold(side, {Severity.ERROR: 0.0}, 0.0)
    return slow_renders(**{"metric": metric, "condition": condition, "window_ms": LENGTH_MS, **changes})


def most(events: Iterable[Event], name: str) -> tuple[str, ...]:
    """The ten with the most events; those with as many by name."""
    counts = Counter(event[name] for event in events if event[name])
    return tuple(sorted(counts, key=lambda value: (-counts[value], value))[:10])


def expected_blast(seen: list[Event], bad: list[Event], site: str) -> Blast:
    def different(events: Iterable[Event], name: str) -> int:
        return len({event[name] for event in events if event[name]})

    return Blast(
        sites=1 if bad else 0,
        customers=different(bad, "customer"),
        customers_seen=different(seen, "customer"),
        releases=different(bad, "release"),
        sessions=different(bad, "sessionId"),
        sessions_seen=different(seen, "sessionId"),
        site_names=(site,) if bad else (),
        customer_names=most(bad, "customer"),
        release_names=most(bad, "release"),
    )


def _is_of_another(event: Event) -> bool:
    return event.get("identityMatches") is False


def _is_slow_sync(event: Event) -> bool:
    return bool(event["success"] and event["latency"] > 30)


CASES: list[tuple[str, Side, float, str, Bad]] = [
    ("persistence.dataLoss.incidents", Side.ABOVE, 0, "loss", bool),
    ("persistence.dataLoss.messages", Side.ABOVE, 5, "loss", bool),
    ("errors.unhandled", Side.ABOVE, 0, "error", lambda event: event.get("handled") is False),
    ("api.errorRate", Side.ABOVE, 1, "api", lambda event: not event["success"]),
    ("persistence.operations.successRate", Side.BELOW, 95, "persistence", lambda event: not event["success"]),
    ("persistence.restoration.wrongIdentityRate", Side.ABOVE, 0, "restoration", _is_of_another),
    ("api.cacheHitRate", Side.BELOW, 50, "api", lambda event: event.get("cached") is False),
    ("performance.renders.p95Time", Side.ABOVE, 20, "render", lambda event: event["renderTime"] > 20),
    ("performance.scroll.avgFps", Side.BELOW, 55, "scroll", lambda event: event["fps"] < 55),
    ("performance.scroll.minFps", Side.BELOW, 10, "scroll", lambda event: event.get("minFps", 99) < 10),
    (
        "performance.scroll.jankPercentage",
        Side.ABOVE,
        10,
        "scroll",
        lambda event: 100 * event.get("lateFrames", 0) > 10 * event.get("frames", 0) > 0,
    ),
    ("performance.tabSync.p95Latency", Side.ABOVE, 30, "tabSync", _is_slow_sync),
    ("performance.bundle.maxSize", Side.ABOVE, 5e5, "bundle", lambda event: event.get("size", 0) > 5e5),
]  # fmt: skip


@pytest.mark.parametrize(("metric", "side", "threshold", "kind", "bad"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("customer", [None, "acme"])
def test_the_blast_is_of_the_bad_events(
    source: Source,
    events: list[Event],
    site: str,
    metric: str,
    side: Side,
    threshold: float,
    kind: str,
    bad: Bad,
    customer: str | None,
) -> None:
    by, key = (("site",), (site,)) if customer is None else (("customer", "site"), (customer, site))
    there = [event for event in events if customer in (None, event["customer"])]
    own = [event for event in there if event["kind"] == kind]
    counts = METRICS_BY_PATH[metric].statistic in ("count", "sum")
    found = measure_blast(source, rule(metric, side, by=by), key, threshold, WINDOW)
    assert found == expected_blast(there if counts else own, [event for event in own if bad(event)], site)
    assert 0 < found.sessions <= found.sessions_seen


def whole(source: Source, site: str, metric: str, side: Side, threshold: float | None, **changes: Any) -> Blast:
    return measure_blast(source, rule(metric, side, by=("site",), **changes), (site,), threshold, WINDOW)


def test_the_heap_is_that_of_sessions(source: Source, events: list[Event], site: str) -> None:
    peaks: Counter[str] = Counter()
    for event in events:
        if event["kind"] == "memory":
            peaks[event["sessionId"]] = max(peaks[event["sessionId"]], event["usedBytes"])
    found = whole(source, site, "memory.peak", Side.ABOVE, 80e6)
    assert found.sessions == sum(peak > 80e6 for peak in peaks.values()) < found.sessions_seen == len(peaks)
    assert whole(source, site, "memory.current", Side.ABOVE, 80e6).sessions < found.sessions


def test_what_is_missing_of_a_share_is_counted_by_session(engine: EmbeddedEngine, source: Source) -> None:
    """A message that is acknowledged is another event than its sending."""
    events = [event for event in random_events(22, 2_000) if event["kind"] == "message"]
    sent, acked = (
        Counter(event["sessionId"] for event in events if event["stage"] == stage) for stage in ("sent", "acked")
    )
    found = whole(source, store(engine, events), "delivery.messages.ackRate", Side.BELOW, 99)
    assert found.sessions == sum(sent[session] > acked[session] for session in sent) > 0
    assert found.sessions_seen == len({event["sessionId"] for event in events}) > found.sessions


def test_sessions_with_errors_are_of_those_that_started(engine: EmbeddedEngine, source: Source) -> None:
    events = random_events(23, 100)
    for place, event in enumerate(events):
        event["kind"] = "error" if place % 5 == 0 else "boot"
        event |= {"type": "TypeError"} if place % 5 == 0 else {"stage": "requested"}
    failed, started = ({event["sessionId"] for event in events if event["kind"] == kind} for kind in ("error", "boot"))
    found = whole(source, store(engine, events), "errors.sessionRate", Side.ABOVE, 5)
    assert (found.sessions, found.sessions_seen) == (len(failed), len(failed | started))


def test_a_degradation_is_beyond_what_its_metric_calls_worse(source: Source, site: str) -> None:
    worse = Degradation({Severity.ERROR: 20.0}, 15.0, baseline="good")
    slow = whole(source, site, "performance.scroll.avgFps", Side.ABOVE, 40, condition=worse)
    assert slow == whole(source, site, "performance.scroll.avgFps", Side.BELOW, 40)
    every = whole(source, site, "performance.renders.p95Time", Side.ABOVE, None, condition=worse)
    assert every.sessions == every.sessions_seen > 0


def test_an_absence_touches_all_that_were_there(engine: EmbeddedEngine, source: Source) -> None:
    events = random_events(25, 200)
    called, there = ({e["sessionId"] for e in events if e["kind"] in kinds} for kinds in (("api",), KINDS))
    site, absence = store(engine, events), Absence(Severity.ERROR, LENGTH_MS)
    found = whole(source, site, "api.errorRate", Side.ABOVE, None, condition=absence)
    assert found.sessions == found.sessions_seen == len(called)
    calls = whole(source, site, "api.totalCalls", Side.ABOVE, None, condition=absence)
    assert (calls.sessions, calls.sessions_seen) == (len(called), len(there))
    assert calls.sessions < calls.sessions_seen


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
@pytest.mark.parametrize("side", Side)
def test_every_metric_has_a_blast(source: Source, site: str, metric: Any, side: Side) -> None:
    found = whole(source, site, metric.path, side, 1.0)
    assert 0 <= found.sessions <= found.sessions_seen <= 60


def test_nobody_there_is_nobody_touched(source: Source) -> None:
    assert whole(source, "nowhere", "api.errorRate", Side.ABOVE, 1.0) == Blast()


def test_an_account_has_the_figures_that_its_rule_names(source: Source, site: str) -> None:
    one = rule(
        "memory.peak",
        by=("site", "release"),
        message="Peak is {value}",
        details={
            "peakMB": Detail("memory.peak", 1e6),
            "thresholdMB": Detail("threshold", 1e6),
            "calls": Detail("api.totalCalls"),
            "boots": Detail("boot.p95Duration"),
        },
    )
    key: Key = (site, "2.4")
    figures = take_picture(source, Question(WINDOW, {"site": (site,), "release": ("2.4",)})).figures
    peak = figures["memory.peak"].value
    assert peak is not None
    told = Details(source).account(one, key, judge(one, Observation(peak - 1e6, 100, 30)), END_MS)
    assert told.details == {
        "peakMB": tidy(peak / 1e6 - 1),  # as it was judged
        "thresholdMB": 0,
        "calls": figures["api.totalCalls"].value,
        "boots": None,
    }
    assert told.message.startswith("Peak is ")
    assert told.blast == measure_blast(source, one, key, 0.0, WINDOW)


@pytest.mark.parametrize(
    ("metric", "kind"),
    [("persistence.dataLoss.incidents", "loss"), ("persistence.operations.successRate", "persistence")],
)
def test_errors_are_told_by_type(source: Source, events: list[Event], site: str, metric: str, kind: str) -> None:
    one = rule(metric, Side.BELOW, by=("site",), details={"errorsByType": Detail("errorsByType")})
    told = Details(source).account(one, (site,), judge(one, Observation(3.0, 100, 30)), END_MS)
    failed = (event for event in events if event["kind"] == kind and not event.get("success", False))
    assert told.details["errorsByType"] == Counter(event.get("errorType", "unknown") for event in failed)


def test_an_account_by_arrival_is_of_what_came(engine: EmbeddedEngine, source: Source) -> None:
    events = [{**event, "came": END_MS + 3_600_000} for event in random_events(24, 500)]
    losses = [event for event in events if event["kind"] == "loss"]
    details = {"messages": Detail("persistence.dataLoss.messages"), "errorsByType": Detail("errorsByType")}
    one = rule("persistence.dataLoss.incidents", by=("site",), by_arrival=True, window_ms=60_000, details=details)
    key: Key = (store(engine, events),)
    told = Details(source).account(one, key, judge(one, Observation(1.0, 1, 1)), END_MS + 3_601_000)
    assert told.details["messages"] == sum(event["lost"] for event in losses) > 0
    assert sum(told.details["errorsByType"].values()) == len(losses)
    assert told.blast.sessions > 0
