"""The thread that takes what waits to the server, and from time to time the client's account of itself."""

from collections.abc import Callable
from threading import RLock, Thread
from typing import Any

from chatvitals.client.delivery import Batch, Delivery, batches_of, unsent
from chatvitals.client.entry import encode_entry
from chatvitals.client.once import Once
from chatvitals.client.outbox import Outbox
from chatvitals.clock import Clock

ACCOUNT_EVERY_S = 60.0


class Courier:
    """Started with the first event that waits, so that a process that only forks has no thread."""

    def __init__(
        self,
        outbox: Outbox,
        delivery: Delivery,
        once: Once,
        context: dict[str, Any],
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._outbox = outbox
        self._delivery = delivery
        self._once = once
        self._context = context
        self._clock = clock
        self._monotonic = monotonic
        self._accounted_s = monotonic()
        self._thread: Thread | None = None
        self._starting = RLock()

    def ensure_started(self) -> None:
        """Start the thread, once. Where the interpreter starts no more threads, it stays unstarted."""
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is None:
                thread = Thread(target=self._run, name="chatvitals-client", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:
                    self._once.warn("thread", f"events wait, for no thread can be started: {error}")
                else:
                    self._thread = thread

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread's end; True where there is none any more."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while entries := self._outbox.take():
            for batch in batches_of(entries):
                self._settle(batch)
            self._outbox.done(len(entries))
            if self._monotonic() - self._accounted_s >= ACCOUNT_EVERY_S:
                self._account()
        if not self._outbox.abandoned:
            self._account()
        self._delivery.close()

    def _settle(self, batch: Batch) -> None:
        fate = unsent(batch) if self._outbox.abandoned else self._delivery.deliver(batch)
        self._outbox.tally(fate.taken, fate.lost)
        for reason, lost in fate.lost.items():
            self._once.warn(reason, f"{lost} events were {reason}: {fate.explanation}")

    def _account(self) -> None:
        """Send an account of the events since the last one. It is not an event that it counts itself."""
        self._accounted_s = self._monotonic()
        account = self._outbox.account()
        if account is None:
            return
        sent, dropped = account
        fields = {"recorded": sent + sum(dropped.values()), "sent": sent, "dropped": dropped or None}
        for batch in batches_of([encode_entry("sdk", {"timestamp": self._clock(), **fields}, self._context)]):
            self._delivery.deliver(batch)
