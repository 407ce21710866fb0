"""A server that answers as it is told, one request after the other, and keeps what it got."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from random import Random
from threading import Event, Thread
from typing import Any, NamedTuple

Json = dict[str, Any]

PATH = "/api/monitoring/widget"
PATIENCE_S = 20.0


class Reply(NamedTuple):
    """What the server says; `body` None means that the connection is closed without a word."""

    status: int = 202
    body: bytes | None = b'{"accepted": 1, "rejected": []}'
    headers: tuple[tuple[str, str], ...] = ()
    when: Event | None = None
    last: bool = False


TAKEN = Reply()
SILENT = Reply(body=None)


def problem(status: int, detail: str, *headers: tuple[str, str]) -> Reply:
    return Reply(status, json.dumps({"status": status, "detail": detail}).encode(), headers)


class Script:
    """The replies in their order, the last of them for ever after; `requests` are the bodies that came."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies) or [TAKEN]
        self.requests: list[Json] = []
        self.connections = 0
        self.url = ""
        self._came: SimpleQueue[Json] = SimpleQueue()

    def next(self) -> Json:
        """The next request, waiting for it."""
        return self._came.get(timeout=PATIENCE_S)

    def reply(self, request: Json) -> Reply:
        self.requests.append(request)
        self._came.put(request)
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def events(self) -> list[Json]:
        """Events of the batches that came, each batch once."""
        return [event for request in {r["batch"]: r for r in self.requests}.values() for event in request["events"]]


@contextmanager
def serving(*replies: Reply) -> Iterator[Script]:
    script = Script(*replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            script.connections += 1

        def do_POST(self) -> None:
            assert self.path == PATH
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.headers["content-encoding"] == "gzip"
            reply = script.reply(json.loads(gzip.decompress(body)))
            if reply.when:
                reply.when.wait(PATIENCE_S)
            self.close_connection = reply.last or reply.body is None
            if reply.body is None:
                return
            self.send_response(reply.status)
            for name, value in (*reply.headers, ("content-length", str(len(reply.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        script.url = f"http://127.0.0.1:{server.server_address[1]}{PATH}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


class Pauses:
    """Stands in for waiting: keeps how long it would have been, and ends when there were enough."""

    def __init__(self, most: int = 100, then: Callable[[], object] | None = None) -> None:
        self.seconds: list[float] = []
        self._most = most
        self._then = then

    def __call__(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        if self._then:
            self._then()
        return len(self.seconds) < self._most


class Greatest(Random):
    """Dice that show the greatest value."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)
