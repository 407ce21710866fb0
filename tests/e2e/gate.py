"""A gate in front of the server: refuses what pages send as it is told, and then hands everything on."""

import gzip
import http.client
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.support.server import WIDGET, Json, wait_until

_GZIP_MAGIC = b"\x1f\x8b"
_HANDED_ON = ("content-type", "origin", "user-agent")
_GIVEN_BACK = ("access-control-allow-origin", "access-control-expose-headers", "content-type", "retry-after")
_PATIENCE_S = 30


@dataclass(frozen=True)
class Passage:
    """A batch that came: what was in it, its bytes on the way, and the status that it was answered with."""

    batch: Json
    bytes: int
    status: int

    @property
    def id(self) -> str:
        return str(self.batch["batch"])

    @property
    def sent_ms(self) -> float:
        """When the page sent it, by the page's own clock."""
        return float(self.batch["sentAt"])


@dataclass(frozen=True)
class Refusal:
    """An answer that isn't the server's."""

    status: int
    retry_after: str | None = None


class Gate:
    """The address that pages are told, and what came there."""

    def __init__(self, behind: str) -> None:
        self.endpoint = ""
        self.behind = urlsplit(behind)
        self.refusals: deque[Refusal] = deque()
        self._passed: list[Passage] = []
        self._lock = threading.Lock()

    def refuse(self, *refusals: Refusal) -> None:
        """Answer the next requests like this."""
        self.refusals.extend(refusals)

    def next_refusal(self) -> Refusal | None:
        """The answer to the request that is here now; None lets it through."""
        with self._lock:
            return self.refusals.popleft() if self.refusals else None

    def note(self, passage: Passage) -> None:
        """Write down what came."""
        with self._lock:
            self._passed.append(passage)

    def passed(self) -> list[Passage]:
        """All that came so far."""
        with self._lock:
            return list(self._passed)

    def wait_passed(self, count: int) -> list[Passage]:
        """All that came, once so many have."""
        passed: list[Passage] = wait_until(
            lambda: self.passed() if len(self.passed()) >= count else None, f"{count} batches came"
        )
        return passed


class _Keeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer
    gate: Gate

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        refusal = self.gate.next_refusal()
        status, headers, answer = refused(refusal, self.headers.get("origin", "*")) if refusal else self._hand_on(body)
        batch = json.loads(gzip.decompress(body) if body.startswith(_GZIP_MAGIC) else body)
        self.gate.note(Passage(batch, len(body), status))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        try:
            self.wfile.write(answer)
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True  # the page is gone

    def _hand_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        assert self.gate.behind.hostname is not None
        server = http.client.HTTPConnection(self.gate.behind.hostname, self.gate.behind.port, timeout=_PATIENCE_S)
        given = {name: self.headers[name] for name in _HANDED_ON if name in self.headers}
        server.request("POST", self.path, body, given)
        answer = server.getresponse()
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() in _GIVEN_BACK]
        content = answer.read()
        server.close()
        return answer.status, headers, content


def refused(refusal: Refusal, origin: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """The answer of a refusal, which the page may read as it may the server's own."""
    headers = [("access-control-allow-origin", origin), ("access-control-expose-headers", "retry-after")]
    if refusal.retry_after is not None:
        headers.append(("retry-after", refusal.retry_after))
    return refusal.status, headers, HTTPStatus(refusal.status).phrase.encode()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def gate_before(server_url: str) -> Iterator[Gate]:
    """A gate that lets everything through until it is told otherwise."""
    gate = Gate(server_url)
    listener = _Listener(("127.0.0.1", 0), type("Keeper", (_Keeper,), {"gate": gate}))
    gate.endpoint = f"http://127.0.0.1:{listener.server_port}{WIDGET}"
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
