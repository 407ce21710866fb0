"""Sending as many requests as the server takes: over some connections that are kept, each in a thread of its own."""

import http.client
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import local
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.support.server import WIDGET

CONNECTIONS = 8

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Reply:
    """A status, the JSON that came with it, and its headers by their names in lower case."""

    status: int
    answer: Any
    headers: dict[str, str]

    @property
    def accepted(self) -> int:
        return int(self.answer["accepted"]) if self.status == 202 else 0


class Wire:
    """One connection to a server, opened anew when it was closed."""

    def __init__(self, url: str, timeout_s: float = 60) -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        self._connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout_s)

    def post(self, body: bytes, path: str = WIDGET, **headers: str) -> Reply:
        """Post a body. Raises OSError or HTTPException, and then the connection is closed."""
        given = {"content-type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        try:
            self._connection.request("POST", path, body, given)
            response = self._connection.getresponse()
            content = response.read()
        except BaseException:
            self._connection.close()
            raise
        told = {name.lower(): text for name, text in response.getheaders()}
        return Reply(response.status, json.loads(content) if content else None, told)

    def close(self) -> None:
        self._connection.close()


def post_all(url: str, bodies: Iterable[bytes], **headers: str) -> list[Reply]:
    """Post all bodies, some at a time, and return the replies in their order."""
    return with_wires(url, list(bodies), lambda wire, body: wire.post(body, **headers))


def with_wires(url: str, items: Sequence[T], send: Callable[[Wire, T], R]) -> list[R]:
    """Call `send` for each item with a connection that nobody else uses, and return what it returned in order."""
    mine = local()
    opened: SimpleQueue[Wire] = SimpleQueue()

    def one(item: T) -> R:
        if not hasattr(mine, "wire"):
            mine.wire = Wire(url)
            opened.put(mine.wire)
        return send(mine.wire, item)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        try:
            return list(threads.map(one, items))
        finally:
            while not opened.empty():
                opened.get().close()
