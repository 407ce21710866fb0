from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import Engine
from tests.support.route_app import route_app
from tests.support.timeline import START_MS, make_incident

from chatvitals.server.api.silences import PATH, SilencesApi
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Incidents, IncidentStatus, Update, put_updates
from chatvitals.store.control.silences import Silences

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FORM = {"matchers": ["customer=acme"], "lasts": "2h", "reason": "maintenance", "author": "dana"}

Json = dict[str, Any]


class Api:
    """The routes over a real store, at a time that stands still."""

    def __init__(self, client: httpx2.AsyncClient, database: Engine) -> None:
        self.client = client
        self.database = database
        self.now_ms = START_MS

    async def ask(self, method: str, path: str = "", status: int = 200, **arguments: Any) -> Json:
        answer = await self.client.request(method, PATH + path, **arguments)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def listed(self, *statuses: str) -> list[tuple[str, str]]:
        found = (await self.ask("GET", params={"status": list(statuses)}))["silences"]
        return [(one["id"], one["status"]) for one in found]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    ids = map("silence-{}".format, count())
    routes = SilencesApi(Silences(database), Incidents(database), lambda: opened.now_ms, ids.__next__).routes()
    transport = httpx2.ASGITransport(route_app(routes))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        opened = Api(client, database)
        yield opened
    database.dispose()


async def test_a_silence_is_added_shown_listed_and_ended(api: Api) -> None:
    made = await api.ask("POST", status=201, json=FORM)
    assert made == {
        "id": "silence-0",
        "matchers": ["customer=acme"],
        "startsMs": START_MS,
        "endsMs": START_MS + 2 * HOUR_MS,
        "reason": "maintenance",
        "author": "dana",
        "createdMs": START_MS,
        "status": "active",
    }
    assert await api.ask("GET", "/silence-0") == made
    assert (await api.ask("GET"))["silences"] == [made]
    api.now_ms += HOUR_MS
    ended = await api.ask("DELETE", "/silence-0")
    assert ended == {**made, "endsMs": START_MS + HOUR_MS, "status": "expired"}
    api.now_ms += HOUR_MS
    assert await api.ask("DELETE", "/silence-0") == ended  # once is enough
    assert await api.listed() == []
    assert await api.listed("expired") == [("silence-0", "expired")]


async def test_silences_are_listed_by_where_they_are(api: Api) -> None:
    await api.ask("POST", status=201, json={**FORM, "lasts": "1m"})
    await api.ask("POST", status=201, json=FORM)
    await api.ask("POST", status=201, json={**FORM, "starts": START_MS + HOUR_MS})
    await api.ask("POST", status=201, json={**FORM, "starts": START_MS + 2 * HOUR_MS})
    await api.ask("DELETE", "/silence-3")  # never will be
    api.now_ms += 60_000
    assert await api.listed() == [("silence-2", "pending"), ("silence-1", "active")]
    assert await api.listed("pending") == [("silence-2", "pending")]
    assert await api.listed("expired") == [("silence-0", "expired"), ("silence-3", "expired")]
    assert len(await api.listed("expired", "active", "pending")) == 4
    assert len((await api.ask("GET", params={"limit": 1}))["silences"]) == 1


async def test_a_preview_says_what_would_be_hidden(api: Api) -> None:
    with api.database.begin() as connection:
        open = [
            make_incident("open", START_MS - 10 * DAY_MS, customer="acme"),
            make_incident("other", START_MS - HOUR_MS, customer="globex"),
        ]
        over = [
            msgspec.structs.replace(
                make_incident(f"over-{days}", START_MS - days * DAY_MS, customer="acme"),
                status=IncidentStatus.RESOLVED,
                resolved_ms=START_MS,
            )
            for days in (1, 6, 8)
        ]
        put_updates(connection, [Update(incident, None) for incident in (*open, *over)])
    answer = await api.ask("POST", "/preview", json={"matchers": ["customer=acme"]})
    assert (answer["days"], answer["complete"]) == (7, True)
    assert [(part["count"], part["of"]) for part in (answer["open"], answer["past"])] == [(1, 2), (2, 3)]
    assert [one["id"] for one in answer["open"]["incidents"]] == ["open"]
    assert [one["id"] for one in answer["past"]["incidents"]] == ["over-1", "over-6"]
    longer = await api.ask("POST", "/preview", json={"matchers": ["customer=acme"], "days": 30})
    assert longer["past"]["count"] == 4
    assert await api.listed() == []


async def test_a_preview_looks_at_many_and_shows_the_newest(api: Api) -> None:
    incidents = [make_incident(f"{number:04}", START_MS - number, site=f"s{number}") for number in range(1_200)]
    with api.database.begin() as connection:
        put_updates(connection, [Update(incident, None) for incident in incidents])
    answer = await api.ask("POST", "/preview", json={"matchers": ["rule=slow"]})
    assert answer["open"]["count"] == answer["past"]["count"] == 1_200
    assert [one["id"] for one in answer["open"]["incidents"]] == [f"{number:04}" for number in range(100)]


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status", "field"),
    [
        ("POST", "", {"json": {**FORM, "lasts": "99d"}}, 400, "ends"),
        ("POST", "", {"json": {**FORM, "reason": ""}}, 400, "reason"),
        ("POST", "", {"json": {**FORM, "matchers": []}}, 400, "matchers"),
        ("POST", "", {"json": {**FORM, "forever": True}}, 400, "forever"),
        ("POST", "", {"content": "a=b"}, 415, None),
        ("POST", "/preview", {"json": {"matchers": ["a=~("]}}, 400, "matchers"),
        ("POST", "/preview", {"json": {"matchers": ["a=b"], "days": 91}}, 400, "days"),
        ("GET", "", {"params": {"status": "over"}}, 400, "status"),
        ("GET", "", {"params": {"state": "active"}}, 400, "state"),
        ("GET", "/nobody", {}, 404, None),
        ("DELETE", "/nobody", {}, 404, None),
    ],
)
async def test_what_cannot_be_done_is_refused(
    api: Api, method: str, path: str, arguments: Json, status: int, field: str | None
) -> None:
    problem = await api.ask(method, path, status, **arguments)
    assert problem.get("field") == field
