from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.alerting.situations import slow_renders

from chatvitals.alerting.kept import RuleTick, UnknownAlert
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rule_states import ActiveAlert, RuleState
from chatvitals.alerting.rules.book import Entry, Origin, Source
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.alerting.state import Status
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.rule_state import RuleStateRow, rule_state_row, rule_state_rows
from chatvitals.dashboard.view import View


def entry(rule: Rule) -> Entry:
    return Entry(rule=rule, origin=Origin(source=Source.BUILT_IN))


def active(customer: str, status: Status) -> ActiveAlert:
    return ActiveAlert(
        key={"site": "shop", "customer": customer},
        status=status,
        severity=Severity.WARNING,
        since_ms=1,
        unknown=False,
        reason="",
    )


def row(rule: Rule | None = None, *alerts: ActiveAlert, **tick: Any) -> RuleStateRow:
    evaluation = RuleTick(rule="slow-renders", **({"at_ms": 5, "alerts": 9} | tick))
    return rule_state_row(entry(rule or slow_renders()), RuleState(evaluation, list(alerts)), View())


@pytest.mark.parametrize(
    ("tick", "state", "grade"),
    [
        ({"firing": 1, "pending": 2, "unknown": 3}, "firing", "bad"),
        ({"pending": 2, "unknown": 3}, "pending", "warning"),
        ({"unknown": 3}, "no data", "unknown"),
        ({"alerts": 0}, "no data", "unknown"),
        ({}, "quiet", "good"),
        ({"failure": "out of memory", "failures": 2, "firing": 1}, "failing", "bad"),
        ({"at_ms": None}, "not evaluated yet", "unknown"),
        ({"at_ms": None, "failure": "no such table", "failures": 1}, "failing", "bad"),
    ],
)
def test_a_state_is_a_word_and_a_grade(tick: dict[str, Any], state: str, grade: str) -> None:
    shown = row(**tick)
    assert (shown.state, shown.grade) == (state, grade)


def test_what_is_switched_off_is_off_whatever_was_found() -> None:
    shown = row(slow_renders(enabled=False), firing=1)
    assert (shown.state, shown.grade, shown.told) == ("off", "", "")


def test_a_rule_that_was_never_evaluated() -> None:
    shown = rule_state_row(entry(slow_renders()), None, View())
    assert (shown.state, shown.told, shown.at_ms) == ("not evaluated yet", "", None)


def test_none_of_what_is_counted_is_good() -> None:
    shown = row(default_rules()["data-loss"], alerts=0)
    assert (shown.state, shown.told) == ("quiet", "")


def test_what_fires_is_named_and_what_can_not_be_told_says_why() -> None:
    alerts = [active(name, Status.FIRING) for name in ("a", "b", "c", "d")] + [active("e", Status.PENDING)]
    example = UnknownAlert({"site": "shop", "customer": "f"}, "2 samples of the 60 it needs")
    shown = row(None, *alerts, firing=4, pending=1, unknown=1, examples=(example,))
    assert shown.told == (
        "shop, customer a · shop, customer b · shop, customer c and 1 more; pending: shop, customer e;"
        " 1 of 9 alerts can't be told: shop, customer f: 2 samples of the 60 it needs"
    )
    assert row(failure="out of memory", failures=3).told == "out of memory (3 tries)"
    assert row(alerts=0).told == "nothing was measured in its window"


def test_those_that_want_to_be_looked_at_come_first() -> None:
    rules = [slow_renders(name=name) for name in ("quiet", "fires", "waits")]
    states = [
        RuleState(replace(RuleTick(rule=name, at_ms=1, alerts=1), **tick), [])
        for name, tick in (("quiet", {}), ("fires", {"firing": 1}), ("waits", {"pending": 1}))
    ]
    rows = rule_state_rows(map(entry, rules), states, View())
    assert [one.name for one in rows] == ["fires", "waits", "quiet"]
