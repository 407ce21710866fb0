"""What an administrator opens beyond the public internet: hosts and networks, with a port or all. Pure."""

import re
from collections.abc import Iterable
from ipaddress import ip_network
from typing import NamedTuple

from chatvitals.errors import ChatvitalsError
from chatvitals.notify.outgoing.addresses import Address, Network
from chatvitals.notify.outgoing.url import BadUrl, parse_host

_ENTRY = re.compile(r"(?:\[([^\]]+)\]|([^:]+))(?::([0-9]{1,5}))?")


class BadAllowList(ChatvitalsError):
    """Entries that can't be read; the message lists them, one a line."""


class _Entry(NamedTuple):
    what: Network | str
    port: int | None


class AllowList:
    """Entries like `alertmanager.internal:9093`, `10.1.0.0/16`, `[fd00::7]:8080`. Without a port they open every port.

    A name opens whatever it resolves to; a network, only the addresses that are written as addresses of it.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        """Raises BadAllowList."""
        self._entries: list[_Entry] = []
        wrong = []
        for text in entries:
            try:
                self._entries.append(_parse(text.strip()))
            except ValueError as error:
                wrong.append(f"{text!r} {error}")
        if wrong:
            raise BadAllowList("\n".join(wrong))

    def allows_name(self, name: str, port: int) -> bool:
        """Whether the name itself is opened."""
        return any(entry.what == name and entry.port in (None, port) for entry in self._entries)

    def allows_address(self, address: Address, port: int) -> bool:
        """Whether the address lies in an opened network."""
        return any(
            not isinstance(entry.what, str) and address in entry.what and entry.port in (None, port)
            for entry in self._entries
        )


def _parse(text: str) -> _Entry:
    match = _ENTRY.fullmatch(text)
    host = text if match is None else match[1] or match[2]
    port = int(match[3]) if match is not None and match[3] else None
    if port is not None and not 0 < port < 65_536:
        raise BadUrl("has a port that is not between 1 and 65535")
    try:
        return _Entry(ip_network(host), port)
    except ValueError as error:
        if "/" in host:
            raise BadUrl(f"is not a network: {error}") from error
    name = parse_host(host)
    if not isinstance(name, str):  # pragma: no cover - ip_network reads every address
        raise BadUrl("can't be read")
    return _Entry(name, port)
