import asyncio
import contextlib
import gzip
import zlib
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.errors import BadRequest, TimedOut, TooLarge, UnsupportedMedia
from chatvitals.ingest.body import ClientGone, Receive, decode_body, read_body

LIMIT = 10_000


def bare_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
}


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_plain_body_stays_as_it_is(encoding: str) -> None:
    assert decode_body(b"{}", encoding, LIMIT) == b"{}"


@pytest.mark.parametrize("encoding", ENCODERS)
@given(content=st.binary(max_size=LIMIT))
def test_a_compressed_body_is_read(encoding: str, content: bytes) -> None:
    assert decode_body(ENCODERS[encoding](content), encoding, LIMIT) == content


@given(content=st.one_of(st.just(b'{"events":[]}'), st.text(max_size=500).map(lambda text: f"{{{text}".encode())))
def test_deflate_without_the_header_of_zlib_is_read_too(content: bytes) -> None:
    assert decode_body(bare_deflate(content), "deflate", LIMIT) == content


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_may_be_as_large_as_the_limit_and_no_larger(encoding: str) -> None:
    assert len(decode_body(ENCODERS[encoding](bytes(LIMIT)), encoding, LIMIT)) == LIMIT
    with pytest.raises(TooLarge):
        decode_body(ENCODERS[encoding](bytes(LIMIT + 1)), encoding, LIMIT)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_decompression_bomb_is_refused(encoding: str) -> None:
    with pytest.raises(TooLarge):
        decode_body(ENCODERS[encoding](bytes(50_000_000)), encoding, LIMIT)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_compressed_body_cut_anywhere_is_refused(encoding: str) -> None:
    body = ENCODERS[encoding](b'{"events": [1, 2, 3]}')
    for length in range(len(body)):
        with pytest.raises(BadRequest):
            decode_body(body[:length], encoding, LIMIT)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_what_follows_a_compressed_body_is_refused(encoding: str) -> None:
    with pytest.raises(BadRequest, match="follows"):
        decode_body(ENCODERS[encoding](b"{}") + b"more", encoding, LIMIT)


@pytest.mark.parametrize("encoding", ENCODERS)
@given(body=st.binary(max_size=200))
def test_garbage_is_refused_or_read_but_nothing_else(encoding: str, body: bytes) -> None:
    with contextlib.suppress(BadRequest, TooLarge):
        decode_body(body, encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "GZIP!", "x" * 1_000])
def test_an_unknown_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(UnsupportedMedia, match="use gzip, deflate or none"):
        decode_body(b"{}", encoding, LIMIT)


def messages(*bodies: bytes, gone: bool = False) -> Receive:
    """An ASGI `receive` that gives a body in pieces, and then either its end or a closed connection."""
    left: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": body, "more_body": gone or place < len(bodies) - 1}
        for place, body in enumerate(bodies)
    ]
    if gone:
        left.append({"type": "http.disconnect"})

    async def receive() -> MutableMapping[str, Any]:
        return left.pop(0)

    return receive


async def silence() -> MutableMapping[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("pieces", [(b"",), (b"abc",), (b"a", b"b", b"c"), (b"", b"abc"), (b"abc", b"")])
async def test_the_pieces_of_a_body_are_put_together(pieces: tuple[bytes, ...]) -> None:
    assert await read_body(messages(*pieces), 3, 1) == b"".join(pieces)


@pytest.mark.parametrize("pieces", [(b"abcd",), (b"ab", b"cd"), (b"abc", b"", b"d")])
async def test_a_body_over_the_limit_is_refused(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(TooLarge):
        await read_body(messages(*pieces), 3, 1)


async def test_reading_stops_as_soon_as_the_limit_is_passed() -> None:
    asked = 0

    async def endless() -> MutableMapping[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"abc", "more_body": True}

    with pytest.raises(TooLarge):
        await read_body(endless, 10, 1)
    assert asked == 4


async def test_a_body_that_never_begins_is_timed_out() -> None:
    with pytest.raises(TimedOut):
        await read_body(silence, LIMIT, 0.01)


async def test_a_body_that_stalls_is_timed_out() -> None:
    begun = messages(b"a", gone=True)

    async def receive() -> MutableMapping[str, Any]:
        message = await begun()
        return message if message["type"] == "http.request" else await silence()

    with pytest.raises(TimedOut):
        await read_body(receive, LIMIT, 0.01)


@pytest.mark.parametrize("pieces", [(), (b"a",), (b"a", b"b")])
async def test_a_client_that_goes_away_is_no_request(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(ClientGone):
        await read_body(messages(*pieces, gone=True), LIMIT, 1)
