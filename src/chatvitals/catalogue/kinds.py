"""The kinds of event that a widget sends: one struct a kind, which is its validator and its documentation.

Every field names, where it is not the field's own, the column of the events table that carries it: columns
are shared between kinds, so that a row stays narrow (`columns.py` holds them and says why).
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from chatvitals.catalogue.limits import (
    Bytes,
    CloseCode,
    Count,
    CountsByReason,
    FramesPerSecond,
    HttpStatus,
    Identifier,
    LayoutShift,
    Milliseconds,
    Share,
    Text,
    Timestamp,
)


def _in(column: str) -> Meta:
    """Say which column of the events table carries a field."""
    return Meta(extra={"column": column})


Operation = Literal["save", "restore", "sync", "delete", "navigation"]

StorageArea = Literal["localStorage", "sessionStorage", "indexedDB", "memory", "server"]

NavigationType = Literal["hard", "soft", "bfcache"]

Hop = Literal["save", "restore", "sync", "render", "delivery"]
"""Where on its way a message was lost."""

MemorySource = Literal["performance.memory", "measureUserAgentSpecificMemory"]

MessageStage = Literal["sent", "acked", "received", "rendered"]

StreamOutcome = Literal["complete", "aborted", "truncated", "orphaned", "resumed"]

BootStage = Literal["requested", "script", "frame", "ready", "failed"]

BootReason = Literal["blocked", "csp", "consent", "storage", "error"]

Policy = Literal["persist", "session", "ephemeral"]
"""How long the widget promises to keep a conversation; a loss is a loss against this promise."""


class Event(Struct, kw_only=True, gc=False, rename="camel", tag_field="kind"):
    """What every event carries.

    `timestamp` is the client's clock in Unix milliseconds; `seq` is the ordinal of the event in its tab,
    from 0 without gaps, -1 where the sender keeps none.
    """

    timestamp: Timestamp
    seq: Annotated[int, Meta(ge=-1, le=2_000_000_000)] = -1


class Persistence(Event, tag="persistence"):
    """One operation on the stored conversation. `duration` in ms, `quota_used` as a share of the quota."""

    operation: Annotated[Operation, _in("label")]
    success: bool
    duration: Milliseconds
    error_type: Annotated[Text | None, _in("error_type")] = None
    storage: Annotated[StorageArea | None, _in("detail")] = None
    bytes: Annotated[Bytes | None, _in("bytes")] = None
    quota_used: Annotated[Share | None, _in("number1")] = None


class Restoration(Event, tag="restoration"):
    """A session was restored at start, or should have been. `expected` and `restored` count messages."""

    success: bool
    duration: Milliseconds
    expected: Annotated[Count | None, _in("count1")] = None
    restored: Annotated[Count | None, _in("count2")] = None
    identity_matches: Annotated[bool | None, _in("flag")] = None
    cause: Annotated[Text | None, _in("detail")] = None


class Navigation(Event, tag="navigation"):
    """The conversation crossed a page change. `origin` and `target` are paths, `from` and `to` on the wire."""

    preserved: Annotated[bool, _in("success")]
    type: Annotated[NavigationType | None, _in("label")] = None
    origin: Annotated[Text | None, _in("detail")] = field(name="from", default=None)
    target: Annotated[Text | None, _in("text")] = field(name="to", default=None)
    expected: Annotated[Count | None, _in("count1")] = None
    found: Annotated[Count | None, _in("count2")] = None


class Loss(Event, tag="loss"):
    """A data-loss incident: `lost` messages, known to have existed, were not found again."""

    conversation_id: Annotated[Identifier, _in("conversation")]
    lost: Annotated[Count, _in("count1")]
    hop: Annotated[Hop, _in("label")]
    first_seq: Annotated[Count | None, _in("count2")] = None
    last_seq: Annotated[Count | None, _in("count3")] = None
    error_type: Annotated[Text | None, _in("error_type")] = None


class Render(Event, tag="render"):
    """A message was put on screen, `render_time` ms after it was handed to the list."""

    render_time: Annotated[Milliseconds, _in("duration")]
    content_length: Annotated[Count | None, _in("count1")] = None
    message_count: Annotated[Count | None, _in("count2")] = None


class Scroll(Event, tag="scroll"):
    """One scroll of the message list: mean and lowest frames per second, frames, and those that came late."""

    fps: Annotated[FramesPerSecond, _in("number1")]
    min_fps: Annotated[FramesPerSecond | None, _in("number2")] = None
    frames: Annotated[Count | None, _in("count1")] = None
    late_frames: Annotated[Count | None, _in("count2")] = None
    duration: Milliseconds | None = None


class Memory(Event, tag="memory"):
    """A snapshot of the script heap, every 30 s with jitter."""

    used_bytes: Annotated[Bytes, _in("bytes")]
    limit_bytes: Annotated[Bytes | None, _in("bytes_limit")] = None
    source: Annotated[MemorySource | None, _in("label")] = None
    dom_nodes: Annotated[Count | None, _in("count1")] = None


class TabSync(Event, tag="tabSync"):
    """One change of state, seen in another tab `latency` ms later."""

    latency: Annotated[Milliseconds, _in("duration")]
    success: bool
    tabs: Annotated[Count | None, _in("count1")] = None


class Api(Event, tag="api"):
    """One call of the widget to its backend; `endpoint` is a route template. `cached` unknown stays unknown."""

    endpoint: Annotated[Text, _in("detail")]
    duration: Milliseconds
    success: bool
    method: Annotated[Text | None, _in("label")] = None
    status: Annotated[HttpStatus | None, _in("count1")] = None
    cached: Annotated[bool | None, _in("flag")] = None


class Bundle(Event, tag="bundle"):
    """The widget's own script and style files."""

    load_time: Annotated[Milliseconds, _in("duration")]
    size: Annotated[Bytes | None, _in("bytes")] = None
    cached: Annotated[bool | None, _in("flag")] = None


