"""How incidents read in tables."""

from typing import Any

from chatvitals.cli.incidents import graded, say_blast, say_what, say_whom

NOBODY = {"customers": 0, "customersSeen": 0, "sessions": 0}


def incident(**fields: Any) -> dict[str, Any]:
    return {"title": "Slow", "message": "18ms", "labels": {"site": "shop", "rule": "r"}, "blast": NOBODY} | fields


def test_a_title_is_not_said_twice() -> None:
    assert say_what(incident()) == "Slow: 18ms"
    assert say_what(incident(message="Slow: 18ms")) == "Slow: 18ms"
    assert say_what(incident(message="[red]18ms")) == r"Slow: \[red]18ms"


def test_alerts_of_one_rule_differ_by_what_they_are_about() -> None:
    blast = {"customers": 1, "customersSeen": 400, "sessions": 63}
    labels = {"site": "shop", "customer": "acme", "release": "", "team": "web", "rule": "r"}
    assert say_whom(incident()) == ""
    assert say_whom(incident(labels=labels)) == "customer=acme, release=(none)"
    assert say_whom(incident(labels=labels, blast=blast)) == "customer=acme, release=(none), 63 sessions"
    assert say_whom(incident(blast=blast)) == "1 customer of 400, 63 sessions"


def test_a_blast_radius() -> None:
    assert say_blast({"customers": 1_200, "customersSeen": 0, "sessions": 1}) == "1,200 customers, 1 session"


def test_only_what_is_grave_has_a_colour() -> None:
    assert (graded("info"), graded("critical")) == ("info", "[bold red]critical[/]")
