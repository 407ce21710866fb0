"""A tiny HTTP/1.1 client over one kept-alive connection: POST, and the answer.

A general client costs several times as much a request; the fleet is to be cheaper than what it measures.
"""

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

ANSWER_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 16_000_000


class NotDeliveredError(Exception):
    """The request can't have reached the server."""


class FateUnknownError(Exception):
    """The request was sent, or part of it, and no whole answer came."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server: host, port, and the path that its routes begin with."""

    host: str
    port: int
    secure: bool
    path: str

    @classmethod
    def from_url(cls, url: str) -> "Endpoint":
        """Read `http://host:port/path`.

        Raises:
            ValueError: if it is no URL of HTTP.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not a URL like http://127.0.0.1:8000")
        secure = parts.scheme == "https"
        return cls(parts.hostname, parts.port or (443 if secure else 80), secure, parts.path.rstrip("/"))

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine, by its name or its address."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Response:
    """`headers` by their lower-case names."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def retry_after_s(self) -> float | None:
        """The seconds that the server asks to wait; None where it names none, or a date."""
        value = self.headers.get(b"retry-after", b"")
        return float(value) if value.isdigit() else None


class HttpConnection:
    """One connection, opened when it is needed and again when it broke. For one request at a time."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, content_type: str, *, gzipped: bool = False) -> Response:
        """Send a request and wait for its answer.

        Raises:
            NotDeliveredError: if there is no connection.
            FateUnknownError: if it broke, or no answer came in time, after the request was begun.
        """
        reader, writer = self._streams or await self._open()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                writer.writelines((self._head(path, len(body), content_type, gzipped=gzipped), body))
                await writer.drain()
                response = await _read_response(reader)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError) as error:
            self.close()
            raise FateUnknownError(str(error)) from error
        except asyncio.CancelledError:
            self.close()
            raise
        if response.headers.get(b"connection", b"").lower() == b"close":
            self.close()
        return response

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                self._streams = await asyncio.open_connection(
                    self._endpoint.host, self._endpoint.port, ssl=self._endpoint.secure or None
                )
        except (OSError, TimeoutError) as error:
            raise NotDeliveredError(str(error)) from error
        return self._streams

    def _head(self, path: str, length: int, content_type: str, *, gzipped: bool) -> bytes:
        encoding = "Content-Encoding: gzip\r\n" if gzipped else ""
        return (
            f"POST {self._endpoint.path}{path} HTTP/1.1\r\nHost: {self._endpoint.authority}\r\n"
            f"Content-Type: {content_type}\r\n{encoding}Content-Length: {length}\r\n\r\n"
        ).encode()


async def _read_response(reader: asyncio.StreamReader) -> Response:
    status_line, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
    status = int(status_line.split(b" ", 2)[1])
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        return Response(status, headers, await _read_chunks(reader))
    length = int(headers.get(b"content-length", b"0"))
    if length > MAX_ANSWER_BYTES:
        raise ValueError(f"an answer of {length} bytes")
    return Response(status, headers, await reader.readexactly(length))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        if len(body) + size > MAX_ANSWER_BYTES:
            raise ValueError("an answer without end")
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(body)
