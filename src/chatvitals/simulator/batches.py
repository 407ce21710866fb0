"""Batches as an SDK makes them: cut by time, by size and by page, each with what its page and browser are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from operator import itemgetter

import msgspec

from chatvitals.simulator.faults.harm import Stricken, envelope_for, strike_events
from chatvitals.simulator.story.scene import Event, Scene
from chatvitals.simulator.story.session import Tab

FLUSH_MS = 5_000
"""A batch waits this long after its first event."""
FLUSH_EVENTS = 50

_encode = msgspec.json.Encoder().encode
_in_time_order = itemgetter("timestamp")


@dataclass(slots=True)
class Batch:
    """Some events of one tab on one page, encoded.

    `due_ms` is when it is sent, in ms from the start of the simulation. `context` is a JSON object, `events`
    are JSON objects whose timestamps are on the client's clock, `skew_ms` ahead. `copies` times it is sent.
    """

    id: str
    due_ms: float
    context: bytes
    events: list[bytes]
    kinds: list[str]
    copies: int = 1
    skew_ms: int = 0

    def flat_events(self) -> list[bytes]:
        """Each event with the context in one JSON object, by the true time."""
        head = self.context[:-1] + b","
        flat = [head + event[1:] for event in self.events]
        return [_set_right(event, self.skew_ms) for event in flat] if self.skew_ms else flat


def _set_right(event: bytes, skew_ms: int) -> bytes:
    fields = msgspec.json.decode(event)
    fields["timestamp"] -= skew_ms
    return _encode(fields)


def cut(scene: Scene, from_ms: float, start_ms: int, stricken: Stricken) -> Iterator[Batch]:
    """Cut what happens in a scene into batches, in the order of time and numbered by tab.

    What was sent before `from_ms` is left out. `start_ms` is the start of the simulation in Unix ms.
    """
    dimensions = scene.session.visitor.dimensions() | {"page": scene.page.path}
    events = scene.events
    events.sort(key=_in_time_order)
    if stricken:
        strike_events(events, stricken, dimensions)
        events.sort(key=_in_time_order)
    context = _encode({"sessionId": scene.session.id, "tabId": scene.tab.id} | dimensions)
    for due_ms, part in _flushes(events, scene.ends_ms):
        if due_ms >= from_ms:
            yield _batch(scene.tab, due_ms, context, part, start_ms, stricken, dimensions)


def _flushes(events: list[Event], page_ends_ms: float) -> Iterator[tuple[float, list[Event]]]:
    """Part events by when their batch is sent: after some time, when it is full, or when the page is left."""
    first = 0
    while first < len(events):
        opened, last = events[first]["timestamp"], first
        while last < len(events) and last - first < FLUSH_EVENTS and events[last]["timestamp"] <= opened + FLUSH_MS:
            last += 1
        full = last - first == FLUSH_EVENTS
        closes = events[last - 1]["timestamp"] if full else min(opened + FLUSH_MS, page_ends_ms)
        yield max(closes, events[last - 1]["timestamp"]), events[first:last]
        first = last


def _batch(
    tab: Tab,
    due_ms: float,
    context: bytes,
    events: list[Event],
    start_ms: int,
    stricken: Stricken,
    dimensions: Mapping[str, str],
) -> Batch:
    envelope = envelope_for(due_ms, stricken, dimensions)
    offset, seq = start_ms + envelope.skew_ms, tab.next_seq
    encoded = []
    for event in events:
        event["timestamp"] += offset
        event["seq"] = seq
        seq += 1
        if event["kind"] == "sdk":
            event["recorded"] = event["sent"] = seq
        encoded.append(_encode(event))
    tab.next_seq = seq
    tab.batches += 1
    return Batch(
        id=_uuid(f"{tab.id}/{tab.batches}"),
        due_ms=due_ms,
        context=context,
        events=encoded,
        kinds=[event["kind"] for event in events],
        copies=envelope.copies,
        skew_ms=envelope.skew_ms,
    )


def _uuid(name: str) -> str:
    """A version 4 UUID that is always the same for a name."""
    digits = blake2b(name.encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
