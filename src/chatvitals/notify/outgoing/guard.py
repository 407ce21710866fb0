"""Looks a host up once, and says which addresses may be connected to: all that it has, or none."""

import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import anyio.to_thread
from anyio import CapacityLimiter

from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.outgoing.addresses import Address, not_public
from chatvitals.notify.outgoing.allowed import AllowList
from chatvitals.notify.outgoing.url import BadUrl, parse_host

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
"""All addresses of a name. Raises OSError where there are none."""

PUBLIC_PORTS = frozenset((80, 443, 8080, 8443))
"""Ports of the web; any other is opened by the allow-list, so that no request is sent to, say, a mail server."""
MAX_LOOKUPS = 16


class Refused(NotTaken):
    """A place that nothing is sent to."""


def system_resolver() -> Resolve:
    """The machine's own way of looking names up; in threads of its own, for it may hang."""
    limiter = CapacityLimiter(MAX_LOOKUPS)

    async def resolve(name: str) -> Sequence[Address]:
        def look_up() -> list[Address]:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            return [ip_address(entry[4][0]) for entry in found]

        return await anyio.to_thread.run_sync(look_up, abandon_on_cancel=True, limiter=limiter)

    return resolve


class Guard:
    """Lets through what is public, and what the allow-list opens."""

    def __init__(self, allowed: AllowList, resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve

    async def find(self, host: str, port: int) -> list[Address]:
        """The addresses of a host. Raises Refused unless each may be connected to; NotTaken where there are none."""
        try:
            known = parse_host(host)
        except BadUrl as error:
            raise Refused(f"{host!r} {error}", final=True) from error
        if not isinstance(known, str):
            self._check(known, port, str(known), final=True)
            return [known]
        try:
            addresses = list(dict.fromkeys(await self._resolve(known)))
        except (OSError, UnicodeError) as error:
            raise NotTaken(f"{known} has no address: {error}") from error
        if not addresses:
            raise NotTaken(f"{known} has no address")
        if not self._allowed.allows_name(known, port):
            for address in addresses:
                self._check(address, port, known, final=False)
        return addresses

    def _check(self, address: Address, port: int, host: str, *, final: bool) -> None:
        if self._allowed.allows_address(address, port):
            return
        wrong = not_public(address)
        if wrong is not None:
            whose = "is" if host == str(address) else f"has the address {address}, which is"
            raise Refused(f"{host} {whose} not public ({wrong}): an administrator can allow it", final=final)
        if port not in PUBLIC_PORTS:
            raise Refused(f"port {port} of {host} is none of the web's: an administrator can allow it", final=True)
