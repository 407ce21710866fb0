"""All customers, over events as their widgets send them."""

from urllib.parse import quote, urlencode

import pytest
from tests.contract.history import Event, store
from tests.contract.telling import LENGTH_MS, told
from tests.support.dashboard import render_page
from tests.support.reading import Read, read
from tests.unit.events import NOW_MS

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.dashboard.elements.table import PAGE_ROWS
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest
from chatvitals.store.events.embedded import EmbeddedEngine

ENOUGH = 12
WINDOW = str(LENGTH_MS)
SLOW, FAST = 40.0, 5.0


def renders(customer: str, time: float, sessions: int = 1, number: int = ENOUGH, **more: object) -> list[Event]:
    """So many messages put on screen, one session after the other."""
    return [
        told("render", renderTime=time, customer=customer, sessionId=f"{customer} {place % sessions}", **more)
        for place in range(number)
    ]


def lost(customer: str) -> Event:
    failed = {"hop": "save", "errorType": "QuotaExceededError"}
    return told("loss", customer=customer, sessionId=f"{customer} 0", conversationId="c", lost=3, **failed)


def page(parts: Parts, site: str, **own: str) -> Read:
    return read(render_page(parts, f"/dashboard/customers?{urlencode({'site': site, 'window': WINDOW, **own})}").html)


def names(parts: Parts, site: str, **own: str) -> list[str]:
    return page(parts, site, **own).tables["Customers"].column("Customer")


@pytest.fixture
def site(engine: EmbeddedEngine) -> str:
    return store(
        engine,
        [
            *renders("slow", SLOW, sessions=3),
            *renders("fast", FAST, sessions=2),
            *renders("few", FAST, number=2),
            *renders("losing", FAST),
            lost("losing"),
        ],
    )


def test_the_worst_come_first_and_the_unknown_last(parts: Parts, site: str) -> None:
    table = page(parts, site).tables["Customers"]
    assert table.column("Customer") == ["slow", "losing", "fast", "few"]
    assert [text.rsplit(" ", 1)[-1] for text in table.column("Health")] == ["0", "49", "100", "–"]
    assert table.rows[1]["Losses"].endswith("1")
    assert [row["Render p95"].rsplit(": ")[-1] for row in table.rows] == ["40 ms", "5 ms", "5 ms", "5 ms"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-sessions", ["slow", "fast", "few", "losing"]),
        ("customer", ["fast", "few", "losing", "slow"]),
        ("-loss", ["losing", "slow", "fast", "few"]),
        ("-render", ["slow", "fast", "losing", "few"]),
        ("-health", ["fast", "losing", "slow", "few"]),
    ],
)
def test_any_column_sorts(parts: Parts, site: str, sort: str, order: list[str]) -> None:
    assert names(parts, site, sort=sort) == order


def test_a_search_finds_parts_of_names_and_a_status_those_that_have_it(parts: Parts, site: str) -> None:
    assert names(parts, site, q=" F ") == ["fast", "few"]
    assert names(parts, site, status="unhealthy") == ["slow", "losing"]
    assert names(parts, site, status="unknown", q="few") == ["few"]


def test_nobody_found_is_told_from_nobody_there(parts: Parts, site: str) -> None:
    assert "No customer is like that." in page(parts, site, q="nobody").text
    assert "Nobody was seen in this window." in page(parts, "nowhere").text


@pytest.mark.parametrize("own", [{"sort": "price"}, {"status": "fine"}, {"leaf": "0"}])
def test_what_cannot_be_asked_is_refused(parts: Parts, site: str, own: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        page(parts, site, **own)


@pytest.mark.parametrize("name", ["a/b", "..%2f?x#y", "<script>alert(1)</script>", "naïve  名前", "100 %"])
def test_a_row_leads_to_its_customer_whatever_it_is_called(engine: EmbeddedEngine, parts: Parts, name: str) -> None:
    site = store(engine, renders(name, FAST))
    table = page(parts, site).tables["Customers"]
    (link,) = table.links.values()
    assert link.startswith(f"/dashboard/customers/{quote(name, safe='')}?")
    own = render_page(parts, link).html
    assert " ".join(name.split()) in read(own).text
    assert "<script>alert" not in own


def test_those_without_a_name_and_those_past_the_cap_say_what_they_are(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*renders("", FAST), *renders(OVERFLOW, SLOW)])
    table = page(parts, site).tables["Customers"]
    assert table.column("Customer") == ["other customers", "no customer named"]
    assert table.links["no customer named"].startswith("/dashboard/customers/?")


def test_how_customers_stood_before_is_told(engine: EmbeddedEngine, parts: Parts) -> None:
    earlier = NOW_MS - LENGTH_MS
    site = store(
        engine,
        [
            *renders("worse", SLOW),
            *renders("worse", FAST, sessions=2, timestamp=earlier),
            *renders("new", FAST),
            *renders("gone", FAST, timestamp=earlier),
        ],
    )
    rows = {row["Customer"]: row for row in page(parts, site).tables["Customers"].rows}
    assert "100 points less than in the 10 min before" in rows["worse"]["Change"]
    assert "50 % fewer sessions than in the 10 min before" in rows["worse"]["Over time"]
    assert rows["new"]["Change"] == "–"
    assert rows["gone"]["Sessions"] == "0"
    assert names(parts, site, sort="change")[0] == "worse"


def test_many_customers_are_leafed_through(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [told("render", renderTime=FAST, customer=f"c{n:03}", sessionId=f"{n}") for n in range(150)])
    first, second = names(parts, site, sort="customer"), names(parts, site, sort="customer", leaf="2")
    assert len(first) == PAGE_ROWS
    assert first + second == [f"c{number:03}" for number in range(150)]
    assert "101–150 of 150" in page(parts, site, sort="customer", leaf="2").text


def test_only_the_customers_of_the_view_are_there(parts: Parts, site: str) -> None:
    assert names(parts, site, customer="fast") == ["fast"]
