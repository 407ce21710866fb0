import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events import NOW_MS, events

from chatvitals.catalogue.kinds import KINDS, AnyEvent, Message, Render
from chatvitals.errors import BadRequest
from chatvitals.ingest.envelope import Envelope, decode_envelope, mend_surrogates

BATCH = UUID(int=7)
MOST = 1_000
GOOD = {"kind": "render", "timestamp": NOW_MS, "seq": 0, "renderTime": 8}
CONTEXT = {"sessionId": "s", "tabId": "t", "customer": "acme", "release": "2.4.1", "page": "/pricing"}


def body_of(*events: Any, **head: Any) -> bytes:
    return msgspec.json.encode({"key": "k", "batch": BATCH, "sentAt": NOW_MS, "events": events, **head})


def decode(body: bytes) -> Envelope:
    return decode_envelope(body, NOW_MS, MOST)


def test_a_batch_is_read_with_its_head() -> None:
    envelope = decode(body_of(GOOD, sample=0.25, context=CONTEXT))
    assert (envelope.key, envelope.batch, envelope.sent_ms, envelope.sample) == ("k", BATCH.bytes, NOW_MS, 0.25)
    assert envelope.context.session_id == "s"
    assert envelope.context.customer == "acme"
    assert envelope.context.country is None
    assert envelope.events == [Render(timestamp=NOW_MS, seq=0, render_time=8)]
    assert envelope.positions is None
    assert envelope.rejections == []


def test_fields_of_later_versions_are_no_error() -> None:
    envelope = decode(body_of({**GOOD, "new": {"a": [1]}}, later=True, context={"also": "new"}))
    assert len(envelope.events) == 1
    assert not envelope.rejections


@given(batch=st.lists(events(), max_size=4))
def test_one_bad_event_changes_nothing_about_its_neighbours(batch: list[dict[str, Any]]) -> None:
    fast = decode(body_of(*batch))
    slow = decode(body_of(*batch, {"kind": "nothing"}))
    assert slow.events == fast.events
    assert fast.rejections == []
    assert slow.positions == list(range(len(batch)))
    assert [(one.index, one.field, one.reason) for one in slow.rejections] == [(len(batch), "kind", "unknown_kind")]


def test_a_rejection_tells_the_events_place_in_the_batch() -> None:
    envelope = decode(body_of({}, GOOD, {**GOOD, "renderTime": -1}, GOOD, 7))
    assert envelope.positions == [1, 3]
    assert [one.index for one in envelope.rejections] == [0, 2, 4]


BAD_EVENTS: list[tuple[Any, str, str]] = [
    ({"timestamp": 1, "renderTime": 1}, "kind", "missing_field"),
    ({**GOOD, "kind": "dance"}, "kind", "unknown_kind"),
    ({**GOOD, "kind": 7}, "kind", "unknown_kind"),
    ({**GOOD, "kind": None}, "kind", "unknown_kind"),
    ({"kind": "render", "timestamp": 1}, "renderTime", "missing_field"),
    ({"kind": "render", "renderTime": 1}, "timestamp", "missing_field"),
    ({**GOOD, "renderTime": -0.1}, "renderTime", "out_of_range"),
    ({**GOOD, "renderTime": 86_400_001}, "renderTime", "out_of_range"),
    ({**GOOD, "timestamp": -1}, "timestamp", "out_of_range"),
    ({**GOOD, "timestamp": 4_102_444_800_001}, "timestamp", "out_of_range"),
    ({**GOOD, "seq": -2}, "seq", "out_of_range"),
    ({**GOOD, "seq": 2_000_000_001}, "seq", "out_of_range"),
    ({**GOOD, "contentLength": 10**40}, "contentLength", "out_of_range"),
    ({**GOOD, "renderTime": "8"}, "renderTime", "wrong_type"),
    ({**GOOD, "renderTime": None}, "renderTime", "wrong_type"),
    ({**GOOD, "renderTime": True}, "renderTime", "wrong_type"),
    ({**GOOD, "renderTime": [8]}, "renderTime", "wrong_type"),
    ({**GOOD, "seq": 1.5}, "seq", "wrong_type"),
    ({"kind": "boot", "timestamp": 1, "stage": "shoe"}, "stage", "unknown_value"),
    ({"kind": "error", "timestamp": 1, "type": "x" * 4_001}, "type", "out_of_range"),
    (
        {"kind": "loss", "timestamp": 1, "conversationId": "", "lost": 1, "hop": "save"},
        "conversationId",
        "out_of_range",
    ),
    (7, "", "wrong_type"),
    ("render", "", "wrong_type"),
    ([GOOD], "", "wrong_type"),
    (None, "", "wrong_type"),
]


