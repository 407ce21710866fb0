"""Decoding what widgets send: a batch, or the single form of the first version.

The fast way decodes and validates a whole batch at once. If that fails, each event is looked at by itself, so
that a bad one is answered with its index, field and reason, and its neighbours are kept.
"""

import re
from array import array
from typing import Annotated, Any
from uuid import UUID, uuid4
from zlib import crc32

import msgspec
from msgspec import Meta, Raw, Struct, ValidationError

from chatvitals.catalogue.dimensions import Context
from chatvitals.catalogue.kinds import KINDS, AnyEvent, Event
from chatvitals.catalogue.limits import SampleRate, Timestamp
from chatvitals.errors import BadRequest
from chatvitals.ingest.delivery import Rejection
from chatvitals.ingest.first_version import FIRST_VERSION_TYPES, single_event

WriteKeyText = Annotated[str, Meta(max_length=256)]


class _Head(Struct, kw_only=True, rename="camel", gc=False):
    key: WriteKeyText | None = None
    batch: UUID
    sent_at: Timestamp
    sample: SampleRate = 1.0
    context: Context = msgspec.field(default_factory=Context)


class Batch(_Head, kw_only=True, gc=False):
    """A batch, every event of it valid."""

    events: list[AnyEvent]


class _LooseBatch(_Head, kw_only=True, gc=False):
    events: list[Raw]


class _Single(Struct, kw_only=True):
    type: str
    metric: dict[str, Any]


class Envelope(Struct, gc=False):
    """What came: the batch's head, its good events with their places (None while 0, 1, 2…), and the bad ones.

    `total` is how many events came. Where that is more than may come, none of them need have been looked at.
    """

    key: str | None
    batch: bytes
    sent_ms: float
    sample: float
    context: Context
    events: list[Any]
    positions: list[int] | None
    rejections: list[Rejection]
    total: int

    def fingerprint(self) -> int:
        """Tells two batches of the same id apart, if their events differ; the same for each retry of one."""
        return crc32(array("d", [event.timestamp for event in self.events]).tobytes())


_decode_batch = msgspec.json.Decoder(Batch).decode
_decode_loose = msgspec.json.Decoder(_LooseBatch).decode
_decode_event = msgspec.json.Decoder(AnyEvent).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_decode_keys = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_single = msgspec.json.Decoder(_Single).decode

DecodingError = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def decode_envelope(body: bytes, now_ms: int, most_events: int) -> Envelope:
    """Decode a request's body; `now_ms` stands in for times that a single form leaves out. Raises BadRequest.

    Of more than `most_events` events, bad ones among them, each isn't looked at: they are going to be refused.
    """
    try:
        batch = _decode_batch(body)
    except DecodingError:
        return _decode_slowly(mend_surrogates(body), now_ms, most_events)
    return _envelope(batch, batch.events, None, [], len(batch.events))


def _envelope(
    head: _Head, events: list[Any], positions: list[int] | None, rejections: list[Rejection], total: int
) -> Envelope:
    return Envelope(
        head.key, head.batch.bytes, head.sent_at, head.sample, head.context, events, positions, rejections, total
    )


def _decode_slowly(body: bytes, now_ms: int, most_events: int) -> Envelope:
    try:
        keys = _decode_keys(body)
    except ValidationError as error:
        raise BadRequest("the body is not a JSON object") from error
    except DecodingError as error:
        raise BadRequest(f"the body is not valid JSON: {_plain(error)}") from error
    if "type" in keys and "events" not in keys:
        return _decode_first_version(body, now_ms)
    try:
        loose = _decode_loose(body)
    except ValidationError as error:
        raise _bad_request(error, _count(keys.get("events"))) from error
    except DecodingError as error:
        raise BadRequest(f"the body is not valid JSON: {_plain(error)}") from error
    total = len(loose.events)
    if total > most_events:
        return _envelope(loose, [], None, [], total)
    events: list[Event] = []
    positions: list[int] = []
    rejections: list[Rejection] = []
    for index, raw in enumerate(loose.events):
        try:
            events.append(_decode_event(raw))
            positions.append(index)
        except DecodingError as error:
            rejections.append(rejection_of(index, error))
    return _envelope(loose, events, positions if rejections else None, rejections, total)


def _count(events: Raw | None) -> int:
    """How many events a batch has whose head is wrong: they are counted, not looked at. 1 where there is no list."""
    try:
        return 1 if events is None else len(_decode_list(events))
    except DecodingError:
        return 1


def _decode_first_version(body: bytes, now_ms: int) -> Envelope:
    try:
        single = _decode_single(body)
    except DecodingError as error:
        raise _bad_request(error) from error
    if single.type not in FIRST_VERSION_TYPES:
        raise BadRequest(f"type is {single.type[:40]!r}; known ones are {', '.join(FIRST_VERSION_TYPES)}", "type")
    events: list[Any] = []
    rejections: list[Rejection] = []
    session = single.metric.get("sessionId")
    try:
        events.append(single_event(single.type, single.metric, now_ms))
    except DecodingError as error:
        rejections.append(rejection_of(0, error))
    context = Context(session_id=session[:256] if isinstance(session, str) else "")
    return Envelope(None, uuid4().bytes, now_ms, 1.0, context, events, [0] if rejections else None, rejections, 1)


_AT = re.compile(r" - at `\$(.*)`$")
_FIELD = re.compile(r"\bfield `(\w+)`")


def _where(message: str) -> tuple[str, str]:
    """Split msgspec's message into the path of the field, and what is wrong there."""
    at = _AT.search(message)
    path = at[1].lstrip(".") if at else ""
    told = message[: at.start()] if at else message
    missing = _FIELD.search(told)
    if missing:
        path = f"{path}.{missing[1]}".lstrip(".")
    return path, told


def _bad_request(error: BaseException, events: int = 1) -> BadRequest:
    path, told = _where(str(error))
    return BadRequest(f"{path or 'the body'}: {told[0].lower()}{told[1:]}", path or None, events)


def _plain(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error)


def rejection_of(index: int, error: BaseException) -> Rejection:
    """Say which field of event `index` is wrong and why, in one of a few words and in full."""
    path, told = _where(_plain(error))
    if not isinstance(error, ValidationError):
        return Rejection(index, path, "malformed", told)
    if path == "kind":
        reason = "missing_field" if "missing" in told else "unknown_kind"
        return Rejection(index, "kind", reason, f"{told}; known kinds are {', '.join(KINDS)}")
    if "missing required field" in told:
        reason = "missing_field"
    elif "enum value" in told:
        reason = "unknown_value"
    elif any(sign in told for sign in (">=", "<=", " > ", " < ", "out of range", "of length")):
        reason = "out_of_range"
    else:
        reason = "wrong_type"
    return Rejection(index, path, reason, told)


_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S
)


def mend_surrogates(body: bytes) -> bytes:
    """Replace escaped halves of surrogate pairs, which browsers write for text cut within an emoji, by U+FFFD."""
    return _ESCAPE.sub(lambda escape: b"\\ufffd" if escape[1] else escape[0], body)
