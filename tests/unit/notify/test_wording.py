import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.notifications import notification, told

from chatvitals.catalogue.severities import Severity
from chatvitals.notify.message import Reason
from chatvitals.notify.prometheus_alert import label_name
from chatvitals.notify.wording import (
    MOST_SHOWN,
    headline,
    one_line,
    plain,
    rfc3339,
    say_blast,
    say_labels,
    say_moment,
    say_rest,
    shown,
)
from chatvitals.store.control.incidents import Blast


def test_a_headline_names_the_gravest_that_is_open() -> None:
    mild = told("mild", severity=Severity.WARNING, title="Slow")
    grave = told("grave", severity=Severity.CRITICAL, title="Lost")
    over = told("over", severity=Severity.CRITICAL, title="Over", resolved_ms=1)
    assert headline(notification(incidents=(mild,))) == "[WARNING] Slow on shop"
    assert headline(notification(incidents=(mild, grave, over))) == "[CRITICAL] Lost on shop (and 2 more)"
    assert headline(notification(incidents=(mild, over))) == "[WARNING] Slow on shop (and 1 more)"
    assert headline(notification(incidents=(over,), reason=Reason.RESOLVED)) == "[RESOLVED] Over on shop"
    assert headline(notification(incidents=(mild,), reason=Reason.TEST)) == "[TEST] Slow on shop"
    assert headline(notification(incidents=(mild,), group={})) == "[WARNING] Slow"
    everything = {"site": "shop", "rule": "r", "customer": "acme", "release": ""}
    assert headline(notification(incidents=(mild,), group=everything)) == "[WARNING] Slow on acme, shop"


def test_labels_say_what_an_incident_is_about() -> None:
    labels = {"site": "shop", "customer": "ac\nme", "release": "", "rule": "r", "category": "c", "severity": "info"}
    assert say_labels(labels) == "customer=ac me, site=shop"


@pytest.mark.parametrize(
    ("blast", "said"),
    [
        (Blast(), ""),
        (Blast(sites=1, customers=1, customers_seen=400, sessions=63), "1 customer of 400, 63 sessions"),
        (Blast(sites=3, customers=1_200, releases=1, sessions=1), "1,200 customers, 3 sites, 1 release, 1 session"),
    ],
)
def test_a_blast_radius(blast: Blast, said: str) -> None:
    assert say_blast(blast) == said


def test_moments() -> None:
    assert say_moment(1_785_000_000_123) == "2026-07-25 17:20:00 UTC"
    assert rfc3339(1_785_000_000_123) == "2026-07-25T17:20:00.123Z"


@given(st.text())
def test_plain_text_commands_no_terminal(text: str) -> None:
    kept = plain(text)
    assert len(kept) == len(text)
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in kept.replace("\n", ""))
    assert "\n" not in one_line(text)


@given(st.text(min_size=1, max_size=20))
def test_names_of_labels_are_valid(name: str) -> None:
    made = label_name(name)
    assert made.isascii()
    assert made.isidentifier()
    assert label_name(made) == made


def test_of_very_many_incidents_some_are_shown_and_the_others_counted() -> None:
    many = notification(incidents=tuple(told(str(number)) for number in range(MOST_SHOWN + 5)), omitted=9_500)
    assert headline(many).endswith(f"(and {MOST_SHOWN + 5 + 9_499} more)")
    assert [one.incident for one in shown(many)] == [f"incident-{number}" for number in range(MOST_SHOWN)]
    assert say_rest(many) == "and 9,505 more"
    assert say_rest(notification()) == ""
