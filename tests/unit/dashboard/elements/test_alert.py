from msgspec.structs import replace
from tests.unit.alerting.situations import NOON, incident

from chatvitals.alerting.handling import acknowledge, resolve
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.alert import (
    SEVERITY_SHAPES,
    alert_row,
    alert_rows,
    most_wanted_first,
    say_blast,
    say_where,
)
from chatvitals.dashboard.view import View
from chatvitals.store.control.incidents import Blast, Incident
from chatvitals.store.control.silences import Silence

LATER = NOON + 60_000


def silence(*matchers: str, ends_ms: int = LATER) -> Silence:
    return Silence(
        id="s", matchers=matchers, starts_ms=NOON, ends_ms=ends_ms, reason="known", author="kim", created_ms=NOON
    )


def test_a_row_says_what_where_and_for_whom() -> None:
    row = alert_row(incident(), None, View())
    assert (row.title, row.severity.name, row.status) == ("Slow Message Renders", "warning", "open")
    assert row.where == "shop, customer acme, team widget"
    assert row.href == "/dashboard/alerts/incident-1"


def test_what_can_be_done_follows_from_where_it_is() -> None:
    open, taken = incident(), acknowledge(incident(), "kim", "", LATER).incident
    over = resolve(taken, "sam", "", LATER).incident
    rows = [alert_row(one, None, View()) for one in (open, taken, over)]
    assert [bool(row.acknowledge) for row in rows] == [True, False, False]
    assert [bool(row.resolve) for row in rows] == [True, True, False]
    assert [bool(row.silence) for row in rows] == [True, True, False]
    assert [row.handled_by for row in rows] == ["", "kim", "kim"]


def test_links_have_the_id_as_one_part_and_keep_what_is_looked_at() -> None:
    row = alert_row(replace(incident(), id="../x?y=1"), None, View(zone="Europe/Berlin"))
    assert row.acknowledge == "/dashboard/alerts/..%2Fx%3Fy%3D1/acknowledge"
    assert row.silence == "/dashboard/silences/new?tz=Europe%2FBerlin&alert=..%2Fx%3Fy%3D1"
    assert row.href == "/dashboard/alerts/..%2Fx%3Fy%3D1?tz=Europe%2FBerlin"


def test_the_last_silence_that_hides_it_is_told() -> None:
    silences = [
        silence("customer=acme"),
        silence("site=shop", ends_ms=LATER + 5),
        silence("customer=globex", ends_ms=9),
    ]
    (row,) = alert_rows([incident()], silences, View())
    assert row.silenced_until_ms == LATER + 5
    (row,) = alert_rows([incident()], [silence("customer=globex"), silence("no matcher")], View())
    assert row.silenced_until_ms is None


def test_every_severity_has_a_shape_of_its_own() -> None:
    assert len(set(SEVERITY_SHAPES.values())) == len(Severity)


def test_what_nobody_took_on_or_silenced_comes_first_then_the_gravest_then_the_newest() -> None:
    def made(name: str, severity: Severity, opened_ms: int) -> Incident:
        return replace(incident(now_ms=opened_ms), id=name, severity=severity)

    quiet = replace(made("quiet", Severity.CRITICAL, NOON), site="other", labels={"site": "other"})
    taken = acknowledge(made("taken", Severity.CRITICAL, NOON), "kim", "", LATER).incident
    known = [quiet, made("old", Severity.ERROR, NOON), taken, made("new", Severity.ERROR, LATER)]
    rows = alert_rows([*known, made("grave", Severity.CRITICAL, NOON)], [silence("site=other")], View())
    assert [row.id for row in sorted(rows, key=most_wanted_first)] == ["grave", "new", "old", "taken", "quiet"]


def test_a_blast_radius_is_of_those_that_were_there() -> None:
    assert say_blast(Blast()) == ""
    assert say_blast(Blast(sites=1, customers=1, sessions=1)) == "1 customer, 1 session"
    assert say_blast(Blast(customers=2, customers_seen=2)) == "2 customers"
    seen = Blast(sites=2, customers=3, customers_seen=41, releases=2, sessions=12, sessions_seen=3_000)
    assert say_blast(seen) == "3 of 41 customers, 2 sites, 2 releases, 12 of 3,000 sessions"


def test_places_in_words() -> None:
    assert say_where({"rule": "r", "severity": "error"}) == ""
    assert say_where({"release": "2.4", "site": "shop", "customer": ""}) == "shop, release 2.4"
