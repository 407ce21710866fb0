import pytest
from msgspec import structs
from tests.unit.notify.channels.email.losses import LOSS, NOON_MS, RENDERS, notification

from chatvitals.notify.channels.email.view import view_of
from chatvitals.notify.message import Reason

RESOLVED = structs.replace(LOSS, resolved_ms=NOON_MS + 754_000, acknowledged_by="Ada")


def test_an_incident_says_whom_it_touches_and_since_when() -> None:
    view = view_of(notification())
    assert (view.subject, view.state, view.why) == ("Data Loss Detected on shop", "critical", "")
    assert view.summary == "Critical: 3 data loss incident(s) detected"
    (shown,) = view.incidents
    assert (shown.state, shown.shape, shown.title) == ("critical", "■", "Data Loss Detected")
    assert shown.facts == (
        ("Touched", "1 customer of 400, 1 release, 63 sessions"),
        ("Customer", "acme"),
        ("Release", "2.4.1"),
        ("Incidents", "3"),
        ("Errors by type", "QuotaExceededError 2, SecurityError 1"),
        ("Site", "shop"),
        ("Since", "2026-01-01 12:00:00 UTC (2 s)"),
    )


def test_a_resolved_one_says_how_long_it_was() -> None:
    view = view_of(notification(RESOLVED, reason=Reason.RESOLVED))
    assert (view.state, view.summary) == ("resolved", "Resolved after 12 min 34 s.")
    (shown,) = view.incidents
    assert (shown.state, shown.shape) == ("resolved", "✓")
    assert shown.facts[-3:] == (
        ("Since", "2026-01-01 12:00:00 UTC (12 min 34 s)"),
        ("Resolved", "2026-01-01 12:12:34 UTC"),
        ("Acknowledged by", "Ada"),
    )


def test_the_gravest_open_one_comes_first_to_the_eye() -> None:
    view = view_of(notification(RESOLVED, RENDERS, LOSS, group={"site": "shop"}, reason=Reason.CHANGED))
    assert view.subject == "Alerts on shop"
    assert (view.state, view.summary) == ("critical", "Critical: 3 data loss incident(s) detected, and 1 more")
    assert view.why == "some of it is over"
    assert view_of(notification(RENDERS, LOSS, reason=Reason.CHANGED)).why == "more of it, or graver"


def test_what_an_alert_is_about_and_touches_is_told_once() -> None:
    told = structs.replace(LOSS, labels={**LOSS.labels, "customer": "acme", "release": "2.4.1", "team": "web"})
    (shown,) = view_of(notification(told)).incidents
    assert [name for name, _ in shown.facts].count("Customer") == 1
    assert [fact for fact in shown.facts if fact[0] in ("Release", "Team")] == [("Release", "2.4.1"), ("Team", "web")]


def test_the_subject_stays_from_the_first_message_to_the_last() -> None:
    subjects = {
        view_of(notification(told, reason=reason)).subject
        for told, reason in ((LOSS, Reason.OPENED), (LOSS, Reason.ESCALATED), (RESOLVED, Reason.RESOLVED))
    }
    assert subjects == {"Data Loss Detected on shop"}


def test_a_test_says_that_it_is_one() -> None:
    view = view_of(notification(reason=Reason.TEST))
    assert view.subject == "Test: Data Loss Detected on shop"
    assert view.why == "only a test"


def test_a_value_is_told_where_no_details_are() -> None:
    (shown,) = view_of(notification(structs.replace(RENDERS, details={}))).incidents
    assert shown.facts[0] == ("Value", "18.52ms (threshold 16ms)")
    (bare,) = view_of(notification(structs.replace(RENDERS, details={}, value=None))).incidents
    assert bare.facts[0] == ("Site", "shop")


@pytest.mark.parametrize(
    ("lasted_ms", "words"), [(0, "0 s"), (59_400, "59 s"), (3_600_000, "1 h"), (90_061_000, "1 d 1 h")]
)
def test_lengths_have_two_units_at_most(lasted_ms: int, words: str) -> None:
    told = structs.replace(LOSS, resolved_ms=NOON_MS + lasted_ms)
    assert view_of(notification(told, reason=Reason.RESOLVED)).summary == f"Resolved after {words}."


def test_no_line_break_gets_into_the_subject() -> None:
    told = structs.replace(LOSS, title="Loss\r\nBcc: all@example.org")
    assert view_of(notification(told)).subject == "Loss\ufffd Bcc: all@example.org on shop"
