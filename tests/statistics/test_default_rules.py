"""The shipped rules on a simulated fleet: quiet while it is healthy, at night too, and soon there when it isn't."""

from collections.abc import Iterable, Iterator

import pytest
from tests.statistics.traffic import Traffic

from chatvitals.alerting.evaluate import Finding, judge
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.defaults import default_rules

MINUTE_MS = 60_000
DAY_MINUTES = 24 * 60
RULES = default_rules()

FAULT_S = 1_200
"""When a fault begins that strikes every session."""

FAULTS = {
    "loss-quota": {"data-loss": 5, "persistence-failing": 30},
    "loss-security": {"data-loss": 5, "persistence-failing": 30, "page-changes-failing": 60},
    "wrong-restore": {"wrong-identity": 10, "data-loss": 10},
    "slow-render": {"slow-renders": 30},
    "memory-leak": {"high-memory": 45},
    "jank": {"slow-scrolling": 45, "scroll-jank": 45},
    "tab-sync-failing": {"tab-sync-failing": 60},
    "api-errors": {"api-failing": 45, "api-errors": 60},
    "slow-api": {"slow-api": 60},
}
"""By fault the rules that have to see it, and within how many seconds of its beginning."""


def findings(rule: Rule, traffic: Traffic, moments_ms: Iterable[int]) -> Iterator[Finding]:
    """What a rule finds at each moment."""
    for at_ms in moments_ms:
        yield judge(rule, traffic.observe(rule.metric, at_ms, rule.window_ms)).finding


@pytest.fixture(scope="module", params=[(5, 1), (20, 2)], ids=["a small site", "a larger site"])
def healthy_day(request: pytest.FixtureRequest) -> Traffic:
    """24 hours of 200 customers, whose nights have a tenth of the traffic of their days."""
    rate, seed = request.param
    return Traffic(rate=rate, hours=24, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
def test_on_a_healthy_day_a_rule_finds_nothing(name: str, healthy_day: Traffic) -> None:
    minutes = range(1, DAY_MINUTES + 1)
    found = set(findings(RULES[name], healthy_day, (minute * MINUTE_MS for minute in minutes)))
    assert Finding.BREACH not in found


@pytest.fixture(scope="module")
def busy_hour() -> Traffic:
    return Traffic(rate=50, hours=0.75, seed=3, daily_rhythm=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RULES.keys() - {"tab-sync-errors"}))
def test_on_a_busy_site_a_rule_has_enough_data(name: str, busy_hour: Traffic) -> None:
    found = list(findings(RULES[name], busy_hour, range(40 * MINUTE_MS, 45 * MINUTE_MS, MINUTE_MS)))
    assert set(found) == {Finding.CLEAR}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_strikes_everybody_is_seen(fault: str) -> None:
    traffic = Traffic(f"{fault},at={FAULT_S}s", rate=50, hours=0.38, seed=1, daily_rhythm=False)
    for name, within_s in FAULTS[fault].items():
        rule = RULES[name]
        before = findings(rule, traffic, range((FAULT_S - 300) * 1_000, FAULT_S * 1_000, 10_000))
        assert Finding.BREACH not in set(before)
        seen = (seconds for seconds in range(within_s + 1) if Finding.BREACH in _at(rule, traffic, seconds))
        assert next(seen, None) is not None, f"{name} doesn't see {fault} within {within_s} s"


def _at(rule: Rule, traffic: Traffic, seconds: int) -> set[Finding]:
    return set(findings(rule, traffic, [(FAULT_S + seconds) * 1_000]))


def test_every_rule_but_those_for_what_the_simulator_can_not_break_has_a_fault() -> None:
    seen = {name for names in FAULTS.values() for name in names}
    assert RULES.keys() - seen == {"slow-restores", "widget-errors", "slow-tab-sync", "tab-sync-errors"}
