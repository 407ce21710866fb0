"""What waits is bounded, and what was recorded is either sent or dropped."""

import time
from threading import Thread

import pytest
from tests.unit.client.scripted import PATIENCE_S

from chatvitals.client.entry import Entry
from chatvitals.client.outbox import MOST_BYTES, MOST_EVENTS, Account, Outbox


def entry(size: int = 1) -> Entry:
    return Entry(b"{}", b"x" * size)


def test_more_than_fit_are_not_put() -> None:
    outbox = Outbox(2)
    assert [outbox.put(entry()) for _ in range(4)] == [None, None, "full", "full"]
    assert outbox.dropped == {"full": 2}
    assert len(outbox.take()) == 2
    assert outbox.put(entry()) is None


def test_a_closed_one_gives_what_it_has_and_takes_nothing() -> None:
    outbox = Outbox(10)
    outbox.put(entry())
    outbox.close()
    assert outbox.put(entry()) == "closed"
    assert len(outbox.take()) == 1
    assert outbox.take() == []


def test_what_is_taken_at_once_is_bounded_in_number_and_size() -> None:
    outbox = Outbox(2 * MOST_EVENTS)
    for _ in range(MOST_EVENTS + 1):
        outbox.put(entry())
    assert len(outbox.take()) == MOST_EVENTS
    outbox.close()
    assert len(outbox.take()) == 1
    wide = Outbox(10)
    for _ in range(4):
        wide.put(entry(MOST_BYTES // 2))
    wide.close()
    assert [len(wide.take()), len(wide.take())] == [2, 2]


def test_who_waits_for_the_end_hurries_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatvitals.client.outbox.GATHER_S", 2 * PATIENCE_S)
    outbox, taken = Outbox(10), []

    def send() -> None:
        taken.extend(outbox.take())
        outbox.tally(len(taken), {})
        outbox.done(len(taken))

    outbox.put(entry())
    thread = Thread(target=send)
    thread.start()
    assert outbox.wait_done(PATIENCE_S)
    thread.join()
    assert (len(taken), outbox.sent) == (1, 1)


def test_waiting_for_the_end_has_an_end() -> None:
    outbox = Outbox(10)
    assert outbox.wait_done(0), "nothing was put"
    outbox.put(entry())
    assert not outbox.wait_done(0.01)


def test_accounts_tell_each_event_once() -> None:
    outbox = Outbox(1)
    assert outbox.account() is None
    outbox.tally(3, {"refused": 2})
    outbox.put(entry())
    outbox.put(entry())
    assert outbox.account() == Account(3, {"refused": 2, "full": 1})
    assert outbox.account() is None
    outbox.tally(1, {"refused": 1})
    assert outbox.account() == Account(1, {"refused": 1})


def test_losses_are_told_once() -> None:
    outbox = Outbox(1)
    assert not outbox.lost_any()
    outbox.tally(0, {"invalid": 1})
    assert [outbox.lost_any(), outbox.lost_any()] == [True, False]


def test_giving_up_drops_what_waits_and_ends_every_pause() -> None:
    outbox = Outbox(10)
    outbox.put(entry())
    answers: list[bool] = []
    thread = Thread(target=lambda: answers.append(outbox.pause(PATIENCE_S)))
    thread.start()
    outbox.abandon()
    thread.join(PATIENCE_S / 2)
    assert answers == [False]
    assert outbox.dropped == {"unsent": 1}
    assert outbox.take() == []


def test_a_close_ends_one_pause() -> None:
    outbox = Outbox(10)
    outbox.close()
    began_s = time.monotonic()
    assert outbox.pause(PATIENCE_S)
    assert time.monotonic() - began_s < PATIENCE_S / 2
    assert outbox.pause(0.01)
    assert time.monotonic() - began_s >= 0.01, "the next one is as long as it is"
