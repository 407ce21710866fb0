"""Receivers: whom to tell, by which channels. What people write into YAML files, as types."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from chatvitals.notify.channels.alertmanager.settings import AlertmanagerSettings
from chatvitals.notify.channels.apprise.settings import AppriseSettings
from chatvitals.notify.channels.console.settings import ConsoleSettings
from chatvitals.notify.channels.database.settings import DatabaseSettings
from chatvitals.notify.channels.email.settings import EmailSettings
from chatvitals.notify.channels.settings import NAMELIKE, Flaw
from chatvitals.notify.channels.webhook.settings import WebhookSettings

# A new channel is a folder, and its settings here.
AnyChannel = (
    AlertmanagerSettings | AppriseSettings | ConsoleSettings | DatabaseSettings | EmailSettings | WebhookSettings
)

ReceiverName = Annotated[
    str,
    Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(?!\n)$", extra={"expected": NAMELIKE}),
]


class Receiver(Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    """A name that routes lead to, and every channel that is told then."""

    name: ReceiverName
    channels: Annotated[tuple[AnyChannel, ...], Meta(min_length=1, max_length=20)]

    def named_channels(self) -> dict[str, AnyChannel]:
        """The channels by name: their own, or the kind, from the second one on with its number: `webhook-2`."""
        named: dict[str, AnyChannel] = {}
        seen: dict[str, int] = {}
        for channel in self.channels:
            seen[channel.kind] = seen.get(channel.kind, 0) + 1
            numbered = channel.kind if seen[channel.kind] == 1 else f"{channel.kind}-{seen[channel.kind]}"
            named[channel.name or numbered] = channel
        return named

    def check(self) -> Iterator[Flaw]:
        """What is wrong with it and with its channels that types can't say."""
        if len(self.named_channels()) < len(self.channels):
            yield Flaw(("channels",), "two channels have the same name: give one another `name`")
        for place, channel in enumerate(self.channels):
            for path, message in channel.check():
                yield Flaw(("channels", place, *path), message)
