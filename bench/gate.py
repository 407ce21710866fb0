"""A gate in front of the server: hands on what pages send, writes it down, and can be out of order for a while."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HANDED_ON = ("content-type", "content-encoding", "origin", "user-agent")
_GIVEN_BACK_NOT = ("connection", "date", "server", "transfer-encoding", "content-length")
_PATIENCE_S = 30


@dataclass(frozen=True)
class Passage:
    """A request that came: its method, the bytes of its body, and when it was answered with what (monotonic s)."""

    method: str
    bytes: int
    status: int
    answered_s: float


class Gate:
    """The address that pages are told, and what came there."""

    def __init__(self, behind: str) -> None:
        self.behind = urlsplit(behind)
        self.open = True
        self.url = ""
        self._passed: list[Passage] = []
        self._lock = threading.Lock()

    def note(self, passage: Passage) -> None:
        """Write down what came."""
        with self._lock:
            self._passed.append(passage)

    def passed(self) -> list[Passage]:
        """All that came so far."""
        with self._lock:
            return list(self._passed)


class _Keeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer
    gate: Gate

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.gate.open:
            status, headers, answer = self._hand_on(body)
        else:
            origin = self.headers.get("origin", "*")
            status, headers, answer = 503, [("access-control-allow-origin", origin)], b""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer)))
        self.gate.note(Passage(self.command, len(body), status, time.monotonic()))
        self.end_headers()
        try:
            self.wfile.write(answer)
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True  # the page is gone

    do_POST = _pass
    do_OPTIONS = _pass

    def _hand_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        assert self.gate.behind.hostname is not None
        server = http.client.HTTPConnection(self.gate.behind.hostname, self.gate.behind.port, timeout=_PATIENCE_S)
        given = {name: self.headers[name] for name in _HANDED_ON if name in self.headers}
        server.request(self.command, self.path, body, given)
        answer = server.getresponse()
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _GIVEN_BACK_NOT]
        content = answer.read()
        server.close()
        return answer.status, headers, content


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def gate_before(server_url: str) -> Iterator[Gate]:
    """A gate that is open."""
    gate = Gate(server_url)
    keeper = type("Keeper", (_Keeper,), {"gate": gate})
    listener = _Listener(("127.0.0.1", 0), keeper)
    gate.url = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
