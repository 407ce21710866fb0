"""Settings of the channel `alertmanager`."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from msgspec import Meta

from chatvitals.notify.channels.channel import Channel
from chatvitals.notify.channels.request import check_headers, check_url, show_url
from chatvitals.notify.channels.settings import ChannelSettings, Flaw
from chatvitals.notify.secrets import Secret
from chatvitals.notify.surroundings import Surroundings


class AlertmanagerSettings(ChannelSettings, tag="alertmanager", frozen=True, kw_only=True):
    """`url` is where its pages are, as `http://alertmanager.internal:9093`.

    An alert that is open is told to last `hold_hours` more, so that it doesn't stay for ever should its end never be
    told. Every notification about it begins that anew: let it be longer than the route's repeat interval.
    """

    url: Secret
    headers: Annotated[Mapping[str, Secret], Meta(max_length=20)] = {}
    hold_hours: Annotated[int, Meta(ge=1, le=8_760)] = 168

    def check(self) -> Iterator[Flaw]:
        yield from check_url("url", self.url)
        yield from check_headers(self.headers)

    @property
    def target(self) -> str:
        return show_url(self.url)

    def open(self, surroundings: Surroundings) -> Channel:
        from chatvitals.notify.channels.alertmanager.channel import AlertmanagerChannel

        return AlertmanagerChannel(self, surroundings)
