"""The channel `alertmanager`: its API v2, `POST /api/v2/alerts`."""

import msgspec

from chatvitals.notify.channels.alertmanager.settings import AlertmanagerSettings
from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.request import reveal_headers
from chatvitals.notify.message import Notification
from chatvitals.notify.outgoing.answers import check_answer
from chatvitals.notify.prometheus_alert import annotations_of, labels_of
from chatvitals.notify.secrets import NoSecret, reveal
from chatvitals.notify.surroundings import Surroundings
from chatvitals.notify.wording import rfc3339

_PATH = "/api/v2/alerts"
_HOUR_MS = 3_600_000


class AlertmanagerChannel:
    """All incidents of a notification in one request: the open ones fire, the others end."""

    def __init__(self, settings: AlertmanagerSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings

    async def send(self, notification: Notification) -> None:
        """Post its alerts. Raises NotTaken."""
        settings, environment = self._settings, self._surroundings.environment
        until_ms = self._surroundings.clock() + settings.hold_hours * _HOUR_MS
        try:
            url = reveal(settings.url, environment).rstrip("/") + _PATH
            headers = reveal_headers(settings.headers, environment)
        except NoSecret as error:
            raise NotTaken(str(error)) from error
        sent = {**headers, "content-type": "application/json", "user-agent": "chatvitals"}
        check_answer(await self._surroundings.outgoing.post(url, alerts_body(notification, until_ms), sent))

    async def close(self) -> None:
        """Nothing is kept open."""


def alerts_body(notification: Notification, until_ms: int) -> bytes:
    """A list of postable alerts; those that are open last until `until_ms`. Pure."""
    return msgspec.json.encode(
        [
            {
                "labels": labels_of(told),
                "annotations": annotations_of(told),
                "startsAt": rfc3339(told.opened_ms),
                "endsAt": rfc3339(until_ms if told.resolved_ms is None else told.resolved_ms),
                "generatorURL": told.url,
            }
            for told in notification.incidents
        ]
    )
