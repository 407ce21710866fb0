"""The client as back ends use it: what they can tell, and what becomes of it on the wire."""

import atexit
import os
import time
from collections.abc import Callable, Mapping
from random import Random, SystemRandom
from typing import Any, Literal, Self, TypedDict, Unpack
from weakref import WeakSet

from chatvitals.catalogue.dimensions import Context
from chatvitals.client.connection import Connection
from chatvitals.client.courier import Courier
from chatvitals.client.delivery import Delivery, Pause
from chatvitals.client.entry import encode_entry
from chatvitals.client.once import Once
from chatvitals.client.outbox import Outbox
from chatvitals.clock import Clock, system_clock

EXIT_S = 2.0
"""How long the end of the interpreter may wait for all clients together."""

LAST_WORDS_S = 0.2
"""How long a thread that was told to give up may take to do so."""


class Whose(TypedDict, total=False):
    """Whose message it is, as far as the back end was told; texts, each of them optional.

    `session_id` is the SDK's of the visit; events of a session travel in a request of their own. The others are
    dimensions, and stand in for those of the client.
    """

    session_id: str | None
    customer: str | None
    release: str | None
    variant: str | None
    page: str | None


class Client:
    """Tells a chatvitals server what the back end of a widget knows of its conversations.

    Every method returns at once and never raises: an event is checked and queued, and a thread sends it. What can't be
    sent is tried again until it is taken, refused, or the client is closed; the server counts it once. At most
    `max_queued` events wait, and more are dropped; `dropped` says how many, and so does an `sdk` event. In a forked
    child the client starts empty, and what waits stays with the parent.

    `customer` and `release` hold for events that name none. A request may take `timeout_s` seconds. `clock`,
    `monotonic` (seconds), `dice` (for jitter) and `pause` are there for tests.

    Raises:
        ValueError: if `endpoint` is no URL of HTTP, `key` is empty, or another argument is out of its limits.
    """

    def __init__(
        self,
        endpoint: str,
        key: str,
        *,
        customer: str | None = None,
        release: str | None = None,
        max_queued: int = 10_000,
        timeout_s: float = 10.0,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        dice: Random | None = None,
        pause: Pause | None = None,
    ) -> None:
        if not key:
            raise ValueError("the write key is empty")
        key.encode()  # or the thread would raise it
        if max_queued < 1 or timeout_s <= 0:
            raise ValueError("max_queued has to be at least 1, and timeout_s more than 0")
        self._context = _given({"customer": customer, "release": release})
        encode_entry("sdk", {"timestamp": 0, "recorded": 0, "sent": 0}, self._context)
        self._endpoint, self._key, self._max_queued, self._timeout_s = endpoint, key, max_queued, timeout_s
        self._clock, self._monotonic, self._pause = clock, monotonic, pause
        self._dice = dice or SystemRandom()  # not one that forked children would share
        self._once = Once()
        self._assemble()
        _clients.add(self)

    def _assemble(self) -> None:
        self._connection = Connection(self._endpoint, self._timeout_s)
        self._outbox = Outbox(self._max_queued)
        pause = self._pause or self._outbox.pause
        delivery = Delivery(self._connection, self._key, self._clock, pause, self._dice, self._once)
        self._courier = Courier(self._outbox, delivery, self._once, self._context, self._clock, self._monotonic)

    # the ledger

    def received(
        self,
        conversation_id: str,
        ordinal: int,
        *,
        server_ordinal: int | None = None,
        latency_ms: float | None = None,
        duplicate: bool | None = None,
        **whose: Unpack[Whose],
    ) -> None:
        """The back end has the widget's message number `ordinal`: a `message` of stage `received`.

        `server_ordinal` is the number that it has here, where that is another. `duplicate` says whether it was here
        before. `latency_ms` from its sending to its arrival counts into `delivery.messages.*Latency`.
        """
        self._message("received", conversation_id, ordinal, server_ordinal, latency_ms, duplicate, whose)

    def acked(
        self,
        conversation_id: str,
        ordinal: int,
        *,
        server_ordinal: int | None = None,
        latency_ms: float | None = None,
        duplicate: bool | None = None,
        **whose: Unpack[Whose],
    ) -> None:
        """The back end confirmed the widget's message number `ordinal`: a `message` of stage `acked`.

        Only where the widget doesn't tell this itself: `delivery.messages.ackRate` counts each `acked` that it gets. So
        that a message that came twice isn't counted twice, a `duplicate` becomes stage `received`. Give the release and
        what else figures are broken down by: the rate of a release counts the acknowledgements that name it.
        """
        stage: Literal["acked", "received"] = "received" if duplicate else "acked"
        self._message(stage, conversation_id, ordinal, server_ordinal, latency_ms, duplicate, whose)

    def server_ordinal(self, conversation_id: str, ordinal: int, **whose: Unpack[Whose]) -> None:
        """The conversation here goes up to message number `ordinal`, whoever wrote that: an agent, a bot, the visitor.

        A `message` of stage `received`, with `ordinal` as its own and as the server's ordinal. To be told when the back
        end puts a message down; what the widget doesn't show later is missing there.
        """
        self._message("received", conversation_id, ordinal, ordinal, None, None, whose)

    def _message(
        self,
        stage: Literal["acked", "received"],
        conversation_id: str,
        ordinal: int,
        server_ordinal: int | None,
        latency_ms: float | None,
        duplicate: bool | None,
        whose: Whose,
    ) -> None:
        self.record(
            "message",
            stage=stage,
            conversation_id=conversation_id,
            ordinal=ordinal,
            server_ordinal=server_ordinal,
            latency=latency_ms,
            duplicate=duplicate,
            **whose,
        )

    def record(self, kind: str, /, **fields: Any) -> None:
        """Record an event of any kind of the catalogue. `fields` are its fields and dimensions, in `snake_case`.

        `timestamp` is now and `seq` none (-1) unless given: a back end's events are nobody's tab, and where none are
        numbered none seem missing. An event that the server would reject is dropped here, as `invalid`.
        """
        try:
            about = {name: fields.pop(name) for name in Context.__struct_fields__ if name in fields}
            entry = encode_entry(kind, {"timestamp": self._clock(), **fields}, self._context | _given(about))
        except Exception as error:  # whoever records serves a visitor just now
            self._outbox.tally(0, {"invalid": 1})
            self._once.warn("invalid", f"an event was dropped, for it is not valid: {error}")
            return
        reason = self._outbox.put(entry)
        if reason is None:
            self._courier.ensure_started()
        else:
            self._once.warn(reason, f"events are dropped, for the queue is {reason}")

    # its end

    @property
    def sent(self) -> int:
        """How many events the server took."""
        return self._outbox.sent

    @property
    def dropped(self) -> dict[str, int]:
        """How many events were lost, by reason.

        `invalid` ones were wrong here and `rejected` ones at the server; `full` and `closed` say what the queue was;
        `refused` is what the server took none of (a wrong key), `unsent` what the close of the client didn't wait for.
        """
        return self._outbox.dropped

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until what was recorded is with the server.

        Returns whether it is: False after `timeout_s` seconds, and where events were dropped since the last call.
        """
        done = self._outbox.wait_done(timeout_s)
        return not self._outbox.lost_any() and done

    def close(self, timeout_s: float = 5.0) -> bool:
        """Send what waits and an account of it all, and end. What is recorded later is dropped.

        Returns whether everything was taken, as `flush` does. After `timeout_s` seconds what is left is given up.
        """
        self._outbox.close()
        ended = self._courier.join(timeout_s)
        self._outbox.abandon()
        if not ended and not self._courier.join(LAST_WORDS_S):
            self._once.warn("unsent", "events are given up, for the server didn't answer before the client closed")
        return self.flush(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _start_over(self) -> None:
        """In a forked child: the thread is the parent's, and so is everything that waits for it."""
        self._connection.disown()
        self._assemble()


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


_clients: WeakSet[Client] = WeakSet()


def _start_over() -> None:
    for client in list(_clients):
        client._start_over()


def _close_all() -> None:
    """At the interpreter's end, which must not hang because a server does."""
    ends_s = time.monotonic() + EXIT_S
    for client in list(_clients):
        client.close(max(0.0, ends_s - time.monotonic()))


os.register_at_fork(after_in_child=_start_over)
atexit.register(_close_all)
