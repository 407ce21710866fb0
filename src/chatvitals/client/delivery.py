"""Bringing one batch to the server: again, under the same id, until there is an answer that settles it."""

from collections.abc import Callable
from gzip import compress
from http import HTTPStatus
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from msgspec import Raw, Struct

from chatvitals.client.connection import BROKEN, Answer, Connection
from chatvitals.client.entry import Entry
from chatvitals.client.once import Once
from chatvitals.clock import Clock

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
LONGEST_ASKED_S = 600.0
"""A `Retry-After` beyond it is taken for a mistake."""

Pause = Callable[[float], bool]
"""Waits so many seconds; False where there is no more waiting."""

_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class Batch(NamedTuple):
    """What travels together. The server takes each id once, so a batch may be sent as often as it needs."""

    id: UUID
    context: bytes
    events: list[bytes]


def batches_of(entries: list[Entry]) -> list[Batch]:
    """Batches of a context each, in the order in which the contexts came."""
    by_context: dict[bytes, list[bytes]] = {}
    for entry in entries:
        by_context.setdefault(entry.context, []).append(entry.event)
    return [Batch(uuid4(), context, events) for context, events in by_context.items()]


class Fate(NamedTuple):
    """What became of a batch: how many events were taken, and why others weren't, each reason with their number.

    `explanation` says it in the server's words.
    """

    taken: int
    lost: dict[str, int]
    explanation: str = ""


def unsent(batch: Batch) -> Fate:
    """The fate of a batch that nothing waits for any longer."""
    return Fate(0, {"unsent": len(batch.events)}, "the client closed before the server took them")


class _Body(Struct, rename="camel"):
    key: str
    batch: UUID
    sent_at: int
    context: Raw
    events: list[Raw]


class _Rejection(Struct):
    field: str = ""
    reason: str = ""
    detail: str = ""


class _Taken(Struct):
    rejected: list[_Rejection] = []


class _Problem(Struct):
    detail: str


class Delivery:
    """Delivers batches, one at a time."""

    def __init__(self, connection: Connection, key: str, clock: Clock, pause: Pause, dice: Random, once: Once) -> None:
        self._connection = connection
        self._key = key
        self._clock = clock
        self._pause = pause
        self._dice = dice
        self._once = once

    def deliver(self, batch: Batch) -> Fate:
        """Send a batch until it is taken, refused for good, or there is no more waiting."""
        backoff_s = FIRST_PAUSE_S
        while True:
            try:
                answer = self._attempt(batch)
            except BROKEN as error:
                asked_s, why = 0.0, str(error) or type(error).__name__
            else:
                if not _try_again(answer.status):
                    return _settled(batch, answer)
                asked_s, why = min(answer.retry_after_s, LONGEST_ASKED_S), _explanation(answer)
            self._once.warn("waiting", f"events wait, for the server takes none at the moment: {why}")
            # On top of what the server asks for, or all that were refused together come back together.
            if not self._pause(asked_s + backoff_s * self._dice.uniform(0.5, 1.0)):
                return unsent(batch)
            backoff_s = min(2 * backoff_s, LONGEST_PAUSE_S)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _attempt(self, batch: Batch) -> Answer:
        """Send a batch once. Raises those of BROKEN."""
        events = [Raw(event) for event in batch.events]
        # Made anew each time: the server corrects our clock by the difference to when this was sent.
        body = _Body(self._key, batch.id, self._clock(), Raw(batch.context), events)
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        return self._connection.post(compress(msgspec.json.encode(body), 1, mtime=0), headers)


def _try_again(status: int) -> bool:
    return status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _settled(batch: Batch, answer: Answer) -> Fate:
    if answer.status != HTTPStatus.ACCEPTED:
        return Fate(0, {"refused": len(batch.events)}, _explanation(answer))
    try:
        rejected = msgspec.json.decode(answer.body, type=_Taken).rejected
    except (msgspec.MsgspecError, UnicodeDecodeError):
        rejected = []  # the status alone says that the batch is kept
    if not rejected:
        return Fate(len(batch.events), {})
    first = rejected[0]
    explanation = f"{first.field}: {first.detail or first.reason}"
    return Fate(len(batch.events) - len(rejected), {"rejected": len(rejected)}, explanation)


def _explanation(answer: Answer) -> str:
    """The status, and what a problem document (RFC 9457) says, or the beginning of another answer."""
    try:
        detail = msgspec.json.decode(answer.body, type=_Problem).detail[:500]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        detail = repr(answer.body[:200].decode(errors="replace"))
    return f"{answer.status} {detail}"
