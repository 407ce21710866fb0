"""What the settings of every channel have in common: a name, a check, what may be shown of them, and the channel."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct

from chatvitals.notify.channels.channel import Channel
from chatvitals.notify.surroundings import Surroundings

NAMELIKE = "letters, digits, dots, dashes and underscores, up to 64, beginning with a letter or digit"

ChannelName = Annotated[
    str, Meta(max_length=64, pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?(?!\n)$", extra={"expected": NAMELIKE})
]


class Flaw(NamedTuple):
    """Something that is wrong with settings: where, as keys and places in the document, and what."""

    path: tuple[str | int, ...]
    message: str


class ChannelSettings(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one channel; `name` tells channels of one kind apart within a receiver. Its repr shows nothing secret."""

    name: ChannelName = ""

    def check(self) -> Iterator[Flaw]:
        """What is wrong with it that its types can't say."""
        yield from ()

    @property
    def kind(self) -> str:
        """Its `type`."""
        return str(self.__struct_config__.tag)

    @property
    @abstractmethod
    def target(self) -> str:
        """Where it goes, as it may be shown to everybody who reads the API."""

    @abstractmethod
    def open(self, surroundings: Surroundings) -> Channel:
        """The channel. It imports what it needs here, so that nobody waits for what isn't used."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.target!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("target", self.target)]
