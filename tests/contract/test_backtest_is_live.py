"""A backtest tells what the live evaluation did: the same changes of the same alerts at the same moments."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine as Database
from tests.contract.history import LENGTH_MS, VALUES, Event, random_events, store
from tests.support.evaluation import CountingTeller
from tests.unit.events import NOW_MS

from chatvitals.alerting.backtest.backtest import Backtest, RuleBacktest, replay, ticks_of
from chatvitals.alerting.evaluator import Evaluator
from chatvitals.alerting.reading import Reader
from chatvitals.alerting.rule import Absence, Condition, Degradation, NoData, Rule, Side, Threshold
from chatvitals.alerting.telling import Telling
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.query.figures import Source
from chatvitals.query.request import Window
from chatvitals.query.rollups import Rollups
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.baselines import Baselines
from chatvitals.store.control.database import open_database
from chatvitals.store.control.evaluations import Evaluations
from chatvitals.store.control.incidents import Incidents, Wanted
from chatvitals.store.control.leases import Leases
from chatvitals.store.events.embedded import EmbeddedEngine

MINUTE_MS = 60_000
END_MS = NOW_MS + LENGTH_MS
WHOLE = Window(NOW_MS, END_MS + 10 * MINUTE_MS)
CHANGES = ("opened", "escalated", "eased", "resolved")

BOUNDS: dict[str, tuple[float, ...]] = {
    "api.p95Duration": (200, 400, 700, 1_000),
    "api.errorRate": (1, 3, 6, 15),
    "performance.renders.p95Time": (16, 25, 40),
    "persistence.operations.successRate": (99, 92, 88, 80),
    "persistence.dataLoss.incidents": (0, 3, 10, 20),
    "memory.peak": (60_000_000, 90_000_000, 95_000_000),
}
"""Bounds that random histories cross now and then, the least grave first."""


class Changed(NamedTuple):
    """A change of an alert."""

    at_ms: int
    key: tuple[str, ...]
    change: str
    severity: Severity


@pytest.fixture(scope="module")
def source(engine: EmbeddedEngine) -> Source:
    return Source(engine, Rollups(engine, lambda: END_MS, raw_retention_days=30))


@pytest.fixture(scope="module")
def baselines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Baselines]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('baselines') / 'control.sqlite'}")
    yield Baselines(database)
    database.dispose()


@pytest.fixture(scope="module")
def reader(source: Source, baselines: Baselines) -> Reader:
    return Reader(source, baselines)


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine) -> str:
    return store(engine, random_events(21, 4_000))


class Server:
    """Evaluates a rule live, as often as it is started anew."""

    def __init__(self, folder: Path, reader: Reader, rule: Rule) -> None:
        self._database: Database = open_database(f"sqlite:///{folder / 'control.sqlite'}")
        self._reader = reader
        self._rule = rule
        self._ids = count()
        lease = Leases(self._database, lambda: NOW_MS).take("alerting", "one", 10 * LENGTH_MS)
        assert lease is not None
        self._lease = lease
        self.start()

    def start(self) -> None:
        """Begin with what the store has."""
        self._evaluator = Evaluator(
            self._reader,
            Telling(CountingTeller()),
            AlertStates(self._database),
            Evaluations(self._database),
            lambda: str(next(self._ids)),
        )
        self._evaluator.load()

    def tick(self, now_ms: int) -> None:
        self._evaluator.tick(self._lease, [self._rule], now_ms)

    def changes(self) -> list[Changed]:
        """What incidents say happened."""
        incidents = Incidents(self._database)
        found = []
        for incident in incidents.find(Wanted(), 10_000):
            key = tuple(incident.labels[dimension] for dimension in self._rule.by)
            told = incidents.get(incident.id)
            assert told is not None
            for entry in told[1]:
                if entry.kind.value in CHANGES:
                    assert entry.severity is not None
                    found.append(Changed(entry.at_ms, key, entry.kind.value, entry.severity))
        return sorted(found)

    def close(self) -> None:
        self._database.dispose()


def live(folder: Path, reader: Reader, rule: Rule, window: Window, restarts: Sequence[int] = ()) -> list[Changed]:
    """The changes of a server that evaluates the rule through a window, started anew before some of its ticks."""
    folder.mkdir(parents=True)
    server = Server(folder, reader, rule)
    try:
        for place, now_ms in enumerate(ticks_of(rule, window)):
            if place in restarts:
                server.start()
            server.tick(now_ms)
        return server.changes()
    finally:
        server.close()


def backtested(reader: Reader, rule: Rule, window: Window) -> list[Changed]:
    """The changes that a backtest finds."""
    ticks = ticks_of(rule, window)
    return sorted(
        Changed(one.transition.at_ms, one.key, one.transition.change.value, one.transition.severity)
        for ticked in replay(rule, reader.read_range(rule, ticks[0], ticks[-1], rule.every_ms))
        for one in ticked.values()
        if one.transition
    )


def rule_of(metric: str, condition: Condition, site: str, **changes: object) -> Rule:
    fields = {"name": "tried", "title": "Tried", "category": "api", "metric": metric, "condition": condition}
    return Rule(**{**fields, "filters": {"site": (site,)}, **changes})  # type: ignore[arg-type]  # of the types that tests give


@st.composite
def conditions(draw: st.DrawFn, metric: str) -> Condition:
    severities = (Severity.WARNING, Severity.CRITICAL)
    match draw(st.sampled_from(("threshold", "threshold", "degradation", "absence"))):
        case "absence":
            return Absence(Severity.ERROR, draw(st.sampled_from((5, 10, 60))) * MINUTE_MS)
        case "degradation" if METRICS_BY_PATH[metric].higher_is_better is not None:
            percents = draw(st.sampled_from(((5.0, 30.0), (20.0, 60.0))))
            earlier_ms = draw(st.sampled_from((5, 7))) * MINUTE_MS
            return Degradation(dict(zip(severities, percents, strict=True)), percents[0] * 0.75, earlier_ms=earlier_ms)
    places = sorted(draw(st.sets(st.integers(0, len(BOUNDS[metric]) - 1), min_size=1, max_size=2)))
    levels = {severity: BOUNDS[metric][place] for severity, place in zip(severities, places, strict=False)}
    side = Side.BELOW if METRICS_BY_PATH[metric].higher_is_better else Side.ABOVE
    least = BOUNDS[metric][places[0]]
    return Threshold(side, levels, min(least * 1.01, 100) if side is Side.BELOW else least * 0.95)


@st.composite
def rules(draw: st.DrawFn, site: str) -> Rule:
    metric = draw(st.sampled_from(sorted(BOUNDS)))
    return rule_of(
        metric,
        draw(conditions(metric)),
        site,
        filters={"site": (site,), **draw(st.sampled_from(({}, {"release": ("2.4",)})))},
        by=draw(st.sampled_from((("site",), ("site", "customer"), ("customer", "release"), ("browser",)))),
        window_ms=draw(st.sampled_from((1, 2, 5))) * MINUTE_MS,
        every_ms=draw(st.sampled_from((30_000, MINUTE_MS))),
        for_ms=draw(st.sampled_from((0, 0, 1, 3))) * MINUTE_MS,
        keep_firing_for_ms=draw(st.sampled_from((0, 2, 5))) * MINUTE_MS,
        min_samples=draw(st.sampled_from((0, 1, 5, 20))),
        min_customers=draw(st.sampled_from((0, 0, 2))),
        no_data=draw(st.sampled_from(NoData)),
    )


runs = count()


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_backtest_finds_the_changes_that_happened_live(
    data: st.DataObject, reader: Reader, site: str, tmp_path: Path
) -> None:
    rule = data.draw(rules(site))
    ticks = len(ticks_of(rule, WHOLE))
    restarts = data.draw(st.lists(st.integers(0, ticks - 1), max_size=3))
    assert backtested(reader, rule, WHOLE) == live(tmp_path / str(next(runs)), reader, rule, WHOLE, restarts)


def test_there_are_changes_of_every_kind_to_be_found(reader: Reader, site: str, tmp_path: Path) -> None:
    levels = {Severity.WARNING: 300.0, Severity.CRITICAL: 600.0}
    rule = rule_of(
        "api.p95Duration",
        Threshold(Side.ABOVE, levels, 285.0),
        site,
        by=("site", "customer"),
        window_ms=2 * MINUTE_MS,
        every_ms=30_000,
    )
    found = backtested(reader, rule, WHOLE)
    assert {change.change for change in found} == set(CHANGES)
    assert len({change.key for change in found}) > 1
    assert live(tmp_path / "live", reader, rule, WHOLE) == found


def test_events_that_come_while_it_is_evaluated_live_are_those_of_the_backtest(
    engine: EmbeddedEngine, reader: Reader, tmp_path: Path
) -> None:
    events = random_events(22, 3_000)
    rule = rule_of(
        "performance.renders.p95Time",
        Threshold(Side.ABOVE, {Severity.WARNING: 20.0}, 19.0),
        "",
        filters={"browser": VALUES["browser"], "release": (RELEASE := "growing",)},
        by=("customer",),
        window_ms=2 * MINUTE_MS,
        every_ms=MINUTE_MS,
    )
    for event in events:
        event["release"] = RELEASE
    folder = tmp_path / "live"
    folder.mkdir()
    server = Server(folder, reader, rule)
    stored = 0
    for now_ms in ticks_of(rule, WHOLE):
        come: list[Event] = []
        while stored < len(events) and events[stored]["timestamp"] < now_ms:
            come.append(events[stored])
            stored += 1
        if come:
            store(engine, come)
        server.tick(now_ms)
    found = server.changes()
    server.close()
    assert stored == len(events)
    assert len(found) > 3
    assert backtested(reader, rule, WHOLE) == found


def test_episodes_are_made_of_these_changes(reader: Reader, site: str) -> None:
    rule = rule_of("api.p95Duration", Threshold(Side.ABOVE, {Severity.WARNING: 400.0}, 380.0), site, by=("customer",))
    *_, done = Backtest([rule], WHOLE).run(reader)
    assert isinstance(done, tuple)
    (found,) = done
    assert isinstance(found, RuleBacktest)
    changes = backtested(reader, rule, WHOLE)
    assert [one.start_ms for one in found.episodes] == [one.at_ms for one in changes if one.change == "opened"]
    ends = [one.end_ms for one in found.episodes if one.end_ms is not None]
    assert sorted(ends) == [one.at_ms for one in changes if one.change == "resolved"]
    assert found.fired > 0
