"""Incidents over HTTP, and as the command line shows them."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine
from tests.support.evaluation import MINUTE_MS, Desk, Figures, instant_rule, slow
from tests.support.route_app import route_app
from tests.unit.alerting.situations import ACME, NOON, incident

from chatvitals.alerting.observation import Observation
from chatvitals.catalogue.severities import Severity
from chatvitals.cli import alerts as cli
from chatvitals.cli.target import RequestFailed
from chatvitals.errors import BadRequest
from chatvitals.query.request import Question, Scope, Window
from chatvitals.server.api.alerts import Alerts
from chatvitals.server.api.widget_alerts import MOST_TOLD, find_alerts
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Incident, Incidents, IncidentStatus, Update, put_updates
from chatvitals.store.control.leases import Leases

Json = dict[str, Any]
PATH = "/api/monitoring/alerts"
NOW = NOON + 60 * MINUTE_MS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


def client_of(database: Engine) -> httpx2.AsyncClient:
    routes = Alerts(Incidents(database), AlertStates(database), lambda: NOW).routes()
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(route_app(routes)), base_url="http://localhost")


@pytest.fixture
async def client(database: Engine) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(database) as opened:
        yield opened


def put(database: Engine, id: str, now_ms: int = NOON, **changes: Any) -> Incident:
    """An open incident, of an alert of its own."""
    made = replace(incident(now_ms=now_ms), id=id, fingerprint=id, **changes)
    with database.begin() as connection:
        put_updates(connection, [Update(made, None)])
    return made


async def get(client: httpx2.AsyncClient, path: str = "", **parameters: Any) -> Any:
    answer = await client.get(f"{PATH}{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(client: httpx2.AsyncClient, path: str = "", **parameters: Any) -> Json:
    answer = await client.get(f"{PATH}{path}", params=parameters)
    assert answer.status_code in (400, 404)
    told: Json = answer.json()
    return told


async def test_incidents_are_listed_newest_first_in_pages(client: httpx2.AsyncClient, database: Engine) -> None:
    for number in range(5):
        put(database, f"i{number}", NOON + number)
    first = await get(client, limit=3)
    assert [one["id"] for one in first["incidents"]] == ["i4", "i3", "i2"]
    rest = await get(client, limit=3, after=first["next"])
    assert [one["id"] for one in rest["incidents"]] == ["i1", "i0"]
    assert rest["next"] is None
    exactly = await get(client, limit=5)
    assert exactly["next"] is None


async def test_an_incident_says_all_that_is_known(client: httpx2.AsyncClient, database: Engine) -> None:
    put(database, "a")
    (one,) = (await get(client))["incidents"]
    assert one["title"] == "Slow Message Renders"
    assert one["status"] == "open"
    assert one["openedMs"] == NOON
    assert one["blast"]["customersSeen"] == 400
    assert one["labels"]["customer"] == "acme"
    assert (await get(client, "/a")) == {"incident": one, "timeline": []}


async def test_incidents_are_found_by_filters(client: httpx2.AsyncClient, database: Engine) -> None:
    put(database, "a", severity=Severity.CRITICAL, site="blog")
    put(database, "b", NOON + 1, category="api", rule="slow-api")
    for parameters, found in (
        ({"severity": "critical"}, ["a"]),
        ({"severity": ["critical", "warning"]}, ["b", "a"]),
        ({"status": "resolved"}, []),
        ({"status": ["open", "acknowledged"]}, ["b", "a"]),
        ({"category": "api"}, ["b"]),
        ({"rule": "slow-api"}, ["b"]),
        ({"site": "blog"}, ["a"]),
        ({"window": 60 * MINUTE_MS - 1}, ["b"]),
        ({"from": NOON, "to": NOON + 1}, ["a"]),
        ({"to": "2023-11-14T22:13:20.001Z"}, ["a"]),
    ):
        answer = await get(client, **parameters)
        assert [one["id"] for one in answer["incidents"]] == found, parameters


async def test_what_is_wrongly_asked_is_told(client: httpx2.AsyncClient) -> None:
    for parameters, field in (
        ({"severity": "bad"}, "severity"),
        ({"status": "closed"}, "status"),
        ({"category": ["api", "apis"]}, "category"),
        ({"customer": "acme"}, "customer"),
        ({"limit": "0"}, "limit"),
        ({"window": "5m"}, "window"),
        ({"window": "5000", "from": "0"}, "window"),
        ({"from": "2000", "to": "1000"}, "from"),
    ):
        assert (await refused(client, **parameters))["field"] == field, parameters
    assert "no incident 'x'" in (await refused(client, "/x"))["detail"]
    assert (await refused(client, "/states", site="shop"))["field"] == "site"


async def test_people_act_and_the_timeline_keeps_it(client: httpx2.AsyncClient, database: Engine) -> None:
    put(database, "a")
    for what, words, status in (
        ("comment", "looking", "open"),
        ("acknowledge", "", "acknowledged"),
        ("release", "", "open"),
        ("acknowledge", "", "acknowledged"),
        ("resolve", "too early", "resolved"),
        ("reopen", "", "acknowledged"),
        ("resolve", "rolled back", "resolved"),
        ("comment", "was the CDN", "resolved"),
    ):
        answer = await client.post(f"{PATH}/a/{what}", json={"who": " kim ", "words": words})
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == status
    story = await get(client, "/a")
    assert story["incident"]["resolvedBy"] == "kim"
    assert story["incident"]["acknowledgedMs"] == NOW
    assert [(entry["kind"], entry["who"], entry["words"]) for entry in story["timeline"]] == [
        ("commented", "kim", "looking"),
        ("acknowledged", "kim", ""),
        ("released", "kim", ""),
        ("acknowledged", "kim", ""),
        ("resolved", "kim", "too early"),
        ("reopened", "kim", ""),
        ("resolved", "kim", "rolled back"),
        ("commented", "kim", "was the CDN"),
    ]


async def test_acts_that_cant_be_are_refused(client: httpx2.AsyncClient, database: Engine) -> None:
    put(database, "a", status=IncidentStatus.RESOLVED, resolved_by="sam")
    act = {"who": "kim", "words": "w"}
    for path, body, status, said in (
        ("a/resolve", act, 409, "resolved already, by sam"),
        ("a/acknowledge", act, 409, "resolved already"),
        ("a/release", act, 409, "no acknowledgement to take back"),
        ("nobody/resolve", act, 404, "no incident"),
        ("a/comment", {"who": "kim"}, 400, "words is empty"),
        ("a/comment", {"who": " ", "words": "w"}, 400, "who is empty"),
        ("a/comment", {"words": "w"}, 400, "who"),
        (
            "a/comment",
            {"who": 7, "word": "w"},
            400,
            "a text, of length at least 1, of length at most 200, but it is 7\nword: ",
        ),
        ("a/comment", {"who": "kim", "word": "w"}, 400, "word: there is no such field; did you mean 'words'?"),
        (
            "a/comment",
            {"who": "k" * 201, "words": "w"},
            400,
            "who: expected a text, of length at least 1, of length at most 200",
        ),
        ("a/comment", [], 400, "the body is no JSON object"),
        ("a/comment?site=shop", act, 400, "no parameter"),
    ):
        answer = await client.post(f"{PATH}/{path}", json=body)
        assert answer.status_code == status, path
        assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "media_type", "status", "field"),
    [
        (b'{"who": "kim", "words": "w"}', "text/plain", 415, None),
        (b'{"who": "kim", "words": "w"}', "", 415, None),
        (b'{"who": "kim", "words": "w"}', "application/json; charset=utf-8", 200, None),
        (b'{"who": "kim"', "application/json", 400, None),
        (b'{"who": "\xff"}', "application/json", 400, None),
        (b'{"words": "w"}', "application/json", 400, "who"),
        (b'{"who": 7}', "application/json", 400, "who"),
        (b"[" * 100_000, "application/json", 400, None),
        (b" " * (1 << 20) + b"{}", "application/json", 413, None),
    ],
)
async def test_bodies_are_json_and_called_so(
    client: httpx2.AsyncClient, database: Engine, content: bytes, media_type: str, status: int, field: str | None
) -> None:
    put(database, "a")
    headers = {"content-type": media_type} if media_type else {}
    answer = await client.post(f"{PATH}/a/comment", content=content, headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert answer.json().get("field") == field


async def test_statistics_are_of_the_last_month_or_the_window(client: httpx2.AsyncClient, database: Engine) -> None:
    put(database, "old", NOW - 31 * 86_400_000)
    put(database, "a")
    await client.post(f"{PATH}/a/resolve", json={"who": "kim"})
    month = await get(client, "/stats")
    assert month["end"] - month["start"] == 30 * 86_400_000
    assert month["statistics"]["total"] == 1
    assert month["statistics"]["byStatus"] == {"resolved": 1}
    assert month["statistics"]["meanToResolveMs"] == 60 * MINUTE_MS
    assert month["statistics"]["noisiest"] == [{"rule": "slow-renders", "incidents": 1}]
    assert (await get(client, "/stats", **{"from": 0}))["statistics"]["total"] == 2
    assert (await get(client, "/stats", window=60_000))["statistics"]["meanToResolveMs"] is None


async def test_where_alerts_stand_is_told_with_what_cant_be_told(client: httpx2.AsyncClient, database: Engine) -> None:
    assert await get(client, "/states") == {"rules": [], "complete": True}
    lease = Leases(database, lambda: NOON).take("alerting", "one", 15_000)
    assert lease is not None
    figures = Figures()
    desk = Desk(database, figures, lease)
    rule, other = instant_rule(min_samples=100, for_ms=MINUTE_MS), instant_rule(name="other")
    figures.seen = {rule.name: {ACME: slow(20.0), ("shop", "globex"): Observation(3.0, 7, 2)}}
    figures.failing = {"other"}
    desk.tick(NOON, rule, other)
    told = {one["evaluation"]["rule"]: one for one in (await get(client, "/states"))["rules"]}
    assert told["other"]["evaluation"]["atMs"] is None
    assert "could not be read" in told["other"]["evaluation"]["failure"]
    slow_renders = told[rule.name]
    assert slow_renders["evaluation"] == {
        "rule": rule.name,
        "atMs": NOON,
        "alerts": 2,
        "pending": 1,
        "firing": 0,
        "unknown": 1,
        "examples": [{"key": {"site": "shop", "customer": "globex"}, "reason": "7 samples of the 100 it needs"}],
        "failure": "",
        "failures": 0,
    }
    (active,) = slow_renders["active"]
    assert (active["status"], active["key"], active["sinceMs"]) == (
        "pending",
        {"site": "shop", "customer": "acme"},
        NOON,
    )
    assert [one["evaluation"]["rule"] for one in (await get(client, "/states", rule="other"))["rules"]] == ["other"]


async def test_only_as_many_states_as_can_be_read(client: httpx2.AsyncClient, database: Engine) -> None:
    lease = Leases(database, lambda: NOON).take("alerting", "one", 15_000)
    assert lease is not None
    figures = Figures()
    figures.seen = {"slow-renders": {("shop", f"c{number}"): slow(20.0) for number in range(1_001)}}
    Desk(database, figures, lease).tick(NOON, instant_rule(for_ms=MINUTE_MS))
    told = await get(client, "/states")
    assert not told["complete"]
    assert len(told["rules"][0]["active"]) == 1_000


# the widget's alerts


def question(scope: Scope | None = None, **filters: tuple[str, ...]) -> Question:
    return Question(Window(0, 1), filters, scope or Scope())


def test_the_widgets_alerts_are_open_ones_that_fit_the_question(database: Engine) -> None:
    put(database, "a")
    put(database, "b", NOON + 1, site="blog", labels={"site": "blog"}, severity=Severity.CRITICAL)
    put(database, "everywhere", NOON + 2, site="", labels={})
    put(database, "over", NOON + 3, status=IncidentStatus.RESOLVED)
    incidents = Incidents(database)
    for asked, found in (
        (question(), ["everywhere", "b", "a"]),
        (question(site=("shop",)), ["a"]),
        (question(site=("shop", "blog")), ["b", "a"]),
        (question(customer=("globex",)), ["everywhere", "b"]),
        (question(customer=("globex", "acme"), site=("shop",)), ["a"]),
        (question(Scope(("shop",))), ["a"]),
        (question(Scope(("shop",)), site=("blog",)), []),
        (question(Scope(())), []),
    ):
        told = find_alerts(incidents, asked)
        assert [alert.id for alert in told.alerts] == found, asked
        assert told.stats.total == len(found)
    stats = find_alerts(incidents, question()).stats
    assert stats.by_severity == {"critical": 1, "warning": 2}
    assert stats.by_category == {"performance": 3}


def test_the_widget_tells_the_newest_and_counts_all(database: Engine) -> None:
    for number in range(MOST_TOLD + 5):
        put(database, f"i{number}", NOON + number)
    told = find_alerts(Incidents(database), question())
    assert len(told.alerts) == MOST_TOLD
    assert told.alerts[0].id == f"i{MOST_TOLD + 4}"
    assert told.stats.total == MOST_TOLD + 5


# the command line

ID = "0b5c3a6e-1111-4222-8333-444455556666"


@pytest.fixture
def cli_of(database: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command's function against the application, and returns what it printed."""

    @asynccontextmanager
    async def connected(*_: object) -> AsyncIterator[httpx2.AsyncClient]:
        async with client_of(database) as client:
            yield client

    monkeypatch.setattr(cli, "connected", connected)
    monkeypatch.setenv("COLUMNS", "200")

    def run(command: Callable[..., None], *words: Any, **options: Any) -> str:
        command(*words, **options)
        return capsys.readouterr().out

    return run


