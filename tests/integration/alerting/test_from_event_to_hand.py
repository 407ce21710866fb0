"""What a widget tells is in somebody's hands soon: over every channel, once, and once more when it is over."""

import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from tests.support.alertmanager import Alertmanager, running_alertmanager
from tests.support.collector import Collector
from tests.support.on_call import OnCall, configure
from tests.support.server import Json, Server, batch_of, make_sites, now_ms, wait_until
from tests.support.smtp import SmtpServer, smtp_server

pytestmark = pytest.mark.alone

IN_HAND_S = 5.0
SITES = tuple(f"shop-{number}" for number in range(8))


@pytest.fixture(scope="module")
def on_call() -> Iterator[OnCall]:
    with Collector() as hook:
        yield OnCall(hook)


@pytest.fixture(scope="module")
def mailbox() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    with running_alertmanager(tmp_path_factory.mktemp("alertmanager"), "http://127.0.0.1:1/nobody") as running:
        yield running


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, on_call: OnCall, mailbox: SmtpServer, alertmanager: Alertmanager
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("alerting")
    channels: list[Json] = [
        on_call.channel(),
        {
            "type": "email",
            "to": ["on-call@example.org"],
            "sender": "chatvitals@example.org",
            "host": "127.0.0.1",
            "port": mailbox.port,
            "security": "none",
        },
        {"type": "alertmanager", "url": alertmanager.url},
        {"type": "database"},
    ]
    rules = [
        {
            "name": "data-loss",
            "title": "Data Loss Detected",
            "category": "persistence",
            "metric": "persistence.dataLoss.incidents",
            "timeOf": "arrival",
            "window": "10s",
            "every": "1s",
            "keepFiringFor": "2s",
            "threshold": {"above": {"critical": 0}},
            "message": "{value} data loss incident(s) detected",
            "details": {"incidents": "persistence.dataLoss.incidents", "errorsByType": "errorsByType"},
        }
    ]
    configure(folder / "files", channels, rules=rules, route={"receiver": "on-call", "groupInterval": "1s"})
    data = folder / "data"
    make_sites(data, SITES)
    allowed = on_call.allowed.replace("]", f', "{alertmanager.url.removeprefix("http://")}"]')
    settings: dict[str, Any] = {
        "alerting": folder / "files",
        "outgoing_allowed": allowed,
        "public_url": "https://vitals.example",
    }
    with Server(data, **settings) as started:
        wait_until(lambda: started.get("/api/monitoring/alerts/states")["rules"], "rules are evaluated")
        yield started


def lose(server: Server, site: str, *, happened_ms: float) -> float:
    """Tell of a lost conversation; when the server had acknowledged that."""
    loss = {
        "kind": "loss", "timestamp": happened_ms, "conversationId": "c-1", "lost": 3, "hop": "save",
        "errorType": "QuotaExceededError",
    }  # fmt: skip
    context = {"sessionId": "s-1", "tabId": "t-1", "customer": "acme", "release": "2.4.1"}
    assert server.post(batch_of(site, [loss], context=context)).status_code == 202
    return time.time() * 1_000


def mails(mailbox: SmtpServer, site: str) -> list[EmailMessage]:
    return [one.mail for one in mailbox.received if f"Data Loss Detected on {site}" in one.mail["Subject"]]


@pytest.mark.parametrize("site", SITES[:3])
def test_a_loss_is_in_hand_within_five_seconds(
    server: Server, on_call: OnCall, mailbox: SmtpServer, alertmanager: Alertmanager, site: str
) -> None:
    told_ms = lose(server, site, happened_ms=now_ms())
    heard = on_call.wait("data-loss", site, "opened", patience_s=IN_HAND_S)
    assert heard.at_ms - told_ms < IN_HAND_S * 1_000
    (incident,) = heard.incidents
    assert (incident["severity"], incident["message"]) == ("critical", "1 data loss incident(s) detected")
    assert incident["details"] == {"incidents": 1, "errorsByType": {"QuotaExceededError": 1}}
    assert (incident["blast"]["customers"], incident["blast"]["sessions"]) == (1, 1)
    assert incident["url"] == f"https://vitals.example/dashboard/alerts/{incident['incident']}"
    wait_until(lambda: mails(mailbox, site), "the mail is there")
    wait_until(lambda: [one for one in alertmanager.alerts() if one["labels"]["site"] == site], "Alertmanager has it")
    assert time.time() * 1_000 - told_ms < IN_HAND_S * 1_000


def test_one_from_yesterday_is_news_too(server: Server, on_call: OnCall) -> None:
    """A widget that was offline tells late."""
    told_ms = lose(server, SITES[3], happened_ms=now_ms() - 23 * 3_600_000)
    heard = on_call.wait("data-loss", SITES[3], "opened", patience_s=IN_HAND_S)
    assert heard.at_ms - told_ms < IN_HAND_S * 1_000


def test_it_is_told_once_and_once_more_when_it_is_over(server: Server, on_call: OnCall, mailbox: SmtpServer) -> None:
    site = SITES[4]
    lose(server, site, happened_ms=now_ms())
    opened = on_call.wait("data-loss", site, "opened")
    resolved = on_call.wait("data-loss", site, "resolved")
    story = server.get(f"/api/monitoring/alerts/{opened.incidents[0]['incident']}")
    kinds = [entry["kind"] for entry in story["timeline"]]
    assert sorted(kinds) == ["notified", "notified", "opened", "resolved"]
    assert server.figures(site)["alerts"] == []
    assert [one.id for one in on_call.heard() if one.data["group"]["site"] == site] == [opened.id, resolved.id]
    wait_until(lambda: len(mails(mailbox, site)) == 2, "both mails are there")
    assert len({mail["References"] for mail in mails(mailbox, site)}) == 1
    assert [mail["Subject"].startswith("Re: ") for mail in mails(mailbox, site)] == [False, True]


def test_an_open_incident_is_in_the_widgets_answer_until_somebody_resolves_it(server: Server, on_call: OnCall) -> None:
    site = SITES[5]
    lose(server, site, happened_ms=now_ms())
    on_call.wait("data-loss", site, "opened")
    answer = server.figures(site)
    (alert,) = answer["alerts"]
    assert (alert["title"], alert["severity"], alert["category"]) == ("Data Loss Detected", "critical", "persistence")
    assert answer["alertStats"]["bySeverity"] == {"critical": 1}
    done = server.client.post(
        f"/api/monitoring/alerts/{alert['id']}/resolve", json={"who": "Ada", "words": "the disk was full"}
    )
    assert done.status_code == 200
    assert server.figures(site)["alerts"] == []


def test_a_silenced_one_is_told_to_nobody(server: Server, on_call: OnCall) -> None:
    site = SITES[6]
    silence = {"matchers": [f"site={site}"], "lasts": "10m", "reason": "a drill", "author": "Ada"}
    assert server.client.post("/api/monitoring/silences", json=silence).status_code in (200, 201)
    lose(server, site, happened_ms=now_ms())
    wait_until(lambda: server.figures(site)["alerts"], "the incident is there")
    lose(server, SITES[7], happened_ms=now_ms())
    on_call.wait("data-loss", SITES[7], "opened")
    assert [one for one in on_call.heard() if one.data["group"].get("site") == site] == []
