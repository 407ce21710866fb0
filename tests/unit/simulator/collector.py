"""A tiny HTTP server for tests, which keeps what it gets and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from gzip import decompress
from typing import Any

import msgspec

Reply = tuple[int, dict[str, str], bytes] | None
"""Status, headers and body; None closes the connection without an answer."""


@dataclass(slots=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    def batch(self) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(self.body)
        return decoded

    def lines(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in self.body.splitlines()]


def accept(received: Received) -> Reply:
    """Take everything, whether beacon or import."""
    count = len(received.lines()) if "import" in received.path else len(received.batch()["events"])
    return 202, {}, msgspec.json.encode({"accepted": count, "duplicates": 0, "rejected": []})


@dataclass(slots=True)
class Collector:
    answer: Callable[[Received], Reply] = accept
    requests: list[Received] = field(default_factory=list)
    url: str = ""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached(self, requests: int) -> None:
        """Wait until so many requests came. Raises TimeoutError where they don't."""
        async with asyncio.timeout(10):
            while len(self.requests) < requests:
                self._came.clear()
                await self._came.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                received = await _read(reader)
                self.requests.append(received)
                self._came.set()
                reply = self.answer(received)
                if reply is None:
                    return
                status, headers, body = reply
                lines = [f"HTTP/1.1 {status} Some", *(f"{name}: {value}" for name, value in headers.items())]
                if "Transfer-Encoding" not in headers:
                    lines.append(f"Content-Length: {len(body)}")
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                await writer.drain()
        except (EOFError, ConnectionError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    if headers.get("content-encoding") == "gzip":
        body = decompress(body)
    return Received(request.split(" ")[1], headers, body)


@asynccontextmanager
async def collecting(answer: Callable[[Received], Reply] = accept) -> AsyncIterator[Collector]:
    collector = Collector(answer)
    server = await asyncio.start_server(collector._serve, "127.0.0.1", 0, limit=1 << 20)
    host, port = server.sockets[0].getsockname()
    collector.url = f"http://{host}:{port}"
    try:
        yield collector
    finally:
        server.close()
        await server.wait_closed()
