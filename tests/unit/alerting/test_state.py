"""The state machine, fed with a metric's values: what changes when, and what can't happen whatever comes."""

import math
import random
from collections.abc import Callable, Iterable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events import NOW_MS

from chatvitals.alerting.evaluate import Finding, judge, severities_of
from chatvitals.alerting.observation import Observation
from chatvitals.alerting.rule import Rule, Side, Threshold
from chatvitals.alerting.state import AlertState, Change, Status, Transition, step
from chatvitals.catalogue.severities import Severity

WARNING, ERROR, CRITICAL = Severity.WARNING, Severity.ERROR, Severity.CRITICAL
MINUTE = 60_000
SLOW = Threshold(Side.ABOVE, {WARNING: 16.0, CRITICAL: 25.0}, recovery=15.2)
FEW = None
"""In place of a value: too few samples."""


def rule(condition: Threshold = SLOW, for_ms: int = 0, keep_ms: int = 0, every_ms: int = MINUTE) -> Rule:
    return Rule(
        name="slow",
        title="Slow",
        category="performance",
        metric="performance.renders.p95Time",
        condition=condition,
        every_ms=every_ms,
        for_ms=for_ms,
        keep_firing_for_ms=keep_ms,
    )


class Machine:
    """An alert that is told values, every minute where nothing else is said, and notes what changed."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.state = AlertState()
        self.now_ms = NOW_MS
        self.transitions: list[Transition] = []

    def tick(self, value: float | None, after_ms: int = MINUTE) -> Transition | None:
        self.now_ms += after_ms
        verdict = judge(self.rule, Observation(value, 0 if value is None else 100, 10))
        self.state, transition = step(self.rule, self.state, verdict, self.now_ms)
        if transition is not None:
            assert transition.at_ms == self.now_ms
            self.transitions.append(transition)
        return transition

    def told(self) -> list[tuple[Change, Severity]]:
        return [(transition.change, transition.severity) for transition in self.transitions]

    def run(self, values: Iterable[float | None]) -> list[tuple[Change, Severity]]:
        for value in values:
            self.tick(value)
        return self.told()


def changes(rule: Rule, values: Iterable[float | None]) -> list[tuple[Change, Severity]]:
    return Machine(rule).run(values)


OPENED, ESCALATED, EASED, RESOLVED = Change.OPENED, Change.ESCALATED, Change.EASED, Change.RESOLVED


def test_without_waiting_it_fires_at_once_and_resolves_at_once() -> None:
    assert changes(rule(), [10, 20, 10]) == [(OPENED, WARNING), (RESOLVED, WARNING)]


def test_it_is_pending_until_it_was_bad_for_long_enough() -> None:
    machine = Machine(rule(for_ms=2 * MINUTE))
    seen = []
    for value in (20, 20, 20, 20):
        machine.tick(value)
        seen.append(machine.state.status)
    assert seen == [Status.PENDING, Status.PENDING, Status.FIRING, Status.FIRING]
    assert machine.transitions == [Transition(OPENED, NOW_MS + 3 * MINUTE, WARNING)]


@pytest.mark.parametrize("interruption", [10, 15.5, 16])
def test_what_is_no_breach_ends_the_waiting(interruption: float) -> None:
    machine = Machine(rule(for_ms=2 * MINUTE))
    assert machine.run([20, 20, interruption, 20, 20]) == []
    assert machine.state.status is Status.PENDING
    assert machine.run([20]) == [(OPENED, WARNING)]


def test_it_fires_on_until_it_was_clear_for_long_enough() -> None:
    kept = rule(keep_ms=2 * MINUTE)
    assert changes(kept, [20, 10, 10]) == [(OPENED, WARNING)]
    assert changes(kept, [20, 10, 10, 10]) == [(OPENED, WARNING), (RESOLVED, WARNING)]
    assert changes(kept, [20, 10, 10, 20, 10, 10, 15.5, 10, 10]) == [(OPENED, WARNING)]


def test_between_bound_and_recovery_it_fires_on() -> None:
    assert changes(rule(), [20, *[15.9] * 60]) == [(OPENED, WARNING)]
    assert changes(rule(), [15.9] * 60) == []


def test_a_graver_bound_escalates_and_eases() -> None:
    assert changes(rule(), [20, 30, 20, 10]) == [
        (OPENED, WARNING),
        (ESCALATED, CRITICAL),
        (EASED, WARNING),
        (RESOLVED, WARNING),
    ]


def test_it_opens_as_grave_as_it_was_for_long_enough() -> None:
    waiting = rule(for_ms=2 * MINUTE)
    assert changes(waiting, [30, 30, 30]) == [(OPENED, CRITICAL)]
    assert changes(waiting, [20, 30, 30]) == [(OPENED, WARNING)]
    assert changes(waiting, [20, 30, 30, 30]) == [(OPENED, WARNING), (ESCALATED, CRITICAL)]


def test_it_eases_when_it_was_milder_for_long_enough() -> None:
    kept = rule(keep_ms=2 * MINUTE)
    assert changes(kept, [30, 20, 20, 30, 20, 20]) == [(OPENED, CRITICAL)]
    assert changes(kept, [30, 20, 20, 20]) == [(OPENED, CRITICAL), (EASED, WARNING)]
    assert changes(kept, [30, *[24.5] * 60]) == [(OPENED, CRITICAL)]
    assert changes(kept, [30, 10, 10, 10]) == [(OPENED, CRITICAL), (RESOLVED, CRITICAL)]


def test_too_little_data_changes_nothing_and_is_told() -> None:
    for before in ([10.0], [20.0], [20.0, 20.0, 20.0]):
        machine = Machine(rule(for_ms=2 * MINUTE))
        machine.run(before)
        status, told = machine.state.status, machine.told()
        assert machine.run([FEW] * 1_000) == told
        assert (machine.state.status, machine.state.unknown) == (status, True)
        machine.tick(20)
        assert not machine.state.unknown


def test_time_without_data_counts_neither_as_bad_nor_as_good() -> None:
    machine = Machine(rule(for_ms=5 * MINUTE, keep_ms=5 * MINUTE))
    assert machine.run([20, FEW, 20, FEW, 20, FEW, 20, FEW, 20]) == []
    assert machine.run([20]) == [(OPENED, WARNING)]
    machine.run([10, *[FEW] * 60, 10, 10, 10, 10])
    assert machine.state.status is Status.FIRING
    assert machine.run([10]) == [(OPENED, WARNING), (RESOLVED, WARNING)]


def test_a_server_that_was_away_has_seen_nothing_meanwhile() -> None:
    machine = Machine(rule(for_ms=5 * MINUTE, keep_ms=5 * MINUTE))
    machine.run([20])
    machine.tick(20, after_ms=86_400_000)
    assert machine.run([20, 20]) == []
    assert machine.run([20]) == [(OPENED, WARNING)]
    machine.run([10])
    machine.tick(10, after_ms=86_400_000)
    assert machine.told() == [(OPENED, WARNING)]


def test_a_clock_that_goes_back_counts_for_nothing_and_goes_on_from_there() -> None:
    machine = Machine(rule(for_ms=2 * MINUTE))
    machine.run([20, 20])
    machine.tick(20, after_ms=-3_600_000)
    assert machine.told() == []
    machine.tick(20)
    assert machine.transitions == [Transition(OPENED, machine.now_ms, WARNING)]


def test_a_state_survives_being_written_down() -> None:
    machine = Machine(rule(for_ms=MINUTE))
    machine.run([20, 30])
    assert msgspec.json.decode(msgspec.json.encode(machine.state), type=AlertState) == machine.state


def test_a_rule_that_waits_less_now_fires_at_the_next_tick() -> None:
    machine = Machine(rule(for_ms=60 * MINUTE))
    machine.run([20, 20, 20])
    machine.rule = rule(for_ms=2 * MINUTE)
    assert machine.run([20]) == [(OPENED, WARNING)]


@pytest.mark.parametrize(
    ("levels", "value", "told"),
    [
        ({ERROR: 16.0}, 30, [(EASED, ERROR)]),
        ({WARNING: 16.0}, 30, [(EASED, WARNING)]),
        ({WARNING: 16.0, CRITICAL: 40.0}, 30, []),
        ({CRITICAL: 40.0}, 30, []),
    ],
)
def test_what_fires_goes_on_when_its_rules_levels_change(
    levels: dict[Severity, float], value: float, told: list[tuple[Change, Severity]]
) -> None:
    machine = Machine(rule(Threshold(Side.ABOVE, {CRITICAL: 25.0}, recovery=25.0), for_ms=MINUTE, keep_ms=5 * MINUTE))
    machine.run([30, 30])
    machine.rule = rule(Threshold(Side.ABOVE, levels, recovery=min(levels.values())), for_ms=MINUTE, keep_ms=5 * MINUTE)
    assert machine.run([value])[1:] == told
    assert machine.state.status is Status.FIRING


def test_what_fires_resolves_where_its_rule_knows_only_graver_levels_now() -> None:
    machine = Machine(rule(Threshold(Side.ABOVE, {WARNING: 16.0}, recovery=16.0)))
    machine.run([20, 20])
    machine.rule = rule(Threshold(Side.ABOVE, {CRITICAL: 25.0}, recovery=25.0), keep_ms=5 * MINUTE)
    assert machine.run([20]) == [(OPENED, WARNING), (RESOLVED, WARNING)]


# A metric that swings around a bound for an hour, read every minute: an hour of values, then it is well again.


def steps(low: float, high: float, minutes: int) -> list[float]:
    return [high if minute // minutes % 2 == 0 else low for minute in range(60)]


def waves(middle: float, height: float, minutes: float) -> list[float]:
    return [middle + height * math.sin(2 * math.pi * minute / minutes) for minute in range(60)]


def noise(least: float, most: float, seed: int) -> list[float]:
    dice = random.Random(seed)
    return [dice.uniform(least, most) for _ in range(60)]


def spikes(low: float, high: float, every: int) -> list[float]:
    return [high if minute % every == 0 else low for minute in range(60)]


def drift(around: float, by: float, seed: int) -> list[float]:
    dice = random.Random(seed)
    return [around + by * dice.gauss(0, 1) + by * math.sin(minute / 9) for minute in range(60)]


SWINGS: dict[str, Callable[[float], list[float]]] = {
    "each minute, by a hair": lambda bound: steps(bound - 0.1, bound + 0.1, 1),
    "each minute, widely": lambda bound: steps(bound * 0.6, bound * 1.4, 1),
    "every four minutes, widely": lambda bound: steps(bound * 0.6, bound * 1.4, 4),
    "every twenty minutes, by a hair": lambda bound: steps(bound - 0.1, bound + 0.1, 20),
    "in waves of seven minutes": lambda bound: waves(bound, bound / 10, 7),
    "in waves of nineteen minutes": lambda bound: waves(bound, bound / 10, 19),
    "in waves of an hour, by a hair": lambda bound: waves(bound, bound / 30, 60),
    "at random": lambda bound: noise(bound * 0.9, bound * 1.1, 1),
    "at random, widely": lambda bound: noise(bound * 0.5, bound * 1.5, 2),
    "in spikes every ninth minute": lambda bound: spikes(bound * 0.5, bound * 1.5, 9),
    "drifting": lambda bound: drift(bound, bound / 20, 3),
}


@pytest.fixture(params=list(SWINGS))
def swing(request: pytest.FixtureRequest) -> Callable[[float], list[float]]:
    return SWINGS[request.param]


def test_a_metric_swinging_around_its_threshold_opens_once_and_resolves_once(
    swing: Callable[[float], list[float]],
) -> None:
    usual = rule(Threshold(Side.ABOVE, {WARNING: 16.0}, recovery=15.2), keep_ms=10 * MINUTE)
    assert changes(usual, [*swing(16), *[8.0] * 30]) == [(OPENED, WARNING), (RESOLVED, WARNING)]


def test_a_metric_swinging_around_a_graver_bound_escalates_once_at_most(swing: Callable[[float], list[float]]) -> None:
    usual = rule(Threshold(Side.ABOVE, {WARNING: 10.0, CRITICAL: 25.0}, recovery=9.5), keep_ms=10 * MINUTE)
    told = changes(usual, [12.0, *swing(25), *[12.0] * 30, *[8.0] * 30])
    assert told == [(OPENED, WARNING), (ESCALATED, CRITICAL), (EASED, WARNING), (RESOLVED, WARNING)]


# What can't happen, whatever values come and however the clock goes.

values = st.sampled_from([8.0, 15.2, 15.9, 16.0, 16.1, 20.0, 24.2, 24.9, 25.1, 40.0, FEW])
gaps = st.sampled_from([0, 1, MINUTE, MINUTE, MINUTE, 3 * MINUTE, 86_400_000, -MINUTE, -86_400_000])
ticks = st.lists(st.tuples(values, gaps), max_size=60)
even_ticks = st.lists(values, max_size=60)
waits = st.sampled_from([0, MINUTE, 3 * MINUTE, 10 * MINUTE])


@given(ticks, waits, waits)
def test_opening_and_resolving_alternate_and_severities_really_change(
    ticks: list[tuple[float | None, int]], for_ms: int, keep_ms: int
) -> None:
    machine = Machine(rule(for_ms=for_ms, keep_ms=keep_ms))
    for value, gap in ticks:
        machine.tick(value, gap)
        assert (machine.state.status is Status.INACTIVE) == (machine.state.severity is None)
    severity = None
    for change, told in machine.told():
        match change:
            case Change.OPENED:
                assert severity is None
            case Change.ESCALATED:
                assert severity is not None
                assert told.rank > severity.rank
            case Change.EASED:
                assert severity is not None
                assert told.rank < severity.rank
            case Change.RESOLVED:
                assert told is severity
        severity = None if change is RESOLVED else told
    assert (machine.state.status is Status.FIRING) == (severity is not None)


def bound_of(severity: Severity) -> float:
    return SLOW.levels[severity]


def recovery_of(severity: Severity) -> float:
    return SLOW.recovery if severity is WARNING else 24.2


@given(even_ticks, waits, waits)
def test_it_never_worsens_without_breach_nor_improves_without_recovery_for_as_long_as_the_rule_wants(
    values: list[float | None], for_ms: int, keep_ms: int
) -> None:
    machine = Machine(rule(for_ms=for_ms, keep_ms=keep_ms))
    known: list[float] = []
    for value in values:
        known += [value] if value is not None else []
        before = machine.state.severity if machine.state.status is Status.FIRING else None
        transition = machine.tick(value)
        if transition is None:
            continue
        if transition.change in (OPENED, ESCALATED):
            last = known[-(for_ms // MINUTE + 1) :]
            assert len(last) == for_ms // MINUTE + 1
            assert all(one > bound_of(transition.severity) for one in last)
        else:
            assert before is not None
            last = known[-(keep_ms // MINUTE + 1) :]
            assert len(last) == keep_ms // MINUTE + 1
            assert all(one <= recovery_of(before) for one in last)


@given(even_ticks, waits, waits)
def test_what_was_bad_for_long_enough_fires_and_what_was_clear_for_long_enough_doesn_t(
    values: list[float | None], for_ms: int, keep_ms: int
) -> None:
    machine = Machine(rule(for_ms=for_ms, keep_ms=keep_ms))
    machine.run(values)
    machine.run([40.0] * (for_ms // MINUTE + 1))
    assert (machine.state.status, machine.state.severity) == (Status.FIRING, CRITICAL)
    machine.run([8.0] * (keep_ms // MINUTE + 1))
    assert (machine.state.status, machine.state.severity) == (Status.INACTIVE, None)


@given(ticks, waits, waits)
def test_however_the_clock_goes_each_tick_counts_for_two_intervals_at_most(
    ticks: list[tuple[float | None, int]], for_ms: int, keep_ms: int
) -> None:
    machine = Machine(rule(for_ms=for_ms, keep_ms=keep_ms))
    known: list[float] = []
    for value, gap in ticks:
        known += [value] if value is not None else []
        transition = machine.tick(value, gap)
        if transition is not None and transition.change in (OPENED, ESCALATED):
            least = math.ceil(for_ms / (2 * MINUTE)) + 1
            assert len(known) >= least
            assert all(one > bound_of(transition.severity) for one in known[-least:])
        if transition is not None and transition.change is RESOLVED:
            least = math.ceil(keep_ms / (2 * MINUTE)) + 1
            assert all(one <= SLOW.recovery for one in known[-least:])


@given(ticks, waits, waits)
def test_the_same_tick_twice_is_as_good_as_once(
    ticks: list[tuple[float | None, int]], for_ms: int, keep_ms: int
) -> None:
    machine = Machine(rule(for_ms=for_ms, keep_ms=keep_ms))
    for value, gap in ticks:
        machine.tick(value, gap)
        state = machine.state
        assert machine.tick(value, 0) is None
        assert machine.state == state


rules = st.builds(
    rule,
    st.builds(
        lambda levels: Threshold(Side.ABOVE, levels, recovery=min(levels.values()) * 0.95),
        st.sampled_from([{WARNING: 16.0}, {CRITICAL: 25.0}, {WARNING: 16.0, CRITICAL: 25.0}, {ERROR: 20.0}]),
    ),
    waits,
    waits,
    st.sampled_from([MINUTE, 5 * MINUTE]),
)


@given(st.lists(st.tuples(rules, values), max_size=40))
def test_rules_may_change_at_any_tick(ticks: list[tuple[Rule, float | None]]) -> None:
    machine = Machine(rule())
    for changed, value in ticks:
        machine.rule = changed
        machine.tick(value)
        active = machine.state.status is not Status.INACTIVE
        assert set(machine.state.levels) == (set(severities_of(changed.condition)) if active else set())
        assert machine.state.severity in (machine.state.levels if active else (None,))
    opens = [change for change, _ in machine.told() if change in (OPENED, RESOLVED)]
    assert all(one is not other for one, other in pairwise(opens))
    assert opens[:1] in ([], [OPENED])


@given(ticks, waits, waits)
def test_an_inactive_alert_needs_not_be_kept(ticks: list[tuple[float | None, int]], for_ms: int, keep_ms: int) -> None:
    kept, forgotten = (Machine(rule(for_ms=for_ms, keep_ms=keep_ms)) for _ in range(2))
    for value, gap in ticks:
        if forgotten.state.status is Status.INACTIVE:
            forgotten.state = AlertState()
        assert kept.tick(value, gap) == forgotten.tick(value, gap)


def test_the_finding_is_that_of_each_level() -> None:
    machine = Machine(rule(for_ms=MINUTE))
    machine.run([24.5, 24.5])
    assert {severity: level.finding for severity, level in machine.state.levels.items()} == {
        WARNING: Finding.BREACH,
        CRITICAL: Finding.BETWEEN,
    }
