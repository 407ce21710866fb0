"""Sending until there is an answer, to a server that may be slow, busy, away or unwilling."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from gzip import compress

import msgspec

from chatvitals.simulator.dice import Dice
from chatvitals.simulator.http import FateUnknownError, HttpConnection, NotDeliveredError

Clock = Callable[[], float]
"""Tells Unix milliseconds."""

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
GIVE_UP_MS = 300_000.0
NOT_TAKEN = (429, 503)
"""Statuses by which a server says that it did not take the request, and would later."""


HOPELESS = (401, 403, 404)
"""Statuses that won't change by themselves: a wrong key or address."""


class HopelessError(Exception):
    """The server doesn't take what is sent, and waiting won't change that."""


class Rejection(msgspec.Struct):
    """An event that the server didn't take: its place in the request, the field and the reason."""

    index: int
    field: str | None = None
    reason: str = ""

    def moved(self, by: int) -> "Rejection":
        return Rejection(self.index + by, self.field, self.reason)


class Answer(msgspec.Struct):
    """The body of a 202."""

    accepted: int
    rejected: list[Rejection] = []
    duplicates: int = 0


class Fate(Enum):
    """What became of a request."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Outcome:
    """How the sending of one request went, kept up to date while it goes on.

    `waited_ms` is the longest time that an attempt took from its body to its answer or its end.
    """

    fate: Fate = Fate.REFUSED
    answer: Answer | None = None
    status: int | None = None
    detail: str = ""
    attempts: int = 0
    waited_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """`body` is made anew for every attempt, because it says when it is sent."""

    path: str
    body: Callable[[], bytes]
    content_type: str
    gzipped: bool = False


async def send(connection: HttpConnection, request: Request, outcome: Outcome, *, clock: Clock, dice: Dice) -> None:
    """Send a request, again while the server is away or busy, and write into `outcome` what became of it.

    Gives up after five minutes. Cancelled, it leaves the outcome as far as it is known.
    """
    first_ms, wait_s = clock(), FIRST_WAIT_S
    while True:
        asked_s = await _attempt(connection, request, outcome, clock)
        if asked_s is None:
            return
        pause_s = asked_s or wait_s * dice.between(0.5, 1.0)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        if clock() + pause_s * 1_000 - first_ms > GIVE_UP_MS:
            return
        await asyncio.sleep(pause_s)


async def _attempt(connection: HttpConnection, request: Request, outcome: Outcome, clock: Clock) -> float | None:
    """Send once; return None where that settles it, else how many seconds to wait, 0 where nothing says."""
    outcome.attempts += 1
    body = request.body()
    if request.gzipped:
        body = compress(body, 1)
    known = outcome.fate
    outcome.fate = Fate.UNKNOWN
    sent_ms = clock()
    try:
        response = await connection.post(request.path, body, request.content_type, gzipped=request.gzipped)
    except NotDeliveredError as error:
        outcome.fate, outcome.detail = known, str(error)
        return 0.0
    except FateUnknownError as error:
        outcome.detail = str(error)
        return 0.0
    finally:
        outcome.waited_ms = max(outcome.waited_ms, clock() - sent_ms)
    outcome.status = response.status
    outcome.detail = response.body[:300].decode(errors="replace")
    if response.status == 202:
        with suppress(msgspec.MsgspecError):
            outcome.answer = msgspec.json.decode(response.body, type=Answer)
            outcome.fate = Fate.ACKNOWLEDGED
        return None
    if response.status >= 500 and response.status not in NOT_TAKEN:
        return 0.0
    outcome.fate = known
    return (response.retry_after_s or 0.0) if response.status in NOT_TAKEN else None
