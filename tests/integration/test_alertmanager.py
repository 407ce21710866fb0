"""What a real Alertmanager makes of what we tell it, and whether our webhooks are like its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.alertmanager import Alertmanager, running_alertmanager
from tests.support.collector import Collector
from tests.support.notifications import notification, surroundings, told
from tests.support.server import wait_until

from chatvitals.catalogue.severities import Severity
from chatvitals.clock import system_clock
from chatvitals.notify.channels.alertmanager.settings import AlertmanagerSettings
from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.webhook.bodies import alertmanager_body
from chatvitals.notify.message import Notification, Reason


@dataclass
class Stage:
    manager: Alertmanager
    hook: Collector
    folder: Path

    async def tell(self, message: Notification, **settings: Any) -> None:
        around = surroundings(self.folder, now_ms=system_clock())
        channel = AlertmanagerSettings(url=self.manager.url, **settings).open(around)
        await channel.send(message)
        await channel.close()

    def active(self, name: str) -> dict[str, Any] | None:
        return next((alert for alert in self.manager.alerts() if alert["labels"]["alertname"] == name), None)

    def told_by_it(self, name: str, status: str) -> dict[str, Any]:
        """What it sent to its own webhook about an alert."""

        def find() -> dict[str, Any] | None:
            bodies = [json.loads(request.body) for request in self.hook.requests]
            return next(
                (body for body in bodies if body["groupLabels"]["alertname"] == name and body["status"] == status), None
            )

        found: dict[str, Any] = wait_until(find, f"it tells that {name} is {status}")
        return found


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("alertmanager")
    with Collector() as hook, running_alertmanager(folder, hook.url) as manager:
        yield Stage(manager, hook, folder)


def incident(rule: str, **fields: Any) -> Any:
    now = system_clock()
    labels = {"site": "shop", "customer": "acme", "ruled by": "me", "1st": "x", "empty": ""}
    return told(rule, rule=rule, labels=labels, opened_ms=now - 60_000, **fields)


async def test_an_incident_is_an_alert_until_it_is_resolved(stage: Stage) -> None:
    await stage.tell(notification(1, incidents=(incident("lost"),)), hold_hours=2)
    alert = stage.active("lost")
    assert alert is not None
    assert alert["status"]["state"] == "active"
    assert alert["labels"] == {
        "alertname": "lost",
        "site": "shop",
        "customer": "acme",
        "ruled_by": "me",
        "_1st": "x",
        "severity": "critical",
    }
    assert alert["annotations"] == {
        "summary": "Messages are lost",
        "description": "12 messages of acme are lost",
        "value": "12 events",
        "threshold": "0 events",
        "blast_radius": "1 customer of 400, 63 sessions",
        "runbook_url": "https://runbooks.example/lost",
    }
    assert alert["generatorURL"] == "https://vitals.example/alerts/incident-lost"
    assert alert["endsAt"] > alert["startsAt"]
    await stage.tell(notification(2, incidents=(incident("lost", resolved_ms=system_clock()),), reason=Reason.RESOLVED))
    assert stage.active("lost") is None
    stage.told_by_it("lost", "resolved")


async def test_telling_it_again_makes_no_second_alert(stage: Stage) -> None:
    for number in (1, 2):
        await stage.tell(notification(number, incidents=(incident("repeated"),)))
    alerts = [alert for alert in stage.manager.alerts() if alert["labels"]["alertname"] == "repeated"]
    assert len(alerts) == 1


async def test_what_it_refuses_is_final(stage: Stage) -> None:
    backwards = incident("backwards", resolved_ms=1_000)
    with pytest.raises(NotTaken, match="answered 400") as failure:
        await stage.tell(notification(incidents=(backwards,)))
    assert failure.value.final


@pytest.mark.parametrize("status", ["firing", "resolved"])
async def test_our_webhook_is_like_its_own(stage: Stage, status: str) -> None:
    """Body for body: same fields, same kinds of values, same alert."""
    one = incident("compared", severity=Severity.WARNING)
    await stage.tell(notification(1, incidents=(one,)))
    if status == "resolved":
        stage.told_by_it("compared", "firing")
        one = incident("compared", severity=Severity.WARNING, resolved_ms=system_clock())
        await stage.tell(notification(2, incidents=(one,)))
    theirs = stage.told_by_it("compared", status)
    ours = json.loads(alertmanager_body(notification(3, incidents=(one,), group={"alertname": "compared"})))
    assert _shape(ours) == _shape(theirs)
    assert ours["alerts"][0]["status"] == theirs["alerts"][0]["status"] == status
    for same in ("version", "status", "groupLabels", "commonLabels", "commonAnnotations", "truncatedAlerts"):
        assert ours[same] == theirs[same], same
    for same in ("labels", "annotations", "generatorURL"):
        assert ours["alerts"][0][same] == theirs["alerts"][0][same], same
    if status == "firing":
        assert ours["alerts"][0]["endsAt"] == theirs["alerts"][0]["endsAt"]


def _shape(value: Any) -> Any:
    """Fields and kinds of values."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return [_shape(value[0])] if isinstance(value, list) else type(value).__name__
