"""A real HTTP server that keeps what it gets, and answers as a test wants."""

import ssl
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

Answer = tuple[int, Mapping[str, str]]


@dataclass(frozen=True)
class Request:
    """Header names are in lower case; it came at `came_ms`, Unix milliseconds."""

    came_ms: float
    path: str
    headers: Mapping[str, str]
    body: bytes


class Collector:
    """Answers with what is in `answers`, in turn, and then with 204. `hold` makes it wait before each answer."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.answers: deque[Answer] = deque()
        self.body = b""
        self.hold: threading.Event | None = None
        self._scheme = "http" if tls is None else "https"
        self._server = ThreadingHTTPServer((host, 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="collector")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self.hold is not None:
            self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self._server.server_address[0]!s}:{self.port}/hook"

    def _handler(collector: Self) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                collector.requests.append(Request(time.time() * 1_000, self.path, headers, body))
                if collector.hold is not None:
                    collector.hold.wait()
                status, told = collector.answers.popleft() if collector.answers else (204, {})
                self.send_response(status)
                for name, value in told.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("content-length", str(len(collector.body)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(collector.body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        return Handler
