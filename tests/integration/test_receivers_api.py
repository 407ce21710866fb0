"""Receivers, the outbox and kept notifications over HTTP, with a postman at work."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import Engine
from tests.support.collector import Collector
from tests.support.notifications import notification, surroundings
from tests.support.route_app import route_app

from chatvitals.alerting.routing.routes import Route, Routing
from chatvitals.clock import system_clock
from chatvitals.notify.letters import letters_of
from chatvitals.notify.postman import Postman
from chatvitals.notify.receivers import Receiver
from chatvitals.server.api.receivers import Receivers
from chatvitals.store.control.database import open_database
from chatvitals.store.control.notifications import Notifications
from chatvitals.store.control.outbox import Outbox, insert_letters

PATH = "/api/monitoring/receivers"
TOKEN = "hunter2"


@dataclass
class Api:
    client: httpx2.AsyncClient
    database: Engine
    receiver: Receiver
    hook: Collector
    postman: Postman
    console: list[str]

    async def get(self, path: str = "", **parameters: Any) -> Any:
        answer = await self.client.get(PATH + path, params=parameters)
        assert answer.status_code == 200, answer.text
        assert TOKEN not in answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> httpx2.Response:
        answer = await self.client.post(PATH + path, json={} if body is None else body)
        assert TOKEN not in answer.text
        return answer

    def write(self, number: int, receiver: Receiver | None = None) -> None:
        now = system_clock()
        with self.database.begin() as connection:
            insert_letters(connection, letters_of(notification(number), receiver or self.receiver, now))
        self.postman.wake()

    async def wait_for(self, status: str, count: int) -> list[Any]:
        """The letters of a status, once there are so many."""
        async with asyncio.timeout(20):
            while len(letters := (await self.get("/outbox", status=status))["letters"]) < count:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.01)
        found: list[Any] = letters
        return found


@asynccontextmanager
async def _opened(folder: Path, hook: Collector) -> AsyncIterator[Api]:
    document = {
        "name": "on-call",
        "channels": [
            {"type": "console"},
            {"type": "database"},
            {"type": "webhook", "url": f"http://127.0.0.1:{hook.port}/{TOKEN}", "headers": {"x": TOKEN}},
        ],
    }
    receiver = msgspec.convert(document, Receiver)
    routing = Routing({"on-call": receiver}, Route(receiver="on-call"))
    console: list[str] = []
    database = open_database(f"sqlite:///{folder / 'control.sqlite'}")
    around = replace(surroundings(folder, console=console), clock=system_clock, notifications=Notifications(database))
    outbox = Outbox(database)
    postman = Postman(outbox, lambda: routing.receivers, around, random.random)
    receivers = Receivers(lambda: routing, outbox, around, postman.wake)
    transport = httpx2.ASGITransport(route_app(receivers.routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        postman.start()
        yield Api(client, database, receiver, hook, postman, console)
        await postman.close()
    database.dispose()


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    with Collector() as hook:
        async with _opened(tmp_path, hook) as opened:
            yield opened


async def test_receivers_are_listed_with_how_they_fare(api: Api) -> None:
    (receiver,) = (await api.get())["receivers"]
    assert receiver["name"] == "on-call"
    assert [(one["name"], one["type"], one["waiting"], one["deliveredMs"]) for one in receiver["channels"]] == [
        ("console", "console", 0, None),
        ("database", "database", 0, None),
        ("webhook", "webhook", 0, None),
    ]
    assert receiver["channels"][2]["target"] == f"http://127.0.0.1:{api.hook.port}"

    api.hook.answers.append((410, {}))
    api.write(1)
    await api.wait_for("dead", 1)
    await api.wait_for("delivered", 2)
    (receiver,) = (await api.get())["receivers"]
    console, _, webhook = receiver["channels"]
    assert console["deliveredMs"]
    assert not console["error"]
    assert (webhook["dead"], webhook["deliveredMs"]) == (1, None)
    assert "answered 410" in webhook["error"]
    assert webhook["failedMs"]


async def test_a_dead_letter_is_sent_again(api: Api) -> None:
    api.hook.answers.append((404, {}))
    api.write(1)
    (dead,) = await api.wait_for("dead", 1)
    assert (dead["channel"], dead["attempts"]) == ("webhook", 1)
    assert dead["headline"] == "[CRITICAL] Messages are lost on shop"
    answer = await api.post(f"/outbox/{dead['id']}/resend")
    assert (answer.status_code, answer.json()["status"]) == (200, "waiting")
    await api.wait_for("delivered", 3)
    assert len(api.hook.requests) == 2
    again = await api.post(f"/outbox/{dead['id']}/resend")
    assert (again.status_code, again.json()["detail"]) == (
        409,
        "only a dead letter is sent again, and this one is delivered",
    )
    assert (await api.post("/outbox/nobodys/resend")).status_code == 404


async def test_what_the_database_was_told(api: Api) -> None:
    for number in (1, 2):
        api.write(number)
    await api.wait_for("delivered", 6)
    kept = (await api.get("/notifications"))["notifications"]
    assert {one["id"] for one in kept} == {notification(1).id, notification(2).id}
    assert kept[0]["incidents"][0]["blast"]["customersSeen"] == 400
    assert len((await api.get("/notifications", limit=1))["notifications"]) == 1
    assert (await api.get("/notifications", receiver="nobody"))["notifications"] == []


async def test_what_was_left_for_a_channel_that_is_gone(api: Api) -> None:
    gone = msgspec.convert({"name": "team", "channels": [{"type": "console"}]}, Receiver)
    api.write(1, gone)
    async with asyncio.timeout(20):
        while not (letter := (await api.wait_for("waiting", 1))[0])["error"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.01)
    assert letter["error"] == "there is no channel 'console' of a receiver 'team' any more"
    assert (await api.get())["gone"] == [{"receiver": "team", "channel": "console", "waiting": 1, "dead": 0}]


async def test_a_receiver_is_tried(api: Api) -> None:
    api.hook.answers.append((401, {}))
    answer = await api.post("/on-call/test")
    assert answer.status_code == 200
    trials = {trial["channel"]: trial for trial in answer.json()["channels"]}
    assert [trials[name]["delivered"] for name in ("console", "database", "webhook")] == [True, True, False]
    assert "answered 401: the credentials are wrong" in trials["webhook"]["error"]
    assert api.console[0].startswith("[TEST] A test of chatvitals")
    assert (await api.get("/outbox"))["letters"] == [], "it goes past the outbox"
    body = msgspec.json.decode(api.hook.requests[0].body)
    assert (body["type"], body["data"]["status"]) == ("notification.test", "resolved")
    unknown = await api.post("/nobody/test")
    assert (unknown.status_code, unknown.json()["detail"]) == (
        404,
        "there is no receiver 'nobody'; there are on-call",
    )


async def test_whom_it_would_tell(api: Api) -> None:
    answer = await api.post("/route", {"labels": {"site": "shop", "severity": "critical"}})
    (route,) = answer.json()["routes"]
    assert (route["receiver"], route["group"]["site"]) == ("on-call", "shop")


@pytest.mark.parametrize(
    "question",
    [
        {"labels": {"site": "x" * 1_001}},
        {"labels": {f"label{number}": "" for number in range(101)}},
        {"labels": {}, "at": 10**18},
        {"labels": {}, "at": -1},
    ],
)
async def test_what_would_take_long_to_match_or_is_no_time_is_refused(api: Api, question: dict[str, Any]) -> None:
    answer = await api.client.post(f"{PATH}/route", json=question)
    assert answer.status_code == 400, answer.text


async def test_a_page_of_another_origin_can_send_nothing(api: Api) -> None:
    for path in ("/on-call/test", "/outbox/x/resend", "/route"):
        answer = await api.client.post(PATH + path, content=b"{}", headers={"content-type": "text/plain"})
        assert answer.status_code == 415
    assert api.hook.requests == []


@pytest.mark.parametrize(
    ("path", "parameters", "field"),
    [
        ("", {"x": "1"}, "x"),
        ("/outbox", {"status": "lost"}, "status"),
        ("/outbox", {"limit": "0"}, "limit"),
        ("/notifications", {"limit": "1001"}, "limit"),
        ("/notifications", {"reciever": "x"}, "reciever"),
    ],
)
async def test_what_is_misspelt_is_refused(api: Api, path: str, parameters: dict[str, str], field: str) -> None:
    answer = await api.client.get(PATH + path, params=parameters)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
