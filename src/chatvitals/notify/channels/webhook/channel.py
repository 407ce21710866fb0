"""The channel `webhook`."""

from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.request import reveal_headers
from chatvitals.notify.channels.webhook.bodies import BODIES
from chatvitals.notify.channels.webhook.settings import WebhookSettings
from chatvitals.notify.channels.webhook.signature import BadSecret, sign
from chatvitals.notify.message import Notification
from chatvitals.notify.outgoing.answers import check_answer
from chatvitals.notify.secrets import NoSecret, reveal
from chatvitals.notify.surroundings import Surroundings


class WebhookChannel:
    """One request a notification. Secrets are read anew for each, so that new ones need no restart."""

    def __init__(self, settings: WebhookSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings

    async def send(self, notification: Notification) -> None:
        """Post it. Raises NotTaken."""
        settings, environment = self._settings, self._surroundings.environment
        now_ms = self._surroundings.clock()
        media_type, write = BODIES[settings.body]
        body = write(notification)
        try:
            url = reveal(settings.url, environment)
            secrets = [reveal(secret, environment) for secret in settings.secrets]
            headers = reveal_headers(settings.headers, environment)
            signed = sign(notification.id, now_ms, body.decode(), secrets)
        except (NoSecret, BadSecret) as error:
            raise NotTaken(str(error)) from error
        sent = {**headers, "content-type": media_type, "user-agent": "chatvitals", **signed}
        check_answer(await self._surroundings.outgoing.post(url, body, sent))

    async def close(self) -> None:
        """Nothing is kept open."""