def test_the_command_line_lists_what_isnt_resolved(database: Engine, cli_of: Callable[..., str]) -> None:
    assert cli_of(cli.list_alerts) == "no such incidents\n"
    put(database, ID, message="P95 is [20ms]")
    put(database, "resolved", status=IncidentStatus.RESOLVED)
    listed = cli_of(cli.list_alerts)
    assert listed.count("\n") == 3
    for word in ("0b5c3a6e", "2023-11-14 22:13 ", "warning", "P95 is [20ms]", "customer=acme, 63 sessions"):
        assert word in listed
    assert "no such" in cli_of(cli.list_alerts, severity=("critical",))
    assert "no such" in cli_of(cli.list_alerts, window="30m")


def test_the_command_line_acts_and_shows(database: Engine, cli_of: Callable[..., str]) -> None:
    put(database, ID)
    assert cli_of(cli.acknowledge_alert, "0b5c", who="kim") == "Slow Message Renders (0b5c3a6e) is acknowledged\n"
    commented = cli_of(cli.comment_alert, ID, "it [was] the storage", who="sam")
    assert commented == "it is in the timeline of Slow Message Renders (0b5c3a6e)\n"
    assert "is resolved" in cli_of(cli.resolve_alert, "0b5c3a", words="rolled back")
    shown = cli_of(cli.show_alert, "0b5c3a6e")
    for word in (ID, "resolved by", "kim", "it [was] the storage", "rolled back", "customer=acme", "p95Time: 20"):
        assert word in shown
    with pytest.raises(RequestFailed, match="resolved already"):
        cli_of(cli.resolve_alert, ID)


def test_the_command_line_wants_to_know_which(database: Engine, cli_of: Callable[..., str]) -> None:
    put(database, ID)
    put(database, ID.replace("1111", "2222"))
    with pytest.raises(BadRequest, match="more than one"):
        cli_of(cli.show_alert, "0b5c3a6e")
    with pytest.raises(BadRequest, match="none"):
        cli_of(cli.show_alert, "ffff")
