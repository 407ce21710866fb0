"""Ticks over a real control store: what they write, what survives, and what people and edits do to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.support.evaluation import MINUTE_MS, Desk, Figures, instant_rule, slow
from tests.unit.alerting.situations import ACME, NOON

from chatvitals.alerting.evaluator import REMOVED, SWITCHED_OFF
from chatvitals.alerting.handling import resolve
from chatvitals.alerting.incidents import HELD_MS
from chatvitals.alerting.kept import RuleTick, kept_alert, rule_tick
from chatvitals.alerting.rule import Rule, Side, Threshold
from chatvitals.alerting.settling import CHANGED
from chatvitals.alerting.state import Status
from chatvitals.alerting.telling import ANEW_MS, IN_FULL
from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import IncidentStatus
from chatvitals.store.control.leases import Lease, LeaseLost, Leases

RULE = "slow-renders"
GLOBEX = ("shop", "globex")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


@pytest.fixture
def figures() -> Figures:
    return Figures()


def lease_of(database: Engine, holder: str = "one", now_ms: int = NOON) -> Lease:
    lease = Leases(database, lambda: now_ms).take("alerting", holder, 15_000)
    assert lease is not None
    return lease


@pytest.fixture
def desk(database: Engine, figures: Figures) -> Desk:
    return Desk(database, figures, lease_of(database))


def test_what_becomes_bad_opens_and_what_recovers_resolves(desk: Desk, figures: Figures) -> None:
    figures.seen[RULE] = {ACME: slow(12.0), GLOBEX: slow(20.0)}
    assert desk.tick(NOON, instant_rule()) == 1
    (one,) = desk.open()
    assert (one.labels["customer"], one.value, one.blast.customers_seen) == ("globex", 20.0, 400)
    figures.seen[RULE] = {ACME: slow(12.0), GLOBEX: slow(12.0)}
    assert desk.tick(NOON + MINUTE_MS, instant_rule()) == 1
    assert desk.open() == []
    assert desk.story(one.id) == ["opened", "resolved"]
    assert desk.states.states() == []


def test_it_opens_only_once_it_lasted(desk: Desk, figures: Figures) -> None:
    rule = instant_rule(for_ms=2 * MINUTE_MS)
    figures.seen[RULE] = {ACME: slow(20.0)}
    opened = []
    for tick in range(4):
        opened.append(desk.tick(NOON + tick * MINUTE_MS, rule))
        (row,) = desk.states.states()
        assert kept_alert(row).state.status is (Status.FIRING if sum(opened) else Status.PENDING)
    assert sum(opened) == 1
    assert opened[0] == 0


def test_graver_and_less_grave_are_one_incident(desk: Desk, figures: Figures) -> None:
    rule = instant_rule(condition=Threshold(Side.ABOVE, {Severity.WARNING: 16.0, Severity.CRITICAL: 50.0}, 16.0))
    for tick, value in enumerate((20.0, 60.0, 20.0, 10.0)):
        figures.seen[RULE] = {ACME: slow(value)}
        desk.tick(NOON + tick * MINUTE_MS, rule)
    (one,) = desk.all()
    assert desk.story(one.id) == ["opened", "escalated", "eased", "resolved"]
    assert one.gravest is Severity.CRITICAL


def test_too_little_data_neither_fires_nor_resolves_and_says_so(desk: Desk, figures: Figures) -> None:
    rule = instant_rule(min_samples=100)
    figures.seen[RULE] = {ACME: slow(20.0), GLOBEX: slow(12.0)}
    desk.tick(NOON, rule)
    few = slow(90.0)
    figures.seen[RULE] = {key: type(few)(few.value, 7, 3) for key in (ACME, GLOBEX)}
    for tick in range(1, 30):
        assert desk.tick(NOON + tick * MINUTE_MS, rule) == 0
    assert len(desk.open()) == 1
    (row,) = desk.states.states()
    assert kept_alert(row).state.unknown
    assert "7 samples" in kept_alert(row).reason
    (saved,) = map(rule_tick, desk.states.ticks())
    assert (saved.alerts, saved.firing, saved.unknown) == (2, 1, 2)
    assert saved.examples[1].key == {"site": "shop", "customer": "globex"}
    assert "7 samples" in saved.examples[1].reason


def test_state_survives_a_restart(desk: Desk, figures: Figures, database: Engine) -> None:
    rule = instant_rule(for_ms=3 * MINUTE_MS)
    figures.seen[RULE] = {ACME: slow(20.0)}
    opened = 0
    for tick in range(4):
        restarted = Desk(database, figures, desk.lease, f"after-{tick}")
        opened += restarted.tick(NOON + tick * MINUTE_MS, rule)
    assert opened == 1
    again = Desk(database, figures, desk.lease, "again")
    assert again.tick(NOON + 4 * MINUTE_MS, rule) == 0, "the incident is the same one"
    (one,) = again.open()
    figures.seen[RULE] = {ACME: slow(10.0)}
    last = Desk(database, figures, desk.lease, "last")
    last.tick(NOON + 5 * MINUTE_MS, rule)
    assert last.story(one.id) == ["opened", "resolved"]


def test_who_lost_the_lease_writes_nothing_and_takes_nothing_for_done(
    desk: Desk, figures: Figures, database: Engine
) -> None:
    figures.seen[RULE] = {ACME: slow(20.0)}
    follower = lease_of(database, "other", NOON + 20_000)
    with pytest.raises(LeaseLost):
        desk.tick(NOON, instant_rule())
    assert desk.all() == []
    assert desk.states.states() == []
    desk.lease = follower
    assert desk.tick(NOON, instant_rule()) == 1


def test_resolved_by_hand_it_stays_so_until_it_ended_once(desk: Desk, figures: Figures) -> None:
    rule = instant_rule()
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, rule)
    (one,) = desk.open()
    desk.incidents.change(one.id, lambda incident: resolve(incident, "kim", "known", NOON + 1))
    for tick in range(1, 60):
        assert desk.tick(NOON + tick * MINUTE_MS, rule) == 0
    figures.seen[RULE] = {ACME: slow(10.0)}
    assert desk.tick(NOON + 60 * MINUTE_MS, rule) == 0
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON + 61 * MINUTE_MS, rule)
    assert len(desk.open()) == 1


def test_resolved_by_hand_it_opens_again_where_it_becomes_graver(desk: Desk, figures: Figures) -> None:
    rule = instant_rule(condition=Threshold(Side.ABOVE, {Severity.WARNING: 16.0, Severity.CRITICAL: 50.0}, 16.0))
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, rule)
    desk.incidents.change(desk.open()[0].id, lambda incident: resolve(incident, "kim", "", NOON + 1))
    figures.seen[RULE] = {ACME: slow(60.0)}
    desk.tick(NOON + MINUTE_MS, rule)
    (graver,) = desk.open()
    assert graver.severity is Severity.CRITICAL


def test_resolved_by_hand_it_opens_again_after_a_day(desk: Desk, figures: Figures) -> None:
    rule = instant_rule()
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, rule)
    desk.incidents.change(desk.open()[0].id, lambda incident: resolve(incident, "kim", "", NOON))
    assert desk.tick(NOON + HELD_MS, rule) == 0
    assert desk.tick(NOON + HELD_MS + 1, rule) == 1


def test_a_rule_that_measures_something_else_begins_anew(desk: Desk, figures: Figures, database: Engine) -> None:
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, instant_rule())
    (old,) = desk.open()
    figures.seen[RULE] = {("shop",): slow(20.0)}
    by_site = instant_rule(by=("site",))
    again = Desk(database, figures, desk.lease, "again")
    assert again.tick(NOON + MINUTE_MS, by_site) == 2
    (new,) = again.open()
    assert new.labels.get("customer") is None
    found = again.incidents.get(old.id)
    assert found is not None
    assert (found[0].status, found[1][-1].words) == (IncidentStatus.RESOLVED, CHANGED)
    assert [row.key for row in again.states.states()] == ['["shop"]']


def test_a_rule_that_measures_something_else_of_the_same_key_begins_anew(desk: Desk, figures: Figures) -> None:
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, instant_rule())
    desk.tick(NOON + MINUTE_MS, instant_rule(metric="performance.renders.avgTime"))
    new, old = desk.all()
    assert (new.status, old.status) == ("open", "resolved")
    assert new.fingerprint == old.fingerprint


def test_texts_bounds_and_times_may_be_edited_while_it_fires(desk: Desk, figures: Figures) -> None:
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, instant_rule())
    edited = instant_rule(
        title="Slow",
        labels={},
        for_ms=MINUTE_MS,
        condition=Threshold(Side.ABOVE, {Severity.WARNING: 18.0}, 18.0),
    )
    assert desk.tick(NOON + MINUTE_MS, edited) == 0
    assert len(desk.open()) == 1


@pytest.mark.parametrize("among", [None, {RULE, "unknown"}])
@pytest.mark.parametrize(("rules", "words"), [([], REMOVED), ([instant_rule(enabled=False)], SWITCHED_OFF)])
def test_a_rule_that_is_gone_takes_its_alerts_with_it(
    desk: Desk, figures: Figures, database: Engine, rules: list[Rule], words: str, among: set[str] | None
) -> None:
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, instant_rule())
    (one,) = desk.open()
    restarted = Desk(database, figures, desk.lease, "restarted")
    assert restarted.evaluator.retire(desk.lease, [instant_rule()], None, NOON) == 0
    assert restarted.evaluator.retire(desk.lease, rules, among, NOON + 1) == 1
    found = restarted.incidents.get(one.id)
    assert found is not None
    assert found[1][-1].words == words
    assert restarted.states.states() == []
    assert restarted.states.ticks() == []
    assert restarted.tick(NOON + MINUTE_MS, instant_rule()) == 1, "back again, it begins anew"


def test_other_rules_are_left_alone_where_only_some_are_looked_at(desk: Desk, figures: Figures) -> None:
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, instant_rule())
    assert desk.evaluator.retire(desk.lease, [], {"another"}, NOON + 1) == 0
    assert len(desk.open()) == len(desk.states.states()) == 1


def test_a_rule_that_cant_be_read_fails_alone_and_goes_on(desk: Desk, figures: Figures) -> None:
    one, other = instant_rule(), instant_rule(name="other")
    figures.seen = {RULE: {ACME: slow(20.0)}, "other": {ACME: slow(20.0)}}
    desk.tick(NOON, one, other)
    figures.failing = {RULE}
    figures.seen = {RULE: {}, "other": {}}
    for tick in (1, 2):
        desk.tick(NOON + tick * MINUTE_MS, one, other)
    told = {row.rule: rule_tick(row) for row in desk.states.ticks()}
    assert told[RULE].failures == 2
    assert "could not be read" in told[RULE].failure
    assert (told[RULE].at_ms, told[RULE].firing) == (NOON, 1)
    assert told["other"].failure == ""
    assert {incident.rule for incident in desk.open()} >= {RULE}, "nothing is known of it: it fires on"
    figures.failing = set()
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON + 3 * MINUTE_MS, one, other)
    assert rule_tick({row.rule: row for row in desk.states.ticks()}[RULE]).failure == ""


def test_a_reader_that_breaks_fails_its_tick_only(desk: Desk, figures: Figures) -> None:
    figures.broken = RuntimeError("no such column")
    assert desk.tick(NOON, instant_rule()) == 0
    (saved,) = map(rule_tick, desk.states.ticks())
    assert saved == RuleTick(rule=RULE, at_ms=None, failure="its figures could not be read: no such column", failures=1)
    figures.broken = None
    figures.seen[RULE] = {ACME: slow(20.0)}
    assert desk.tick(NOON + MINUTE_MS, instant_rule()) == 1


def test_four_hundred_at_once_open_at_once_and_are_looked_into_by_and_by(desk: Desk, figures: Figures) -> None:
    keys = [("shop", f"customer-{number:03}") for number in range(400)]
    figures.seen[RULE] = {key: slow(20.0) for key in keys}
    assert desk.tick(NOON, instant_rule()) == 400
    assert len(desk.teller.looked) == IN_FULL
    briefly = [one for one in desk.open() if not one.blast.sessions_seen]
    assert len(briefly) == 400 - IN_FULL
    assert all(one.blast.customers == 1 and one.blast.sessions == 60 and one.message for one in briefly)
    ticks = 400 // IN_FULL
    for tick in range(1, ticks):
        assert desk.tick(NOON + tick * 1_000, instant_rule()) == IN_FULL
    assert sorted(desk.teller.looked) == keys
    assert all(one.blast.customers_seen == 400 for one in desk.open())


def test_what_goes_on_is_looked_into_once_a_minute(desk: Desk, figures: Figures) -> None:
    figures.seen[RULE] = {ACME: slow(20.0)}
    for second in range(3 * ANEW_MS // 1_000):
        desk.tick(NOON + second * 1_000, instant_rule(every_ms=1_000))
    assert len(desk.teller.looked) == 3


def test_an_alert_is_not_held_up_by_what_would_explain_it(desk: Desk, figures: Figures) -> None:
    desk.teller.failing = True
    figures.seen[RULE] = {ACME: slow(20.0)}
    assert desk.tick(NOON, instant_rule()) == 1
    assert desk.open()[0].blast.customers == 1


def test_ticks_that_find_nothing_new_are_written_now_and_then(desk: Desk, figures: Figures) -> None:
    figures.seen[RULE] = {ACME: slow(10.0)}
    saved = set()
    for second in range(90):
        desk.tick(NOON + second * 1_000, instant_rule(every_ms=1_000))
        (one,) = map(rule_tick, desk.states.ticks())
        assert one.at_ms is not None
        saved.add(one.at_ms)
    assert len(saved) == 3
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON + 90_500, instant_rule(every_ms=1_000))
    assert rule_tick(desk.states.ticks()[0]).firing == 1


def test_an_incident_that_nothing_fires_for_is_resolved_after_a_start(
    desk: Desk, figures: Figures, database: Engine
) -> None:
    """As where the store was restored from parts of different ages."""
    figures.seen[RULE] = {ACME: slow(20.0)}
    desk.tick(NOON, instant_rule())
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alert_states")
    figures.seen[RULE] = {}
    again = Desk(database, figures, desk.lease, "again")
    assert again.tick(NOON + MINUTE_MS, instant_rule()) == 1
    assert again.open() == []


def test_what_arrived_while_nobody_evaluated_is_looked_at_by_whoever_evaluates_next(
    desk: Desk, figures: Figures, database: Engine
) -> None:
    """A rule that couldn't be read wasn't evaluated either."""
    rule = instant_rule(by_arrival=True)
    desk.tick(NOON, rule)
    figures.failing = {RULE}
    desk.tick(NOON + 20 * MINUTE_MS, rule)
    figures.failing = set()
    next_one = Desk(database, figures, desk.lease, "next")
    next_one.tick(NOON + 30 * MINUTE_MS, rule)
    next_one.tick(NOON + 31 * MINUTE_MS, rule)
    assert [window_ms // MINUTE_MS for window_ms in figures.windows] == [5, 20, 30, 5]
