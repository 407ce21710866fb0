"""kill -9 at any moment of the outbox: each notification is delivered at least once, and at most once more."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from tests.support.collector import Collector
from tests.support.notifications import notification
from tests.support.postman_process import receiver_of, start_postman
from tests.support.server import wait_until

from chatvitals.clock import system_clock
from chatvitals.notify.letters import letters_of
from chatvitals.store.control.database import open_database
from chatvitals.store.control.outbox import LetterStatus, Outbox, insert_letters

ROUNDS = int(os.environ.get("CHATVITALS_KILL_ROUNDS", "50"))
SEED = int(os.environ.get("CHATVITALS_KILL_SEED", str(random.SystemRandom().randrange(1 << 32))))
CHANNELS = 2
NOTIFICATIONS = 4
STEP_MS = 60_000
"""How much later it is by the clock of each process: whatever one before it took, is due again."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def kill9(process: ForkServerProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()


@pytest.mark.slow
def test_every_notification_is_delivered_once_and_at_most_once_more(tmp_path: Path, collector: Collector) -> None:
    print(f"CHATVITALS_KILL_SEED={SEED} CHATVITALS_KILL_ROUNDS={ROUNDS}")  # noqa: T201 - to repeat a failure
    dice, url = random.Random(SEED), f"sqlite:///{tmp_path / 'control.sqlite'}"
    database = open_database(url)
    outbox, receiver = Outbox(database), receiver_of(f"http://127.0.0.1:{collector.port}", CHANNELS)
    again = interrupted = 0
    longest_s = 0.0
    """How long the last process was about all that it had to deliver: within that time the next one is killed."""
    for number in range(ROUNDS):
        first = number * NOTIFICATIONS
        sent = [notification(first + place, thread=f"thread-{place % 3}") for place in range(NOTIFICATIONS)]
        now = system_clock()
        with database.begin() as connection:
            for message in sent:
                insert_letters(connection, letters_of(message, receiver, now))

        process = start_postman(url, receiver, 2 * number * STEP_MS)
        threading.Event().wait(dice.uniform(0, longest_s))  # the moment of the kill is what is drawn
        kill9(process)
        interrupted += any(letter.status == "waiting" for letter in outbox.find(NOTIFICATIONS * CHANNELS))

        started_s = time.monotonic()
        process = start_postman(url, receiver, (2 * number + 1) * STEP_MS)
        wait_until(lambda: not outbox.find(1, LetterStatus.WAITING), "all is delivered")
        longest_s = max(time.monotonic() - started_s, longest_s * 0.8)
        kill9(process)

        came = Counter((request.path, request.headers["webhook-id"]) for request in collector.requests)
        collector.requests.clear()
        expected = {(f"/{channel}", message.id) for message in sent for channel in range(CHANNELS)}
        assert came.keys() == expected, "each at least once"
        assert max(came.values()) <= 2, "and at most once more"
        doubled = came.total() - len(expected)
        assert doubled <= CHANNELS, "a channel has one under way"
        again += doubled
    assert {letter.status for letter in outbox.find(10_000)} == {"delivered"}
    # the test means something only if the kills met letters in every state
    assert interrupted > ROUNDS / 5
    assert again, "no letter was on its way when it was struck"
    database.dispose()
