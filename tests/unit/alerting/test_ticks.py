from msgspec.structs import replace
from tests.unit.events import NOW_MS

from chatvitals.alerting.observation import NOTHING, Observation
from chatvitals.alerting.rule import Absence, NoData, Rule, Side, Threshold
from chatvitals.alerting.state import AlertState, Change, Status
from chatvitals.alerting.ticks import tick
from chatvitals.catalogue.severities import Severity

BAD, GOOD = Observation(20.0, 100, 10), Observation(10.0, 100, 10)
SLOW = Rule(
    name="slow",
    title="Slow",
    category="performance",
    metric="performance.renders.p95Time",
    condition=Threshold(Side.ABOVE, {Severity.WARNING: 16.0}, recovery=15.2),
)
GONE = Rule(
    name="gone",
    title="Gone",
    category="delivery",
    metric="api.totalCalls",
    condition=Absence(Severity.ERROR, known_ms=86_400_000),
)
FIRING = AlertState(status=Status.FIRING, severity=Severity.WARNING)


def test_each_key_has_an_alert_of_its_own() -> None:
    ticked = tick(SLOW, {}, {("a",): BAD, ("b",): GOOD}, NOW_MS)
    assert {key: one.after.status for key, one in ticked.items()} == {("a",): Status.FIRING, ("b",): Status.INACTIVE}
    assert [one.transition.change for one in ticked.values() if one.transition] == [Change.OPENED]


def test_what_fires_is_looked_at_though_nothing_is_observed_of_it() -> None:
    ticked = tick(SLOW, {("a",): FIRING, ("b",): AlertState()}, {}, NOW_MS)
    assert list(ticked) == [("a",)]
    assert (ticked[("a",)].after.status, ticked[("a",)].after.unknown) == (Status.FIRING, True)
    assert ticked[("a",)].verdict.reason == "0 samples of the 1 it needs"


def test_nothing_observed_is_what_the_rule_takes_it_for() -> None:
    rule = replace(SLOW, no_data=NoData.CLEAR)
    transition = tick(rule, {("a",): FIRING}, {}, NOW_MS)[("a",)].transition
    assert transition is not None
    assert transition.change is Change.RESOLVED


def test_who_is_missed_is_no_longer_missed_once_unknown() -> None:
    gone = tick(GONE, {}, {("a",): NOTHING}, NOW_MS)[("a",)].after
    assert (gone.status, gone.severity) == (Status.FIRING, Severity.ERROR)
    transition = tick(GONE, {("a",): gone}, {}, NOW_MS + 60_000)[("a",)].transition
    assert transition is not None
    assert transition.change is Change.RESOLVED
