"""URLs as we take them: one spelling for each thing, so that nobody reads them otherwise than we do. Pure."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import urlsplit

from chatvitals.notify.outgoing.addresses import Address

MAX_URL = 2_048
_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]@%]+))(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PORTS = {"http": 80, "https": 443}


class BadUrl(ValueError):
    """A URL or host that is not taken; the message says why, and has nothing of the URL's path or query in it."""


class Url(NamedTuple):
    """A URL in its parts; `target` is path and query."""

    scheme: str
    host: Address | str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and port: what may be told of a URL, whose path may be a secret."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port, as a Host header has them."""
        host = f"[{self.host}]" if isinstance(self.host, IPv6Address) else str(self.host)
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse_url(text: str) -> Url:
    """The parts of an absolute URL of HTTP. Raises BadUrl."""
    if len(text) > MAX_URL:
        raise BadUrl(f"is longer than {MAX_URL} characters")
    if not text.isascii():
        raise BadUrl("has characters other than ASCII: write a host as xn--…, and others as %…")
    if not text.isprintable() or " " in text or "\\" in text:
        raise BadUrl("has a space, a backslash or a control character in it")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise BadUrl("is not a URL like https://hooks.example/alerts") from error
    if parts.scheme not in _PORTS or not parts.netloc:
        raise BadUrl("is not a URL like https://hooks.example/alerts")
    if "@" in parts.netloc:
        raise BadUrl("has a user or password in it: give an Authorization header instead")
    if "#" in text:
        raise BadUrl("has a fragment, which is never sent")
    match = _AUTHORITY.fullmatch(parts.netloc)
    if match is None:
        raise BadUrl("has a host or port that can't be read")
    port = int(match[3]) if match[3] else _PORTS[parts.scheme]
    if not 0 < port < 65_536:
        raise BadUrl("has a port that is not between 1 and 65535")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Url(parts.scheme, parse_host(match[1] or match[2]), port, target)


def parse_host(text: str) -> Address | str:
    """An address, or a name in lower case. Raises BadUrl for what some would read as an address, and others not."""
    host = text.lower()
    if not host.isascii():
        raise BadUrl("has a host with characters other than ASCII: write it as xn--…")
    if ":" in host:
        if "%" in host:
            raise BadUrl("has an address with a zone")
        try:
            return IPv6Address(host)
        except AddressValueError as error:
            raise BadUrl("has an IPv6 address that can't be read") from error
    labels = host.split(".")
    if labels[-1][:1].isdigit():  # no name of the internet ends so, and what does may be read as a number
        try:
            return IPv4Address(host)
        except AddressValueError as error:
            raise BadUrl("has a number for a host: an IPv4 address is four decimal numbers, as 192.0.2.1") from error
    if labels[-1] == "":
        raise BadUrl("has a host with a dot at its end")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise BadUrl("has a host that is no name and no address")
    return host
