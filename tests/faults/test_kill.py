"""kill -9 at random moments under load: what was acknowledged is there exactly once, and nothing is there twice.

CHATVITALS_KILL_ROUNDS=500 makes it a long run; CHATVITALS_KILL_SEED repeats the moments of an earlier one.
"""

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from tests.support.server import Json, Server, batch_of, free_port, make_sites, now_ms, wait_until
from tests.support.wire import Wire

ROUNDS = int(os.environ.get("CHATVITALS_KILL_ROUNDS", "20"))
SEED = int(os.environ.get("CHATVITALS_KILL_SEED", random.randrange(1 << 32)))
SITE = "kill"
SENDERS = 4
LONGEST_UNDER_LOAD_S = 1.0
EVENTS = 12
"""In a batch."""

GIVEN_UP = 0.3
"""Share of the batches of unknown fate that are never sent again."""


@dataclass
class Ledger:
    """Batches by their number and what is known of each. Sets are only added to, so threads may share them."""

    acknowledged: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    retried: set[int] = field(default_factory=set)
    unexpected: list[str] = field(default_factory=list)

    @property
    def sent(self) -> set[int]:
        return self.acknowledged | self.unknown


def events_of(batch: int, moment: int) -> list[Json]:
    """Events that say themselves which they are: by their batch's number and their place in it."""
    renders = [
        {"kind": "render", "timestamp": moment, "renderTime": 4, "contentLength": batch, "messageCount": place}
        for place in range(EVENTS - 4)
    ]
    restorations = [
        {"kind": "restoration", "timestamp": moment, "success": True, "duration": 9, "expected": batch}
        | {"restored": place}
        for place in range(EVENTS - 4, EVENTS)
    ]
    return [*renders, *restorations]


def identity_of(event: Json) -> tuple[int, int]:
    """Batch and place of an exported event."""
    if event["kind"] == "render":
        return event["contentLength"], event["messageCount"]
    return event["expected"], event["restored"]


class Sender(threading.Thread):
    """Sends batch after batch over one connection; one that died with it is sent again, or given up."""

    def __init__(
        self, server: Server, ledger: Ledger, numbers: Iterator[int], stop: threading.Event, seed: str
    ) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._ledger = ledger
        self._numbers = numbers
        self._stop_sending = stop
        self._dice = random.Random(seed)
        self._wire = Wire(f"http://127.0.0.1:{server.port}", timeout_s=10)

    def run(self) -> None:
        while not self._stop_sending.is_set():
            self._deliver(next(self._numbers))
        self._wire.close()

    def _deliver(self, number: int) -> None:
        """Until it is acknowledged, given up, or the test is over."""
        moment, tried = now_ms(), False
        while not self._stop_sending.is_set():
            body = batch_of(SITE, events_of(number, moment), batch=str(UUID(int=number + 1)))
            self._ledger.unknown.add(number)
            try:
                reply = self._wire.post(json.dumps(body).encode())
            except ConnectionRefusedError:
                time.sleep(0.01)  # the server is away: nothing was sent
                continue
            except (OSError, HTTPException):
                if self._dice.random() < GIVEN_UP:
                    return
                tried = True
                continue
            if tried:
                self._ledger.retried.add(number)
            if reply.status == 202 and reply.accepted == EVENTS:
                self._ledger.acknowledged.add(number)
                return
            if reply.status != 503:
                self._ledger.unexpected.append(f"{reply.status}: {reply.answer}")
                return


@contextmanager
def load(server: Server, ledger: Ledger) -> Iterator[None]:
    """Senders at work, whether the server is there or not."""
    stop, numbers = threading.Event(), count()
    senders = [Sender(server, ledger, numbers, stop, f"{SEED}/{name}") for name in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        yield
    finally:
        stop.set()
        for sender in senders:
            sender.join()


@pytest.mark.slow
def test_acknowledged_events_survive_kill9_and_none_is_there_twice(tmp_path: Path) -> None:
    print(f"CHATVITALS_KILL_SEED={SEED} CHATVITALS_KILL_ROUNDS={ROUNDS}")  # noqa: T201 - to repeat a failure
    data, dice, ledger = tmp_path / "data", random.Random(SEED), Ledger()
    make_sites(data, [SITE])
    server = Server(data, port=free_port(), flush_interval_ms=150, commit_interval_ms=5)
    try:
        with load(server, ledger):
            for number in range(ROUNDS):
                server.launch()
                if number % 5 != 4:  # every fifth time it may be struck while it is still taking up the spool
                    server.wait_ready()
                _wait(dice.uniform(0, LONGEST_UNDER_LOAD_S))
                server.kill9()
            server.start()
            before = len(ledger.acknowledged)
            wait_until(lambda: len(ledger.acknowledged) > before, "batches are taken after the last kill")
        check(server, ledger)
        server.kill9()
        server.start()
        check(server, ledger)
    finally:
        server.kill9()


def _wait(seconds: float) -> None:
    """Let the load go on: the moment of the kill is what is drawn, there is nothing to poll for."""
    threading.Event().wait(seconds)


def check(server: Server, ledger: Ledger) -> None:
    """Compare what is in the store with what the senders know."""
    assert not ledger.unexpected
    wait_until(lambda: not list((server.data / "spool").glob("*.spool")), "the spool is empty")
    stored = Counter(map(identity_of, server.export(SITE)))
    twice = [identity for identity, times in stored.items() if times > 1]
    assert not twice, f"{len(twice)} events are there more than once, as {twice[:5]}"
    acknowledged = {(batch, place) for batch in ledger.acknowledged for place in range(EVENTS)}
    lost = acknowledged - stored.keys()
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged events are lost, as {sorted(lost)[:5]}"
    assert {batch for batch, _ in stored} <= ledger.sent
    torn = [batch for batch, places in Counter(batch for batch, _ in stored).items() if places != EVENTS]
    assert not torn, f"batches are there in part: {torn[:5]}"
    assert server.kept(SITE) == len(stored)
    # the test means something only if the kills met batches in every state
    unknown = ledger.unknown - ledger.acknowledged
    assert len(ledger.acknowledged) > 10 * ROUNDS
    assert ledger.retried, "no batch was sent again"
    assert unknown, "no batch was given up"
