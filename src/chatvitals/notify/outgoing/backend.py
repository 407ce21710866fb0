"""The guard as a network backend of httpcore: what is connected to is what was checked."""

from collections.abc import Iterable

from httpcore2 import (
    SOCKET_OPTION,
    AnyIOBackend,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ConnectError,
    ConnectTimeout,
)

from chatvitals.notify.outgoing.guard import Guard, Refused

MAX_ADDRESSES = 4
"""How many of a name's addresses are tried."""


class GuardedBackend(AsyncNetworkBackend):
    """Connects to addresses that a guard found, by number: nothing below looks the name up again."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = AnyIOBackend()
        self._streams: list[AsyncNetworkStream] = []

    async def close(self) -> None:
        """Close every connection: httpcore leaves one open that is cancelled while it agrees on TLS."""
        for stream in self._streams:
            await stream.aclose()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address that answers. Raises Refused, NotTaken, ConnectError or ConnectTimeout."""
        failure: Exception = ConnectError("no address")
        for address in (await self._guard.find(host, port))[:MAX_ADDRESSES]:
            try:
                stream = await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (ConnectError, ConnectTimeout) as error:
                failure = error
            else:
                self._streams.append(stream)
                return stream
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Never."""
        del timeout, socket_options
        raise Refused(f"{path} is a socket of this machine", final=True)

    async def sleep(self, seconds: float) -> None:
        """Wait, as between tries; none are made here."""
        await self._network.sleep(seconds)