class Message(Event, tag="message"):
    """One step of one message in the conversation ledger: its ordinal in the conversation, never its content."""

    stage: Annotated[MessageStage, _in("label")]
    ordinal: Annotated[Count, _in("count1")]
    conversation_id: Annotated[Identifier | None, _in("conversation")] = None
    latency: Annotated[Milliseconds | None, _in("duration")] = None
    duplicate: Annotated[bool | None, _in("flag")] = None
    server_ordinal: Annotated[Count | None, _in("count2")] = None


class Connection(Event, tag="connection"):
    """The live channel. `gap` counts the messages missed while away, `recovered` says whether they came after."""

    success: bool
    duration: Milliseconds | None = None
    reconnects: Annotated[Count | None, _in("count1")] = None
    close_code: Annotated[CloseCode | None, _in("count2")] = None
    gap: Annotated[Count | None, _in("count3")] = None
    recovered: Annotated[bool | None, _in("flag")] = None


class Stream(Event, tag="stream"):
    """One streamed answer. Times in ms from the request."""

    outcome: Annotated[StreamOutcome, _in("label")]
    first_chunk: Annotated[Milliseconds | None, _in("number1")] = None
    first_paint: Annotated[Milliseconds | None, _in("number2")] = None
    longest_stall: Annotated[Milliseconds | None, _in("number3")] = None
    chunks: Annotated[Count | None, _in("count1")] = None
    late_frames: Annotated[Count | None, _in("count2")] = None


class Boot(Event, tag="boot"):
    """One stage of the start-up funnel."""

    stage: Annotated[BootStage, _in("label")]
    duration: Milliseconds | None = None
    reason: Annotated[BootReason | None, _in("detail")] = None


class Error(Event, tag="error"):
    """An error inside the widget; `message` is scrubbed and cut."""

    type: Annotated[Text, _in("error_type")]
    fingerprint: Annotated[Text | None, _in("detail")] = None
    message: Annotated[Text | None, _in("text")] = None
    handled: Annotated[bool | None, _in("flag")] = None


class Host(Event, tag="host"):
    """What the widget costs the page it is a guest on. Times in ms; `holdout` marks a delayed load."""

    inp: Annotated[Milliseconds | None, _in("number1")] = None
    lcp: Annotated[Milliseconds | None, _in("number2")] = None
    cls: Annotated[LayoutShift | None, _in("number3")] = None
    blocking_time: Annotated[Milliseconds | None, _in("number4")] = None
    own_blocking_time: Annotated[Milliseconds | None, _in("number5")] = None
    holdout: Annotated[bool | None, _in("flag")] = None


class Storage(Event, tag="storage"):
    """A probe of what this browser lets the widget store."""

    available: Annotated[bool, _in("success")]
    persisted: Annotated[bool | None, _in("flag")] = None
    policy: Annotated[Policy | None, _in("label")] = None
    reason: Annotated[Text | None, _in("detail")] = None
    usage: Annotated[Bytes | None, _in("bytes")] = None
    quota: Annotated[Bytes | None, _in("bytes_limit")] = None


class Sdk(Event, tag="sdk"):
    """The SDK's account of itself: events recorded, sent, and dropped by reason; `per_event_us` in µs."""

    recorded: Annotated[Count, _in("count1")]
    sent: Annotated[Count, _in("count2")]
    dropped: Annotated[CountsByReason | None, _in("text")] = None
    init_ms: Annotated[Milliseconds | None, _in("number1")] = None
    per_event_us: Annotated[Milliseconds | None, _in("number2")] = None


AnyEvent = (
    Persistence
    | Restoration
    | Navigation
    | Loss
    | Render
    | Scroll
    | Memory
    | TabSync
    | Api
    | Bundle
    | Message
    | Connection
    | Stream
    | Boot
    | Error
    | Host
    | Storage
    | Sdk
)

KINDS: dict[str, type[Event]] = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyEvent)}
"""Every kind by the name it has on the wire."""
