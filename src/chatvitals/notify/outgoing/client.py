"""Sends one request and reads its answer, guarded: no redirects, no proxies, no cookies, one deadline for it all."""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpcore2

from chatvitals.clock import Clock
from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.outgoing.backend import GuardedBackend
from chatvitals.notify.outgoing.guard import Guard, Refused
from chatvitals.notify.outgoing.url import BadUrl, Url, parse_url

DEADLINE_S = 10.0
MAX_ANSWER_BYTES = 64 << 10
"""What is beyond is not read. Nothing of an answer's body is used: reading it to its end is courtesy."""
_CONNECT_S = 3.0
_FAILURES = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, ssl.SSLError, OSError)


class Reply(NamedTuple):
    """An answer's status, how long it asks to wait before the next try, and whose it is: scheme, host and port."""

    status: int
    retry_after_s: float | None
    origin: str


class Outgoing:
    """Keeps no connections: each request is looked up and checked anew."""

    def __init__(
        self,
        guard: Guard,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """`tls` says which authorities are trusted; the machine's, by default."""
        self._clock = clock
        self._tls = tls
        self._deadline_s = deadline_s
        self._guard = guard

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a body. Raises Refused for what the guard lets nobody reach, NotTaken where no answer came."""
        try:
            place = parse_url(url)
        except BadUrl as error:
            raise Refused(f"the URL {error}", final=True) from error
        reply: Reply | None = None
        tls = await self._authorities(place)
        backend = GuardedBackend(self._guard)
        try:
            async with (
                asyncio.timeout(self._deadline_s),
                httpcore2.AsyncConnectionPool(tls, max_keepalive_connections=0, network_backend=backend) as pool,
                pool.stream(
                    "POST",
                    _core_url(place),
                    headers=[("host", place.authority), *headers.items()],
                    content=body,
                    extensions={"timeout": {"connect": _CONNECT_S}},
                ) as response,
            ):
                reply = Reply(response.status, self._retry_after_s(response.headers), place.origin)
                size = 0
                async for part in response.aiter_stream():
                    size += len(part)
                    if size > MAX_ANSWER_BYTES:
                        break
        except TimeoutError as error:
            if reply is None:
                raise NotTaken(f"{place.origin} did not answer within {self._deadline_s:g} s") from error
        except _FAILURES as error:
            if reply is None:
                raise NotTaken(f"{place.origin} {_explain(error)}") from error
        finally:
            await backend.close()
        assert reply is not None
        return reply

    async def _authorities(self, place: Url) -> ssl.SSLContext | None:
        """Who is trusted. In a thread, as reading the machine's takes a while."""
        if self._tls is None and place.scheme == "https":
            return await asyncio.to_thread(httpcore2.default_ssl_context)
        return self._tls

    def _retry_after_s(self, headers: list[tuple[bytes, bytes]]) -> float | None:
        """Seconds or a date (RFC 9110, 10.2.3); None where neither is there."""
        named = next((value for name, value in headers if name.lower() == b"retry-after"), b"").strip()
        if named.isdigit():
            return float(named[:9])
        try:
            moment = parsedate_to_datetime(named.decode("ascii"))
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - self._clock() / 1_000)


def _core_url(place: Url) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=place.scheme.encode(), host=str(place.host).encode(), port=place.port, target=place.target.encode()
    )


def _explain(error: Exception) -> str:
    if isinstance(error, httpcore2.ProtocolError | httpcore2.ReadError | httpcore2.WriteError):
        return "gave no answer of HTTP"
    return f"could not be reached: {str(error) or type(error).__name__}"
