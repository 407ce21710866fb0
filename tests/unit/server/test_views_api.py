from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.support.route_app import route_app

from chatvitals.dashboard.saved.book import ViewBook
from chatvitals.server.api.views import PATH, ViewsApi
from chatvitals.store.control.database import open_database
from chatvitals.store.control.saved_views import SavedViews

NOW_MS = 1_760_000_000_000
FIRST = {"metric": "performance.renders.p95Time"}
SECOND = {
    "metric": "api.errorRate",
    "kind": "table",
    "by": "endpoint",
    "width": 2,
    "filters": {"browser": ["Safari 17"]},
}
VIEW = {
    "name": "Checkout",
    "windowMs": 86_400_000,
    "filters": {"customer": ["acme"]},
    "panels": [FIRST, SECOND],
}

Json = dict[str, Any]


class Api:
    """The routes over a real store, at a time that stands still."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.now_ms = NOW_MS

    async def ask(self, method: str, path: str = "", status: int = 200, **arguments: Any) -> Json:
        answer = await self.client.request(method, PATH + path, **arguments)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def refused(self, view: Json, path: str = "/checkout") -> Json:
        return await self.ask("PUT", path, 400, json={"view": view})


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    ids = map("view-{}".format, count())
    book = ViewBook(SavedViews(database), lambda: opened.now_ms, ids.__next__)
    transport = httpx2.ASGITransport(route_app(ViewsApi(book).routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        opened = Api(client)
        yield opened
    database.dispose()


async def test_a_view_is_made_shown_listed_changed_and_removed(api: Api) -> None:
    made = await api.ask("PUT", "/checkout", json={"view": VIEW})
    rest = {"kind": "card", "width": 1, "title": "", "by": "", "filters": {}}
    assert made == {
        "id": "view-0",
        "slug": "checkout",
        "revision": 1,
        "view": {
            "description": "",
            "range": None,
            "compare": "",
            **VIEW,
            "panels": [{**rest, **FIRST, "id": 1}, {**rest, **SECOND, "id": 2}],
        },
        "createdMs": NOW_MS,
        "createdBy": "api",
        "updatedMs": NOW_MS,
        "updatedBy": "api",
    }
    assert await api.ask("GET", "/checkout") == made
    assert (await api.ask("GET"))["views"] == [made]

    api.now_ms += 1_000
    changed = await api.ask("PUT", "/checkout", json={"view": {**made["view"], "name": "The checkout"}, "revision": 1})
    assert changed == {
        **made,
        "revision": 2,
        "view": {**made["view"], "name": "The checkout"},
        "updatedMs": NOW_MS + 1_000,
    }
    assert await api.ask("DELETE", "/checkout", params={"revision": 2}) == changed
    assert (await api.ask("GET"))["views"] == []
    assert "there is no view 'checkout'" in (await api.ask("GET", "/checkout", 404))["detail"]
    await api.ask("DELETE", "/checkout", 404)


async def test_nobody_overwrites_what_they_have_not_seen(api: Api) -> None:
    await api.ask("PUT", "/checkout", json={"view": VIEW})
    theirs = await api.ask("PUT", "/checkout", json={"view": {**VIEW, "name": "Theirs"}, "revision": 1})
    for revision in (0, 1, 3):
        problem = await api.ask("PUT", "/checkout", 409, json={"view": VIEW, "revision": revision})
        assert "api changed the view 'checkout' meanwhile, it is at revision 2 now" in problem["detail"]
    await api.ask("DELETE", "/checkout", 409, params={"revision": 1})
    assert await api.ask("GET", "/checkout") == theirs
    assert "make it anew" in (await api.ask("PUT", "/gone", 409, json={"view": VIEW, "revision": 1}))["detail"]


async def test_every_mistake_is_told_with_its_place(api: Api) -> None:
    panels = [
        {"metric": "api.errorate"},
        {"metric": "api.errorRate", "kind": "table"},
        {"metric": "api.errorRate", "kind": "table", "by": "costumer"},
        {"metric": "api.errorRate", "by": "customer"},
        {"metric": "api.errorRate", "filters": {"browsr": ["Safari 17"]}, "id": 7},
        {"metric": "api.errorRate", "id": 7},
    ]
    view = {"name": " ", "range": {"fromMs": 5, "toMs": 5}, "filters": {"colour": ["red"]}, "panels": panels}
    answer = await api.refused(view)
    assert answer["detail"].splitlines() == [
        "view.name: is empty: say what the view is for",
        "view.range: ends before it starts: toMs has to be after fromMs",
        "view.filters.colour: there is no dimension 'colour'; did you mean 'country'?",
        "view.panels[0].metric: there is no metric 'api.errorate'; did you mean 'api.errorRate'?",
        "view.panels[1].by: is missing: say what the table breaks down by, such as site, customer, release, variant,"
        " page, browser, os, device, country",
        "view.panels[2].by: api.errorRate can't be broken down by 'costumer'; did you mean 'customer'?",
        "view.panels[3].by: only a table is broken down: leave it out, or make the card a table",
        "view.panels[4].id: 7 is another panel's too: leave it out of new ones",
        "view.panels[4].filters.browsr: there is no dimension 'browsr'; did you mean 'browser'?",
        "view.panels[5].id: 7 is another panel's too: leave it out of new ones",
    ]
    assert answer["field"] == "view.name"
    assert (await api.ask("GET"))["views"] == []


async def test_what_is_not_well_formed_is_told_likewise(api: Api) -> None:
    panel = {"metric": "api.errorRate", "kind": "chard", "width": 5, "colour": "red"}
    answer = await api.refused({"panels": [panel], "windowMs": 10})
    assert answer["detail"].splitlines() == [
        "view.panels[0].kind: expected one of card, chart, table, but it is 'chard'; did you mean 'card'?",
        "view.panels[0].width: expected a whole number, at least 1, at most 4, but it is 5",
        "view.panels[0].colour: there is no such field; known ones are id, metric, kind, width, title, by, filters",
        "view.windowMs: expected a whole number, at least 1000, at most 34560000000, but it is 10",
        "view: the field 'name' is missing",
    ]
    many = [{"metric": "api.errorRate"}] * 41
    assert "of length at most 40" in (await api.refused({"name": "x", "panels": many}))["detail"]
    assert "of length at most 100" in (await api.refused({"name": "x" * 101}))["detail"]


@pytest.mark.parametrize("slug", ["Checkout", "-x", "x--y", "x" * 65, "%20", "a.b", "x%0A"])
async def test_an_address_is_made_of_few_characters(api: Api, slug: str) -> None:
    problem = await api.ask("PUT", f"/{slug}", 400, json={"view": VIEW})
    assert "use lower-case letters, digits and single dashes" in problem["detail"]
    assert problem["field"] == "slug"


async def test_a_misspelt_parameter_is_refused(api: Api) -> None:
    await api.ask("GET", "?nmae=x", 400)
    await api.ask("DELETE", "/checkout?revison=1", 400)
    await api.ask("DELETE", "/checkout?revision=one", 400)


async def test_a_page_of_another_origin_can_not_write(api: Api) -> None:
    await api.ask("PUT", "/checkout", 415, content=b"{}", headers={"content-type": "text/plain"})
