"""Webhooks as receivers get them, verified with the library of the specification."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.support.collector import Collector, Request
from tests.support.notifications import notification, surroundings, told

from chatvitals.clock import system_clock
from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.webhook.settings import WebhookSettings
from chatvitals.notify.message import Notification

OLD, NEW, OTHER = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))


@pytest.fixture
def hook() -> Iterator[Collector]:
    with Collector() as running:
        yield running


async def send(
    folder: Path, hook: Collector, message: Notification, *, now_ms: int | None = None, **settings: Any
) -> Request:
    around = surroundings(folder, environment={"NEW": NEW, "BAD": "whsec_x"}, now_ms=now_ms or system_clock())
    channel = WebhookSettings(url=hook.url, **settings).open(around)
    await channel.send(message)
    return hook.requests[-1]


async def test_every_secret_signs(tmp_path: Path, hook: Collector) -> None:
    """A receiver that knows only the old one, or only the new one, takes it."""
    request = await send(tmp_path, hook, notification(), secrets=(OLD, "${NEW}"))
    for secret in (OLD, NEW):
        data = Webhook(secret).verify(request.body, dict(request.headers))
        assert data["data"]["incidents"][0]["title"] == "Messages are lost"
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(request.body.replace(b"lost", b"kept"), dict(request.headers))


async def test_a_secret_from_a_file_is_read_at_each_request(tmp_path: Path, hook: Collector) -> None:
    file = tmp_path / "secret"
    around = surroundings(tmp_path, now_ms=system_clock())
    settings = {"type": "webhook", "url": hook.url, "secrets": [{"file": str(file)}]}
    channel = _read(settings).open(around)
    for secret in (OLD, NEW):
        file.write_text(f"{secret}\n")
        await channel.send(notification())
        Webhook(secret).verify(hook.requests[-1].body, dict(hook.requests[-1].headers))


def _read(settings: dict[str, Any]) -> WebhookSettings:
    return msgspec.convert(settings, WebhookSettings)


async def test_the_id_stays_and_the_time_does_not(tmp_path: Path, hook: Collector) -> None:
    now = system_clock()
    first = await send(tmp_path, hook, notification(7), secrets=(OLD,), now_ms=now - 60_000)
    again = await send(tmp_path, hook, notification(7), secrets=(OLD,), now_ms=now)
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == notification(7).id
    assert int(again.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.headers["webhook-signature"] != again.headers["webhook-signature"]
    assert first.body == again.body
    for request in (first, again):
        Webhook(OLD).verify(request.body, dict(request.headers))


async def test_without_secrets_nothing_is_signed(tmp_path: Path, hook: Collector) -> None:
    request = await send(tmp_path, hook, notification(), headers={"authorization": "Bearer x"})
    assert "webhook-signature" not in request.headers
    assert request.headers["webhook-id"] == notification().id
    assert (request.headers["authorization"], request.headers["user-agent"]) == ("Bearer x", "chatvitals")


async def test_a_secret_that_is_none_sends_nothing(tmp_path: Path, hook: Collector) -> None:
    with pytest.raises(NotTaken, match="a secret is whsec_ and then a key in base64") as failure:
        await send(tmp_path, hook, notification(), secrets=("${BAD}",))
    assert not failure.value.final
    assert hook.requests == []


async def test_our_own_body(tmp_path: Path, hook: Collector) -> None:
    request = await send(tmp_path, hook, notification(incidents=(told(), told("old", resolved_ms=5))))
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.body)
    assert body.keys() == {"type", "timestamp", "data"}
    assert (body["type"], body["timestamp"]) == ("notification.opened", "2026-07-25T17:20:00.000Z")
    data = body["data"]
    assert (data["id"], data["receiver"], data["reason"]) == (notification().id, "on-call", "opened")
    assert (data["severity"], data["status"]) == ("critical", "open")
    assert [one["resolvedMs"] for one in data["incidents"]] == [None, 5]
    assert data["incidents"][0]["blast"]["customersSeen"] == 400


async def test_a_cloud_event(tmp_path: Path, hook: Collector) -> None:
    request = await send(tmp_path, hook, notification(), body="cloudevents")
    assert request.headers["content-type"] == "application/cloudevents+json"
    event = json.loads(request.body)
    data = event.pop("data")
    assert event == {
        "specversion": "1.0",
        "id": notification().id,
        "source": "urn:chatvitals:receiver:on-call",
        "type": "chatvitals.notification.opened",
        "subject": "thread-1",
        "time": "2026-07-25T17:20:00.000Z",
        "datacontenttype": "application/json",
    }
    assert data["incidents"][0]["rule"] == "messages-lost"


async def test_a_body_of_alertmanager(tmp_path: Path, hook: Collector) -> None:
    incidents = (told(), told("old", resolved_ms=1_785_000_000_000, title="Another", labels={"site": "shop"}))
    body = json.loads((await send(tmp_path, hook, notification(incidents=incidents), body="alertmanager")).body)
    assert (body["version"], body["status"], body["groupKey"]) == ("4", "firing", "thread-1")
    assert [alert["status"] for alert in body["alerts"]] == ["firing", "resolved"]
    assert body["alerts"][1]["endsAt"] == "2026-07-25T17:20:00.000Z"
    assert body["commonLabels"] == {"alertname": "messages-lost", "site": "shop", "severity": "critical"}
    assert "summary" not in body["commonAnnotations"]
    over = notification(incidents=incidents[1:])
    assert json.loads((await send(tmp_path, hook, over, body="alertmanager")).body)["status"] == "resolved"
