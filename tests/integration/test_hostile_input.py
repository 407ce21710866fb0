"""Whatever is sent: never a 5xx, never a lost neighbour, bounded memory and time."""

import gzip
import json
import random
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from tests.support.corpora import (
    CHOICES,
    EXAMPLES,
    event_of,
    json_test_suite,
    naughty_strings,
    text_fields,
)
from tests.support.server import Server, batch_of, key_of, make_sites, now_ms, render
from tests.support.wire import Reply, Wire, post_all

from chatvitals.catalogue.columns import FIELDS
from chatvitals.catalogue.dimensions import DIMENSION_NAMES

MEGABYTE = 1 << 20
MEMORY_BOUND = 200 * MEGABYTE

NEIGHBOURS = 2
"""Good events around a bad one."""

BODY_TIMEOUT_S = 2
SITES = tuple(f"hostile-{number}" for number in range(12))
FLIPPED = "flipped"
"""Has no neighbour whose key is a few bits away."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for these tests; at the end it has to be as well as at the start."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    make_sites(data, [*SITES, FLIPPED])
    with Server(data, flush_interval_ms=200, commit_interval_ms=1, body_timeout_s=BODY_TIMEOUT_S) as server:
        assert server.post(batch_of(SITES[-1], [render()])).status_code == 202
        before = server.resident_bytes()
        yield server
        assert server.client.get("/readyz").json() == {"ready": True, "problems": []}
        assert server.resident_bytes() - before < MEMORY_BOUND
        assert "Traceback" not in server.log(), server.log()


def raw_batch(site: str, inserted: Sequence[bytes], **head: Any) -> bytes:
    """A batch with a good event before, between and after what is inserted as it is."""
    good = json.dumps(render()).encode()
    events = b",".join([good, *(b"%b,%b" % (piece, good) for piece in inserted)])
    body = json.dumps({**batch_of(site, []), **head}).encode()
    assert body.endswith(b'"events": []}')
    return body[:-2] + events + b"]}"


def check_replies(replies: Sequence[Reply]) -> int:
    """No answer of a mistake of ours; returns how many events were acknowledged."""
    for reply in replies:
        assert reply.status in (202, 400, 413), f"{reply.status}: {reply.answer}"
        if reply.status != 202:
            assert reply.headers["content-type"] == "application/problem+json"
            assert reply.answer["status"] == reply.status
            assert reply.answer["detail"]
    return sum(reply.accepted for reply in replies)


def test_json_suite_as_bodies(hostile: Server) -> None:
    replies = post_all(hostile.url, [case.content for case in json_test_suite()], x_chatvitals_key=key_of(SITES[0]))
    assert check_replies(replies) == 0
    assert {reply.status for reply in replies} == {400}


def test_json_suite_as_events(hostile: Server) -> None:
    site, cases = SITES[0], json_test_suite()
    replies = post_all(hostile.url, [raw_batch(site, [case.content]) for case in cases])
    check_suite(hostile, site, replies)


def test_json_suite_as_fields(hostile: Server) -> None:
    site, cases = SITES[1], json_test_suite()
    head = b'{"kind":"error","timestamp":%d,"type":"TypeError",' % now_ms()
    inserted = [[head + b'"message":%b}' % case.content, head + b'"another":%b}' % case.content] for case in cases]
    replies = post_all(hostile.url, [raw_batch(site, pieces) for pieces in inserted])
    check_suite(hostile, site, replies)


def test_json_suite_as_context(hostile: Server) -> None:
    site, cases = SITES[2], json_test_suite()
    good = raw_batch(site, [])
    place = good.index(b'"context": {') + len(b'"context": {')
    bodies = [good[:place] + b'"unheard-of": %b, ' % case.content + good[place:] for case in cases]
    # each needs an id of its own
    bodies = [body.replace(_batch_id(good), str(uuid4()).encode()) for body in bodies]
    replies = post_all(hostile.url, bodies)
    accepted = check_replies(replies)
    assert all(reply.accepted == 1 for case, reply in zip(cases, replies, strict=True) if case.valid)
    hostile.wait_settled(site, kept=accepted)


def _batch_id(body: bytes) -> bytes:
    return str(json.loads(body)["batch"]).encode()


def check_suite(server: Server, site: str, replies: Sequence[Reply]) -> None:
    """Valid JSON in a batch never costs a neighbour; what is no JSON makes the whole body none."""
    accepted = check_replies(replies)
    for case, reply in zip(json_test_suite(), replies, strict=True):
        if case.valid:
            assert reply.status == 202, f"{case.name}: {reply.answer}"
        if reply.status == 202:
            assert reply.accepted >= NEIGHBOURS, f"{case.name}: {reply.answer}"
            assert len(reply.answer["rejected"]) + reply.accepted >= NEIGHBOURS + 1, case.name
            assert all(rejection["index"] % 2 for rejection in reply.answer["rejected"]), f"{case.name}: {reply.answer}"
    server.wait_settled(site, kept=accepted)
    assert server.figures(site)["performance"]["renders"]["total"] >= NEIGHBOURS * 95


def test_the_examples_are_whole() -> None:
    assert {kind: set(example) for kind, example in EXAMPLES.items()} == {
        kind: {field.wire_name for field in fields} for kind, fields in FIELDS.items()
    }


def test_naughty_strings_in_every_text_of_every_kind(hostile: Server) -> None:
    site, moment = SITES[3], now_ms()
    bodies, refused = [], 0
    for text in naughty_strings():
        events = [render(moment)]
        for kind in EXAMPLES:
            for field in text_fields(kind):
                events.append(event_of(kind, moment, **{field.wire_name: text}))
                refused += field.wire_name == "conversationId" and not text  # an id may not be empty
        events += [event_of("sdk", moment, dropped={text or "-": 1}), render(moment)]
        context = dict.fromkeys((*DIMENSION_NAMES, "sessionId", "tabId"), text)
        bodies.append(json.dumps(batch_of(site, events, context=context)).encode())
    replies = post_all(hostile.url, bodies, content_type="text/plain")
    assert all(reply.status == 202 for reply in replies), [reply for reply in replies if reply.status != 202][:3]
    total = sum(len(json.loads(body)["events"]) for body in bodies)
    assert check_replies(replies) == total - refused
    hostile.wait_settled(site, kept=total - refused)

    lines = hostile.export(site)
    assert len(lines) == total - refused
    exported = hostile.client.get(
        "/api/monitoring/export", params={"site": site, "format": "ndjson", "window": 86_400_000}
    ).content
    again = hostile.client.post("/api/monitoring/import", params={"site": SITES[4]}, content=exported)
    assert again.status_code == 202, again.text
    assert again.json()["rejected"] == []
    assert again.json()["accepted"] == total - refused
    hostile.wait_settled(SITES[4], kept=total - refused)


def test_naughty_strings_as_keys_batches_and_headers(hostile: Server) -> None:
    good = batch_of(SITES[5], [render()])
    bodies = [
        json.dumps({**good, place: text}).encode()
        for text in naughty_strings()
        for place in ("key", "batch", "sentAt", "sample", "context", "events")
    ]
    statuses = {reply.status for reply in post_all(hostile.url, bodies)}
    assert statuses <= {400, 401}
    wire = Wire(hostile.url)
    for text in naughty_strings():
        sendable = text.encode("utf-8").decode("latin-1").replace("\r", "").replace("\n", "")
        for header in ("content_type", "content_encoding", "x_chatvitals_key", "origin"):
            body = {**good, "key": None, "batch": str(uuid4())}
            try:
                reply = wire.post(json.dumps(body).encode(), **{header: sendable})
            except (OSError, ValueError):
                continue  # the client itself refuses it, or the server closes on a malformed head
            if reply.status == 400 and reply.answer is None:
                continue
            assert reply.status in (400, 401, 403, 415), f"{header}={text!r}: {reply}"
    wire.close()


def test_naughty_strings_in_questions(hostile: Server) -> None:
    for text in naughty_strings()[::6]:
        for path, name in (
            ("/api/monitoring/series", "customer"),
            ("/api/monitoring/widget", "from"),
            ("/api/monitoring/series", "metric"),
            ("/api/monitoring/breakdown", "by"),
            ("/api/monitoring/outcomes", "site"),
        ):
            others = {"metric": "api.totalCalls"} if name in ("by", "customer") else {}
            answer = hostile.client.get(path, params={**others, name: text})
            expected = (200,) if name in ("customer", "site") else (200, 400)
            assert answer.status_code in expected, f"{path} {name}={text!r}: {answer.status_code} {answer.text}"


def test_filters_find_what_is_called_naughtily(hostile: Server) -> None:
    """And nothing else: a value with quotes or backslashes stays one value."""
    site = SITES[11]
    texts = [text.strip()[:90] for text in naughty_strings() if text.strip() and len(text) < 90]
    quoted = [
        "o'neill",
        "a\\",
        "\\'",
        "x', 'y",
        "x\\', \\'y",
        "tab\there",
        "x",
        "y",
        "{scope:Array(String)}",
        "%s",
        "line\nbreak",
    ]
    chosen = [*dict.fromkeys([*quoted, *texts[::12]])]
    bodies = [
        json.dumps(batch_of(site, [render()] * (1 + place % 3), context={"customer": text})).encode()
        for place, text in enumerate(chosen)
    ]
    before = hostile.kept(site)
    hostile.wait_settled(site, kept=before + check_replies(post_all(hostile.url, bodies)))
    for place, text in enumerate(chosen):
        assert _renders(hostile, site, text) == 1 + place % 3, repr(text)
    assert _renders(hostile, site, quoted) == sum(1 + place % 3 for place in range(len(quoted)))


def _renders(server: Server, site: str, customers: str | list[str]) -> int:
    answer = server.get(
        "/api/monitoring/breakdown", metric="performance.renders.total", by="site", site=site, customer=customers
    )
    return sum(part["n"] for part in answer["parts"])


def test_half_emoji_and_other_broken_escapes(hostile: Server) -> None:
    site = SITES[5]
    before = hostile.kept(site)
    texts = [
        b'"\\ud83d"',
        b'"x\\udE00y"',
        b'"\\uD83D\\uD83D\\uDE00"',
        b'"\\\\ud800"',
        b'"\\ud83d\\ude00"',
        b'"\\u0000"',
    ]
    events = [b'{"kind":"error","timestamp":%d,"type":%b}' % (now_ms(), text) for text in texts]
    broken = [b'{"kind":"error","timestamp":1,"type":"\xff\xfe"}', b'{"kind":"error","type":"\xed\xa0\x80"}']
    replies = post_all(hostile.url, [raw_batch(site, [event]) for event in events])
    assert [reply.accepted for reply in replies] == [3] * len(texts), replies
    others = check_replies(post_all(hostile.url, [raw_batch(site, [event]) for event in broken]))
    hostile.wait_settled(site, kept=before + 3 * len(texts) + others)
    types = [event["type"] for event in hostile.export(site) if event["kind"] == "error"]
    assert "😀" in types
    assert "�" in types


def test_a_body_cut_at_every_byte(hostile: Server) -> None:
    site = SITES[6]
    events = [render(), event_of("error", now_ms()), event_of("api", now_ms()), render()]
    body = json.dumps(batch_of(site, events)).encode()
    zipped = gzip.compress(body)
    cut = [body[:length] for length in range(len(body))]
    replies = post_all(hostile.url, cut)
    replies += post_all(hostile.url, [zipped[:length] for length in range(1, len(zipped), 3)], content_encoding="gzip")
    assert {reply.status for reply in replies} == {400}
    check_replies(replies)
    reply = hostile.post(body)  # its id was not taken by any of them
    assert reply.json()["accepted"] == len(events)
    hostile.wait_settled(site, kept=len(events))


def test_bits_flipped_anywhere(hostile: Server) -> None:
    site, seed = FLIPPED, random.randrange(1 << 32)
    dice = random.Random(seed)
    bodies = []
    for number in range(400):
        body = bytearray(json.dumps(batch_of(site, [render(), event_of("error", now_ms()), render()])).encode())
        for _ in range(1 + number % 3):
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        bodies.append(bytes(body))
    replies = post_all(hostile.url, bodies)
    assert {reply.status for reply in replies} <= {202, 400, 401}, f"{seed=}"
    hostile.wait_settled(site, kept=sum(reply.accepted for reply in replies))


WRONG: tuple[Any, ...] = (
    None, True, False, "", "12", "x" * 5_000, -1, 0, 1.5, 1e300, -1e300, 2**31, 2**63, 2**64, 10**400, [], [1], {},
    {"a": {"b": []}}, "\u0000", "2026-01-31T12:00:00Z",
)  # fmt: skip


def test_every_field_of_every_kind_with_every_wrong_type(hostile: Server) -> None:
    """A value that doesn't fit costs its own event at most, and is answered with the field's name."""
    site, moment = SITES[8], now_ms()
    bodies, places = [], []
    for kind, example in EXAMPLES.items():
        for field in ("kind", "timestamp", "seq", *example):
            bad = [event_of(kind, moment) | {field: value} for value in WRONG]
            without = {name: value for name, value in event_of(kind, moment).items() if name != field}
            bodies.append(raw_batch(site, [json.dumps(event).encode() for event in [*bad, without]]))
            places.append((kind, field))
    replies = post_all(hostile.url, bodies)
    number = len(WRONG) + 1
    for (kind, field), reply in zip(places, replies, strict=True):
        assert reply.status == 202, f"{kind}.{field}: {reply.answer}"
        rejected = reply.answer["rejected"]
        assert reply.accepted + len(rejected) == 2 * number + 1
        assert all(rejection["index"] % 2 for rejection in rejected), f"{kind}.{field}: a neighbour was lost"
        assert all(rejection["field"].partition("[")[0].partition(".")[0] in (field, "") for rejection in rejected), (
            f"{kind}.{field}: {rejected}"
        )
        if field in CHOICES.get(kind, ()):
            assert len(rejected) >= number - 2
    hostile.wait_settled(
        site,
        kept=sum(reply.accepted for reply in replies),
        received=sum(reply.accepted + len(reply.answer["rejected"]) for reply in replies),
    )


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"":'])
def test_deep_nesting(hostile: Server, opening: bytes) -> None:
    site = SITES[9]
    deep = opening * (900_000 // len(opening))
    closed = b"[" * 400_000 + b"]" * 400_000
    shallow = b"[" * 200 + b"]" * 200
    wire = Wire(hostile.url)
    kept = hostile.kept(site)
    for body in (deep, raw_batch(site, [deep]), raw_batch(site, [closed]), closed):
        reply = wire.post(body)
        assert reply.status == 400, reply
    reply = wire.post(raw_batch(site, [shallow, b'{"kind":"error","timestamp":%d,"type":%b}' % (now_ms(), shallow)]))
    assert reply.status == 202
    assert reply.accepted == 3
    wire.close()
    hostile.wait_settled(site, kept=kept + 3)


def bomb(pieces: int, opening: bytes = b"") -> bytes:
    """A gzip body of `opening` and 16 MB of zeros `pieces` times: after a full flush the same bytes follow again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    start = packer.compress(opening) + packer.flush(zlib.Z_FULL_FLUSH)
    start += packer.compress(bytes(16 * MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + again * (pieces - 1)


def test_decompression_bombs(hostile: Server) -> None:
    site = SITES[10]
    gigabyte = bomb(60)
    assert len(gigabyte) < MEGABYTE
    before = hostile.resident_bytes()
    started = time.monotonic()
    inside_json = bomb(4, raw_batch(site, [])[:-2] + b',"')
    for body, encoding, status in (
        (gigabyte, "gzip", 413),
        (gigabyte, "x-gzip", 413),
        (inside_json, "gzip", 413),
        (gzip.compress(gigabyte), "gzip", 400),  # a bomb in a bomb is opened once, and then is no JSON
        (gzip.compress(gzip.compress(gigabyte)), "gzip, gzip", 415),
        (zlib.compress(bytes(100 * MEGABYTE), 9), "deflate", 413),
        (gzip.compress(b"{}") + gigabyte, "gzip", 400),
        (gigabyte, "br", 415),
    ):
        reply = hostile.post(body, content_encoding=encoding)
        assert reply.status_code == status, f"{encoding}: {reply.status_code} {reply.text}"
    assert {reply.status for reply in post_all(hostile.url, [gigabyte] * 24, content_encoding="gzip")} == {413}
    assert hostile.resident_bytes() - before < MEMORY_BOUND
    assert time.monotonic() - started < 20
    reply = hostile.post(gzip.compress(raw_batch(site, [])), content_encoding="gzip")
    assert reply.json()["accepted"] == 1


def test_bodies_over_the_limit(hostile: Server) -> None:
    too_long = b" " * (MEGABYTE + 1)
    assert hostile.post(too_long).status_code == 413
    pieces = (bytes(64 << 10) for _ in range(64))  # without a length, in chunks
    reply = hostile.client.post("/api/monitoring/widget", content=pieces, headers={"content-type": "text/plain"})
    assert reply.status_code == 413
    many = batch_of(SITES[10], [render()] * 1_001)
    assert hostile.post(many).status_code == 413
    fits = batch_of(SITES[10], [render()] * 1_000)
    assert hostile.post(fits).json()["accepted"] == 1_000


def talk(url: str, *pieces: bytes, end: bool = False) -> bytes:
    """Say pieces over a raw connection and return what comes back until the other side closes."""
    address = urlsplit(url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        if end:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(30)
        said = b""
        while b"\r\n\r\n" not in said:
            piece = connection.recv(65_536)
            if not piece:
                break
            said += piece
        return said


def test_slow_bodies_are_given_up_and_others_are_served_meanwhile(hostile: Server) -> None:
    site = SITES[11]
    head = b"POST /api/monitoring/widget HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n"
    heads = [head + b"content-length: 500\r\n\r\n" + start for start in (b"", b'{"key":')]
    heads.append(head + b"transfer-encoding: chunked\r\n\r\n5\r\nabc")
    said: list[bytes] = []
    started = time.monotonic()
    slow = [
        threading.Thread(target=lambda opening=opening: said.append(talk(hostile.url, opening)))
        for opening in heads * 20
    ]
    for thread in slow:
        thread.start()
    before = hostile.kept(site)
    assert check_replies(post_all(hostile.url, [raw_batch(site, []) for _ in range(50)])) == 50
    served = time.monotonic() - started
    for thread in slow:
        thread.join(60)
    assert len(said) == len(slow)
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in said), {answer[:60] for answer in said}
    assert all(b"application/problem+json" in answer for answer in said)
    assert served < 15
    hostile.wait_settled(site, kept=before + 50)


def test_connections_that_end_within_a_request(hostile: Server) -> None:
    site = SITES[11]
    body = raw_batch(site, [])
    head = b"POST /api/monitoring/widget HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % len(body)
    for cut in (1, 20, len(head) - 2, len(head), len(head) + 10, len(head) + len(body) - 1):
        talk(hostile.url, (head + body)[:cut], end=True)
    reply = hostile.post(body)
    assert reply.json()["accepted"] == 1


def test_text_that_is_slow_to_scrub_holds_nobody_up(hostile: Server) -> None:
    """Long texts made for regular expressions to go back and forth in."""
    site = SITES[10]
    texts = [
        "a" * 4_000, "a-" * 2_000, "1-" * 2_000, "a." * 2_000, "token" * 800, "eyJ" * 1_300, "12" * 2_000, "(" * 4_000,
        "%4" * 2_000, "ab:" * 1_300, "/" * 4_000, "1 " * 2_000, "a@" * 2_000, "bearer " * 570, "@a." * 1_300,
    ]  # fmt: skip
    before = hostile.kept(site)
    bodies = []
    for round_ in range(4):
        events = [
            event_of("error", now_ms(), type=f"{round_}{text}"[:4_000], message=text[round_:]) for text in texts
        ] + [event_of("api", now_ms(), endpoint=f"/{round_}{text}"[:4_000]) for text in texts]
        bodies.append(json.dumps(batch_of(site, events)).encode())
    started = time.monotonic()
    replies = post_all(hostile.url, bodies)
    took = time.monotonic() - started
    assert check_replies(replies) == 4 * 2 * len(texts)
    assert took < 4, f"{8 * len(texts)} events with long texts took {took:.1f} s"
    hostile.wait_settled(site, kept=before + 8 * len(texts))


def test_thousands_of_bad_requests(hostile: Server) -> None:
    """Of every sort, in any order; good ones among them all arrive."""
    site, dice = SITES[5], random.Random(7)
    before = hostile.kept(site)
    good = batch_of(site, [render()])

    def variants() -> Iterator[bytes]:
        yield b""
        yield b"null"
        yield b"[]"
        yield b"{}"
        yield json.dumps({**good, "key": str(uuid4())}).encode()
        yield json.dumps({**good, "batch": "not-a-uuid"}).encode()
        yield json.dumps({**good, "sample": 0}).encode()
        yield json.dumps({**good, "sentAt": -5}).encode()
        yield json.dumps({**good, "context": {"customer": "x" * 4_001}}).encode()
        yield json.dumps({name: value for name, value in good.items() if name != "events"}).encode()
        yield json.dumps({"type": "nonsense", "metric": {}}).encode()
        yield json.dumps({"type": "render", "metric": []}).encode()
        yield dice.randbytes(300)
        yield raw_batch(site, [])

    bodies = [body for _ in range(150) for body in variants()]
    dice.shuffle(bodies)
    replies = post_all(hostile.url, bodies)
    assert len(replies) == 2_100
    assert {reply.status for reply in replies} == {202, 400, 401}
    assert sum(reply.accepted for reply in replies) == 150
    hostile.wait_settled(site, kept=before + 150)