@pytest.mark.parametrize(("event", "field", "reason"), BAD_EVENTS)
def test_a_bad_event_is_answered_with_its_field_and_reason(event: Any, field: str, reason: str) -> None:
    envelope = decode(body_of(GOOD, event, GOOD))
    assert len(envelope.events) == 2
    (rejection,) = envelope.rejections
    assert (rejection.index, rejection.field, rejection.reason) == (1, field, reason)
    assert rejection.detail


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e400", "9" * 400, "-" + "9" * 400, "0." + "9" * 400])
@pytest.mark.parametrize("field", ["renderTime", "timestamp", "seq", "contentLength"])
def test_numbers_of_any_size_never_spoil_a_neighbour(field: str, number: str) -> None:
    wild = msgspec.json.encode({**GOOD, field: 0}).replace(f'"{field}":0'.encode(), f'"{field}":{number}'.encode())
    envelope = decode(body_of(GOOD).replace(b"]", b"," + wild + b"," + msgspec.json.encode(GOOD) + b"]"))
    assert len(envelope.events) + len(envelope.rejections) == 3
    assert len(envelope.events) >= 2


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "01", "+1", "0x1", ".5", "1."])
def test_what_json_has_no_number_for_is_refused(number: str) -> None:
    with pytest.raises(BadRequest):
        decode(body_of(GOOD).replace(b'"renderTime":8', f'"renderTime":{number}'.encode()))


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ({"batch": "no uuid"}, "batch"),
        ({"batch": None}, "batch"),
        ({"sentAt": -1}, "sentAt"),
        ({"sentAt": "now"}, "sentAt"),
        ({"sample": 0}, "sample"),
        ({"sample": 1.1}, "sample"),
        ({"key": "k" * 257}, "key"),
        ({"key": 5}, "key"),
        ({"context": []}, "context"),
        ({"context": {"customer": 5}}, "context.customer"),
        ({"context": {"page": "x" * 4_001}}, "context.page"),
        ({"events": {}}, "events"),
        ({"events": None}, "events"),
    ],
)
def test_a_bad_head_is_refused_with_the_name_of_its_field(head: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        decode(body_of(**{"events": [GOOD], **head}))
    assert refusal.value.field == field


@pytest.mark.parametrize("missing", ["batch", "sentAt", "events"])
def test_a_head_without_what_it_needs_is_refused(missing: str) -> None:
    whole = msgspec.json.decode(body_of(GOOD))
    del whole[missing]
    with pytest.raises(BadRequest) as refusal:
        decode(msgspec.json.encode(whole))
    assert refusal.value.field == missing


@pytest.mark.parametrize("body", [b"", b" ", b"[]", b"7", b'"text"', b"null", b"{", b"{}", b"\xff", b"\0", b"nonsense"])
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode(body)


def test_a_batch_cut_anywhere_is_refused() -> None:
    body = body_of(GOOD, {**GOOD, "renderTime": -1}, context=CONTEXT)
    for length in range(len(body)):
        with pytest.raises(BadRequest):
            decode(body[:length])


def test_a_batch_with_a_flipped_byte_anywhere_is_refused_or_read() -> None:
    body = body_of(GOOD, GOOD, context=CONTEXT)
    for place in range(len(body)):
        for flipped in (0x80, 0x01, 0x20):
            spoilt = bytearray(body)
            spoilt[place] ^= flipped
            read_or_refuse(bytes(spoilt))


@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_garbage_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode(body)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(event=JSON)
def test_any_json_in_the_place_of_an_event_is_rejected_alone(event: Any) -> None:
    if isinstance(event, int) and abs(event) >= 2**64:
        event = str(event)
    envelope = decode(body_of(GOOD, event, GOOD))
    assert len(envelope.events) == 2
    assert len(envelope.rejections) == 1


@given(kind=st.sampled_from(sorted(KINDS)), fields=st.dictionaries(st.text(max_size=10), JSON, max_size=5))
def test_a_known_kind_with_any_fields_is_kept_or_rejected(kind: str, fields: dict[str, Any]) -> None:
    whole = {**fields, "kind": kind, "timestamp": NOW_MS}
    body = msgspec.json.encode({"batch": BATCH, "sentAt": 1, "events": [GOOD, msgspec.Raw(as_json(whole)), GOOD]})
    envelope = decode(body)
    assert len(envelope.events) + len(envelope.rejections) == 3
    assert len(envelope.events) >= 2


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("place", ["body", "context", "event", "field"])
def test_deep_nesting_is_refused_or_rejected(opening: bytes, place: str) -> None:
    deep = opening * 100_000
    closing = {b"[": b"]", b'{"a":': b"}"}[opening] * 100_000
    deep += b"1" + closing
    match place:
        case "body":
            body = deep
        case "context":
            body = body_of(GOOD, context="deep").replace(b'"deep"', deep)
        case "event":
            body = body_of(GOOD, "deep").replace(b'"deep"', deep)
        case _:
            body = body_of(GOOD, {**GOOD, "more": "deep"}).replace(b'"deep"', deep)
    read_or_refuse(body)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (rb"\ude00 cut", "\ufffd cut"),
        (rb"whole \ud83d\ude00", "whole \U0001f600"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\\ud83d", r"\ud83d"),
        (rb"\\\ud83d", "\\\ufffd"),
    ],
)
def test_half_a_surrogate_pair_is_replaced_and_the_event_kept(sent: bytes, kept: str) -> None:
    event = msgspec.json.encode({"kind": "error", "timestamp": 1, "type": "T", "message": "HERE"}).replace(
        b"HERE", sent
    )
    envelope = decode(body_of(GOOD, msgspec.Raw(event), GOOD))
    assert envelope.rejections == []
    assert envelope.events[1].message == kept


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_whole_text_is_not_mended(text: str) -> None:
    body = msgspec.json.encode(text)
    assert mend_surrogates(body) == body


