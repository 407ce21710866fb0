"""The ingest route, straight on ASGI: it takes the most requests by far, and needs none of a router's services."""

import msgspec
from starlette.types import Receive, Scope, Send

from chatvitals.errors import RequestError
from chatvitals.ingest.body import ClientGone
from chatvitals.ingest.endpoint import Ingest, as_headers
from chatvitals.server.problems import problem_body, problem_headers

PATH = "/api/monitoring/widget"

_encode = msgspec.json.Encoder().encode

_PREFLIGHT_HEADERS = [
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type, content-encoding, x-chatvitals-key"),
    (b"access-control-max-age", b"86400"),
]


def _cors(origin: bytes | None) -> list[tuple[bytes, bytes]]:
    """Let the page read the answer. Which origins may write is decided by the site, once its key is known."""
    if origin is None:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", b"retry-after"),
        (b"vary", b"origin"),
    ]


class IngestRoute:
    """POST and OPTIONS of the ingest path, as an ASGI application."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = as_headers(scope)
        cors = _cors(headers.get(b"origin"))
        if scope["method"] == "OPTIONS":
            await _answer(send, 204, [*cors, *_PREFLIGHT_HEADERS], b"")
            return
        try:
            answer = await self._ingest.take(headers, receive)
        except RequestError as error:
            told = [(name.encode(), value.encode()) for name, value in problem_headers(error).items()]
            await _answer(send, error.status, [*cors, *told], problem_body(error))
        except ClientGone:
            return
        else:
            await _answer(send, 202, [*cors, (b"content-type", b"application/json")], _encode(answer))


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
