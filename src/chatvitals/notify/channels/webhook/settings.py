"""Settings of the channel `webhook`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from msgspec import Meta

from chatvitals.notify.channels.channel import Channel
from chatvitals.notify.channels.request import check_headers, check_url, show_url
from chatvitals.notify.channels.settings import ChannelSettings, Flaw
from chatvitals.notify.channels.webhook.signature import BadSecret, key_of
from chatvitals.notify.secrets import Secret, is_plain
from chatvitals.notify.surroundings import Surroundings

BodyFormat = Literal["chatvitals", "alertmanager", "cloudevents"]


class WebhookSettings(ChannelSettings, tag="webhook", frozen=True, kw_only=True):
    """Each of `secrets` signs, so that a receiver can change from one to the next. None: requests aren't signed."""

    url: Secret
    body: BodyFormat = "chatvitals"
    secrets: Annotated[tuple[Secret, ...], Meta(max_length=5)] = ()
    headers: Annotated[Mapping[str, Secret], Meta(max_length=20)] = {}

    def check(self) -> Iterator[Flaw]:
        yield from check_url("url", self.url)
        yield from check_headers(self.headers)
        for place, secret in enumerate(self.secrets):
            if isinstance(secret, str) and is_plain(secret):
                try:
                    key_of(secret)
                except BadSecret as error:
                    yield Flaw(("secrets", place), str(error))

    @property
    def target(self) -> str:
        return show_url(self.url)

    def open(self, surroundings: Surroundings) -> Channel:
        from chatvitals.notify.channels.webhook.channel import WebhookChannel

        return WebhookChannel(self, surroundings)
