"""One customer's page, over events as its widgets send them and incidents as rules open them."""

from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from msgspec.structs import replace
from tests.contract.history import Event, store
from tests.contract.telling import LENGTH_MS, WINDOW, told
from tests.support.dashboard import render_page
from tests.support.reading import Read, read
from tests.support.timeline import make_incident

from chatvitals.dashboard.parts import Parts
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Blast, Incident, IncidentStatus, Update, put_updates
from chatvitals.store.events.embedded import EmbeddedEngine

ENOUGH = 12
MINUTE_MS, DAY_MS = 60_000, 86_400_000


def renders(time: float, session: str, number: int = ENOUGH, **more: object) -> list[Event]:
    return [told("render", renderTime=time, sessionId=session, **more) for _ in range(number)]


def page(parts: Parts, site: str, customer: str = "acme", **own: str) -> Read:
    query = urlencode({"site": site, "window": str(LENGTH_MS), **own})
    return read(render_page(parts, f"/dashboard/customers/{quote(customer, safe='')}?{query}").html)


def put(directory: Path, *incidents: Incident) -> None:
    database = open_database(f"sqlite:///{directory / 'control.sqlite'}")
    with database.begin() as connection:
        put_updates(connection, [Update(incident, None) for incident in incidents])
    database.dispose()


def resolved(incident: Incident, at_ms: int) -> Incident:
    return replace(incident, status=IncidentStatus.RESOLVED, resolved_ms=at_ms, updated_ms=at_ms)


def test_a_customer_is_told_by_its_own_events_alone(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*renders(5, "a"), *renders(500, "b", customer="globex")])
    seen = page(parts, site)
    assert f"1 session, {ENOUGH} events" in seen.text
    assert "100 of 100" in seen.text
    assert seen.tables["Releases, busiest first"].column("Render p95") == ["5 ms"]


def test_the_worst_pages_come_first_and_all_else_by_traffic(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            *(event for n in range(3) for event in renders(5, f"fine {n}", page="/fine", browser="Chrome 143")),
            *renders(40, "slow", page="/slow", browser="Safari 26"),
            *renders(5, "few", number=2, page="/few", browser="Safari 26"),
        ],
    )
    seen = page(parts, site)
    pages, browsers = seen.tables["Pages, worst first"], seen.tables["Browsers, busiest first"]
    assert pages.column("Page") == ["/slow", "/fine", "/few"]
    assert browsers.column("Browser") == ["Chrome 143", "Safari 26"]
    assert browsers.column("Sessions") == ["3", "2"]
    narrowed = read(render_page(parts, pages.links["/slow"]).html)
    assert narrowed.tables["Browsers, busiest first"].column("Browser") == ["Safari 26"]


def test_whose_messages_were_lost_is_listed_with_the_way_to_the_session(engine: EmbeddedEngine, parts: Parts) -> None:
    def lost(session: str, number: int, **more: str) -> Event:
        return told("loss", sessionId=session, conversationId="c", lost=number, hop="save", **more)

    site = store(engine, [lost("a", 2), lost("b", 5, errorType="QuotaExceededError"), lost("c", 9, customer="globex")])
    losses = page(parts, site).tables["Sessions that lost messages, the worst first"]
    assert losses.column("Messages lost") == ["5", "2"]
    assert losses.column("Why") == ["QuotaExceededError", "not told"]
    assert all(link.startswith("/dashboard/sessions/") for link in losses.links.values())


def test_no_loss_and_no_incident_make_a_quiet_page(engine: EmbeddedEngine, parts: Parts) -> None:
    seen = page(parts, store(engine, renders(5, "a")))
    assert "No messages were lost in this window." in seen.text
    assert "Wrong" not in seen.text


def test_incidents_that_name_the_customer_are_told(engine: EmbeddedEngine, parts: Parts, tmp_path: Path) -> None:
    site, now = store(engine, renders(5, "a")), WINDOW.end_ms
    about_it = make_incident("1", now - MINUTE_MS, site=site, customer="acme")
    names_it = replace(
        make_incident("2", now - MINUTE_MS, site=site),
        title="Names it",
        blast=Blast(customers=2, customer_names=("acme", "globex")),
    )
    other = replace(make_incident("3", now - MINUTE_MS, site=site, customer="globex"), title="About another")
    unnamed = replace(make_incident("4", now - MINUTE_MS, site=site), title="Names nobody")
    elsewhere = replace(make_incident("5", now, site="elsewhere", customer="acme"), title="On another site")
    put(tmp_path, about_it, names_it, other, unnamed, elsewhere)
    seen = page(parts, site)
    assert {"Slow Message Renders", "Names it"} <= seen.links.keys()
    assert not {"About another", "Names nobody", "On another site"} & seen.links.keys()


def test_incidents_that_are_over_are_told_for_a_week(engine: EmbeddedEngine, parts: Parts, tmp_path: Path) -> None:
    site, now = store(engine, renders(5, "a")), WINDOW.end_ms
    recent = resolved(make_incident("1", now - DAY_MS, site=site, customer="acme"), now - DAY_MS + 5 * MINUTE_MS)
    older = resolved(make_incident("2", now - 8 * DAY_MS, site=site, customer="acme"), now - 7 * DAY_MS)
    put(tmp_path, recent, older)
    past = page(parts, site).tables["Incidents of the last seven days that are over"]
    assert past.column("Lasted") == ["5 min"]
    assert past.links["Slow Message Renders"].startswith("/dashboard/alerts/1")


@pytest.mark.parametrize(
    ("customer", "heading", "explained"),
    [
        ("", "no customer named", "Events that came without a customer."),
        ("__other__", "other customers", "the first 10,000 are told apart"),
    ],
)
def test_what_is_no_customer_says_what_it_is(
    engine: EmbeddedEngine, parts: Parts, customer: str, heading: str, explained: str
) -> None:
    seen = page(parts, store(engine, [*renders(5, "a", customer=customer), *renders(5, "b")]), customer)
    assert heading in seen.text
    assert explained in seen.text
    assert f"1 session, {ENOUGH} events" in seen.text


def test_one_that_was_never_there_is_unknown_and_not_good(parts: Parts) -> None:
    seen = page(parts, "nowhere", "nobody")
    assert "0 sessions, 0 events" in seen.text
    assert "unknown" in seen.text
    assert "healthy" not in seen.text
