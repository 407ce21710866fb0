from tests.support.evaluation import CountingTeller
from tests.unit.alerting.situations import NOON, alert

from chatvitals.alerting.evaluate import Finding
from chatvitals.alerting.incidents import Alert
from chatvitals.alerting.state import Change, Transition
from chatvitals.alerting.telling import ANEW_MS, IN_FULL, Telling
from chatvitals.catalogue.severities import Severity

Told = list[tuple[Alert, Transition | None]]
OPENED = Transition(Change.OPENED, NOON, Severity.WARNING)


def firing(count: int, severity: Severity = Severity.WARNING, transition: Transition | None = None) -> Told:
    return [(alert(key=("shop", f"{severity}-{number:02}"), severity=severity), transition) for number in range(count)]


def test_the_gravest_are_looked_into_first_and_the_others_in_turn() -> None:
    teller = CountingTeller()
    telling = Telling(teller)
    told = firing(20) + firing(2, Severity.CRITICAL)
    for tick in range(3):
        telling.accounts(told, NOON + tick * 1_000)
    first, second = teller.looked[:IN_FULL], teller.looked[IN_FULL:]
    assert {key[1] for key in first[:2]} == {"critical-00", "critical-01"}
    assert len(second) == 6
    assert sorted(teller.looked) == sorted(one.key for one, _ in told)


def test_after_a_minute_those_come_first_for_whom_it_is_longest() -> None:
    teller = CountingTeller()
    telling = Telling(teller)
    told = firing(2 * IN_FULL)
    telling.accounts(told, NOON)
    telling.accounts(told, NOON + 1_000)
    once = list(teller.looked)
    telling.accounts(told, NOON + ANEW_MS - 1)
    assert teller.looked == once
    telling.accounts(told, NOON + ANEW_MS)
    assert teller.looked[2 * IN_FULL :] == once[:IN_FULL]


def test_what_changed_and_has_to_wait_gets_a_brief_account() -> None:
    told = firing(IN_FULL + 1, transition=OPENED) + firing(1, Severity.INFO)
    accounts = Telling(CountingTeller()).accounts(told, NOON)
    assert len(accounts) == IN_FULL + 1
    (brief,) = (account for account in accounts.values() if not account.blast.sessions_seen)
    assert (brief.blast.customers, brief.details) == (1, {})
    assert "is 20.0" in brief.message


def test_what_fires_on_without_being_bad_is_not_looked_into() -> None:
    teller = CountingTeller()
    assert Telling(teller).accounts([(alert(12.0, finding=Finding.CLEAR), None)], NOON) == {}
    assert teller.looked == []


def test_what_ended_and_begins_anew_is_looked_into_at_once() -> None:
    teller = CountingTeller()
    telling = Telling(teller)
    told = firing(1)
    telling.accounts(told, NOON)
    telling.forget([told[0][0].fingerprint, "unknown"])
    telling.accounts(told, NOON + 1)
    assert len(teller.looked) == 2


def test_a_clock_that_jumps_back_keeps_nobody_waiting() -> None:
    teller = CountingTeller()
    telling = Telling(teller)
    telling.accounts(firing(1), NOON)
    telling.accounts(firing(1), NOON - 3_600_000)
    assert len(teller.looked) == 2