def test_the_fingerprint_is_the_same_for_each_retry_and_another_for_other_events() -> None:
    first, again = decode(body_of(GOOD, GOOD)), decode(body_of(GOOD, GOOD, sentAt=NOW_MS + 5_000))
    assert first.fingerprint() == again.fingerprint()
    assert first.fingerprint() != decode(body_of(GOOD)).fingerprint()
    assert first.fingerprint() != decode(body_of(GOOD, {**GOOD, "timestamp": NOW_MS + 1})).fingerprint()


@given(event=events())
def test_an_event_of_any_kind_is_read_as_it_was_written(event: dict[str, Any]) -> None:
    (read,) = decode(body_of(event)).events
    again: dict[str, Any] = msgspec.to_builtins(read)
    assert {name: value for name, value in again.items() if name in event} == event
    assert msgspec.convert(event, AnyEvent) == read


def test_the_ordinal_of_an_event_and_that_of_a_message_are_two_things() -> None:
    event = {"kind": "message", "timestamp": 1, "seq": 3, "stage": "sent", "ordinal": 9}
    assert decode(body_of(event)).events == [Message(timestamp=1, seq=3, stage="sent", ordinal=9)]


def read_or_refuse(body: bytes) -> None:
    """Decode; nothing but a result or a BadRequest may come of it."""
    with suppress(BadRequest):
        decode(body)


def as_json(value: Any) -> bytes:
    """JSON of a value with integers of any size."""
    return json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize("bad", [{"sentAt": -1}, {"batch": "no id"}, {"sample": 0}, {"context": 1}])
def test_events_under_a_wrong_head_are_counted(bad: dict[str, Any]) -> None:
    for sent in ([], [GOOD], [GOOD, 7, {}]):
        with pytest.raises(BadRequest) as refusal:
            decode(body_of(*sent, **bad))
        assert refusal.value.events == len(sent)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"events": 3}', b'{"events": [1, 2}', b'{"events": [1] 2}']
)
def test_what_has_no_list_of_events_is_one(body: bytes) -> None:
    with pytest.raises(BadRequest) as refusal:
        decode(body)
    assert refusal.value.events == 1


def test_of_too_many_events_none_is_looked_at() -> None:
    """One bad event among too many would otherwise have all of them decoded one by one."""
    envelope = decode(body_of(*[GOOD] * MOST, 7))
    assert (envelope.total, envelope.events, envelope.rejections) == (MOST + 1, [], [])
    assert len(decode(body_of(*[GOOD] * (MOST - 1), 7)).events) == MOST - 1
    assert len(decode(body_of(*[GOOD] * (MOST + 1))).events) == MOST + 1
