"""Reading a request's body: in time, within its limits, decompressed."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from chatvitals.errors import BadRequest, TimedOut, TooLarge, UnsupportedMedia

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ClientGone(Exception):
    """The client closed the connection before its request was whole; nobody waits for an answer."""


async def read_body(receive: Receive, limit: int, timeout_s: float) -> bytes:
    """The body as it was sent. Raises TooLarge, TimedOut or ClientGone."""
    message = await receive() if timeout_s <= 0 else await _first(receive, timeout_s)
    body: bytes = message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientGone
    if message.get("more_body"):
        try:
            async with asyncio.timeout(timeout_s):
                body = await _rest(receive, body, limit)
        except TimeoutError as error:
            raise TimedOut(f"the body did not arrive within {timeout_s:g} s") from error
    if len(body) > limit:
        raise TooLarge(f"the body has more than {limit} bytes")
    return body


async def _first(receive: Receive, timeout_s: float) -> MutableMapping[str, Any]:
    try:
        async with asyncio.timeout(timeout_s):
            return await receive()
    except TimeoutError as error:
        raise TimedOut(f"the body did not arrive within {timeout_s:g} s") from error


async def _rest(receive: Receive, first: bytes, limit: int) -> bytes:
    pieces, size = [first], len(first)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise TooLarge(f"the body has more than {limit} bytes")
        if not message.get("more_body"):
            return b"".join(pieces)


_GZIP = zlib.MAX_WBITS | 16
_RAW_DEFLATE = -zlib.MAX_WBITS


def decode_body(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its content encoding. Raises TooLarge, UnsupportedMedia or BadRequest."""
    match encoding:
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _inflate(body, _GZIP, limit)
        case "deflate":
            # RFC 9110 says zlib, some senders mean bare deflate: zlib's header tells them apart
            wrapped = len(body) >= 2 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            return _inflate(body, zlib.MAX_WBITS if wrapped else _RAW_DEFLATE, limit)
    raise UnsupportedMedia(f"content encoding {encoding[:40]!r} is not read here: use gzip, deflate or none")


def _inflate(body: bytes, window_bits: int, limit: int) -> bytes:
    inflater = zlib.decompressobj(window_bits)
    try:
        decoded = inflater.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest(f"the body's compression is broken: {error}") from error
    if len(decoded) > limit or inflater.unconsumed_tail:
        raise TooLarge(f"the body has more than {limit} bytes once decompressed")
    if not inflater.eof:
        raise BadRequest("the compressed body ends too early")
    if inflater.unused_data:
        raise BadRequest("something follows the compressed body")
    return decoded
