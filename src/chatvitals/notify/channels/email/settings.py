"""Settings of the channel `email`."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from chatvitals.notify.channels.channel import Channel
from chatvitals.notify.channels.settings import ChannelSettings, Flaw
from chatvitals.notify.secrets import Secret
from chatvitals.notify.surroundings import Surroundings

Address = Annotated[
    str,
    Meta(
        max_length=320,
        pattern=r"^[^@\s<>,;:\"\\\[\]()]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$",
        extra={"expected": "a mail address, as on-call@example.org"},
    ),
]
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class Security(StrEnum):
    """How the connection to the SMTP server is kept from others' eyes."""

    STARTTLS = "starttls"
    """In clear first, then encrypted, or not at all (RFC 3207); usual on port 587."""
    TLS = "tls"
    """Encrypted from the start (RFC 8314); usual on port 465."""
    NONE = "none"
    """In clear."""


class EmailSettings(ChannelSettings, tag="email", frozen=True, kw_only=True):
    """A server, who sends, and to whom. All recipients get one mail; who shall not depend on the others gets a channel.

    `ca_file` holds the authorities to trust, in PEM, where they aren't the system's.
    """

    to: Annotated[tuple[Address, ...], Meta(min_length=1, max_length=50)]
    sender: Address
    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65_535)] = 587
    security: Security = Security.STARTTLS
    username: Annotated[str, Meta(max_length=320)] = ""
    password: Secret | None = None
    ca_file: str | None = None

    def check(self) -> Iterator[Flaw]:
        if bool(self.username) != (self.password is not None):
            yield Flaw(("username",), "a login needs both username and password")
        if self.password is not None and self.security is Security.NONE and self.host not in _THIS_MACHINE:
            yield Flaw(("security",), "a password is only sent encrypted: choose starttls or tls")
        if self.ca_file is not None and not Path(self.ca_file).is_file():
            yield Flaw(("caFile",), f"there is no file {self.ca_file}")

    @property
    def target(self) -> str:
        return ", ".join(self.to)

    def open(self, surroundings: Surroundings) -> Channel:
        from chatvitals.notify.channels.email.channel import EmailChannel

        return EmailChannel(self, surroundings)
