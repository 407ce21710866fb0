"""One kept connection to the server, and a request's answer."""

import http.client
import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

MAX_ANSWER_BYTES = 1 << 20
"""What is beyond is not read: no answer of the server is that long."""

BROKEN = (OSError, http.client.HTTPException)
"""What `post` raises where no whole answer came; the server may have the request all the same."""


class Answer(NamedTuple):
    """`retry_after_s` is 0 where the server names no seconds."""

    status: int
    body: bytes
    retry_after_s: float


class Connection:
    """A connection, opened when it is needed and again when it broke. For one thread.

    Raises:
        ValueError: if `endpoint` is no URL of HTTP.
    """

    def __init__(self, endpoint: str, timeout_s: float) -> None:
        url = urlsplit(endpoint)
        sendable = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
        if url.scheme not in ("http", "https") or not url.hostname or not sendable:
            raise ValueError(f"{endpoint!r} is not a URL like https://vitals.example/api/monitoring/widget")
        url.hostname.encode("idna")  # or its look-up would raise it
        self._path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        self._http: http.client.HTTPConnection
        if url.scheme == "https":
            context = ssl.create_default_context()
            self._http = http.client.HTTPSConnection(url.hostname, url.port, timeout=timeout_s, context=context)
        else:
            self._http = http.client.HTTPConnection(url.hostname, url.port, timeout=timeout_s)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request and wait for its answer. Raises those of BROKEN."""
        kept = self._http.sock is not None
        try:
            return self._post(body, headers)
        except BROKEN as error:
            self.close()
            if not kept or isinstance(error, TimeoutError):
                raise
        # A server may close a connection that was idle just when it is used: that says nothing about the server.
        try:
            return self._post(body, headers)
        except BROKEN:
            self.close()
            raise

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        self._http.request("POST", self._path, body, dict(headers))
        with self._http.getresponse() as response:
            content = response.read(MAX_ANSWER_BYTES)
            whole = response.isclosed()
        if not whole:
            self.close()
        named = response.getheader("retry-after", "").strip()
        return Answer(response.status, content, float(named) if named.isascii() and named.isdigit() else 0.0)

    def close(self) -> None:
        """Close it; the next request opens it again."""
        self._http.close()

    def disown(self) -> None:
        """In a forked child: close the descriptor, and say nothing on the connection, which is the parent's."""
        if self._http.sock is not None:
            with suppress(OSError):
                # Not `close`, which waits for a lock that the parent's thread may have had when it was copied.
                os.close(self._http.sock.detach())
