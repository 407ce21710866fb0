"""The outbox and the kept notifications on a real database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import encode
from sqlalchemy import Connection, Engine

from chatvitals.store.control.database import open_database
from chatvitals.store.control.notifications import KeptNotification, Notifications
from chatvitals.store.control.outbox import (
    ChannelHealth,
    Letter,
    LetterRecord,
    LetterStatus,
    Outbox,
    Queue,
    insert_letters,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


@pytest.fixture
def outbox(database: Engine) -> Outbox:
    return Outbox(database)


def letter(id: str, **fields: Any) -> Letter:
    known: dict[str, Any] = {
        "id": id,
        "notification": f"notification-{id}",
        "receiver": "on-call",
        "channel": "webhook",
        "thread": f"thread-{id}",
        "created_ms": 100,
        "due_ms": 100,
        "document": "{}",
    }
    return Letter(**known | fields)


def put(database: Engine, *letters: Letter) -> None:
    with database.begin() as connection:
        insert_letters(connection, letters)


def take(outbox: Outbox, now_ms: int = 100, until_ms: int = 200, channel: str = "webhook") -> LetterRecord | None:
    return outbox.take("on-call", channel, now_ms, until_ms)


def taken(outbox: Outbox, now_ms: int = 100, until_ms: int = 200) -> LetterRecord:
    found = take(outbox, now_ms, until_ms)
    assert found is not None
    return found


def test_the_same_letters_are_inserted_once(database: Engine, outbox: Outbox) -> None:
    put(database)
    put(database, letter("a"))
    outbox.deliver(taken(outbox), 150)
    put(database, letter("a"), letter("b"))
    assert {found.id: found.status for found in outbox.find(10)} == {"a": "delivered", "b": "waiting"}


def test_a_letter_is_taken_for_one_attempt_at_a_time(database: Engine, outbox: Outbox) -> None:
    put(database, letter("a"))
    first = taken(outbox, now_ms=100, until_ms=200)
    assert (first.attempts, first.due_ms, first.document) == (1, 200, "{}")
    assert take(outbox, now_ms=199) is None
    assert taken(outbox, now_ms=200, until_ms=300).attempts == 2


def test_what_is_not_due_stays(database: Engine, outbox: Outbox) -> None:
    put(database, letter("a", due_ms=101))
    assert take(outbox, now_ms=100) is None
    assert outbox.queues() == [Queue("on-call", "webhook", 101)]


def test_what_has_been_due_the_longest_is_taken_first(database: Engine, outbox: Outbox) -> None:
    put(database, letter("a", due_ms=90), letter("b", due_ms=80, created_ms=101), letter("c", due_ms=80))
    assert [taken(outbox).id for _ in range(3)] == ["c", "b", "a"]


def test_channels_have_queues_of_their_own(database: Engine, outbox: Outbox) -> None:
    put(database, letter("a", due_ms=90), letter("b", channel="email", due_ms=80), letter("c", receiver="team"))
    assert {(queue.receiver, queue.channel): queue.due_ms for queue in outbox.queues()} == {
        ("on-call", "webhook"): 90,
        ("on-call", "email"): 80,
        ("team", "webhook"): 100,
    }
    assert taken(outbox).id == "a"
    assert take(outbox) is None


def test_a_thread_goes_in_order(database: Engine, outbox: Outbox) -> None:
    put(database, letter("2", thread="t", created_ms=20, due_ms=20), letter("1", thread="t", created_ms=10, due_ms=50))
    assert outbox.queues() == [Queue("on-call", "webhook", 50)]
    assert take(outbox, now_ms=40) is None
    first = taken(outbox, now_ms=50)
    assert first.id == "1"
    assert take(outbox, now_ms=60) is None, "while the first is under way"
    outbox.fail(first, 60, "no", None)
    assert taken(outbox, now_ms=60).id == "2", "the first is dead"


def test_a_thread_on_one_channel_waits_for_none_on_another(database: Engine, outbox: Outbox) -> None:
    put(
        database,
        letter("1", thread="t", created_ms=10, due_ms=900, channel="email"),
        letter("2", thread="t", created_ms=20),
    )
    assert taken(outbox).id == "2"


def test_a_failure_is_put_down(database: Engine, outbox: Outbox) -> None:
    put(database, letter("a"))
    outbox.fail(taken(outbox), 150, "no", 500)
    (record,) = outbox.find(10)
    assert (record.status, record.due_ms, record.failed_ms, record.error) == (LetterStatus.WAITING, 500, 150, "no")
    outbox.fail(taken(outbox, now_ms=500, until_ms=600), 550, "never", None)
    assert outbox.get("a") == outbox.find(10, LetterStatus.DEAD)[0]
    assert outbox.queues() == []
    assert take(outbox, now_ms=9_999) is None


def test_who_was_too_slow_fails_nothing(database: Engine, outbox: Outbox) -> None:
    put(database, letter("a"))
    slow = taken(outbox, now_ms=100, until_ms=200)
    fast = taken(outbox, now_ms=200, until_ms=300)
    outbox.fail(slow, 250, "too late", None)
    assert outbox.find(10)[0].status == LetterStatus.WAITING
    outbox.deliver(slow, 260)
    outbox.fail(fast, 270, "refused as known", None)
    assert outbox.find(10)[0].status == LetterStatus.DELIVERED, "delivered is delivered"


def test_only_dead_letters_are_sent_again(database: Engine, outbox: Outbox) -> None:
    put(database, letter("a"))
    assert not outbox.resend("a", 100)
    assert not outbox.resend("nobody's", 100)
    outbox.fail(taken(outbox), 150, "no", None)
    assert outbox.resend("a", 1_000)
    again = taken(outbox, now_ms=1_000, until_ms=1_100)
    assert (again.attempts, again.ended_ms, again.error) == (1, None, "no")
    outbox.deliver(again, 1_050)
    assert not outbox.resend("a", 2_000)


def test_whoever_may_not_takes_nothing(database: Engine) -> None:
    def guard(_connection: Connection) -> None:
        raise PermissionError

    put(database, letter("a"))
    with pytest.raises(PermissionError):
        take(Outbox(database, guard))
    assert Outbox(database).find(10)[0].attempts == 0


def test_health(database: Engine, outbox: Outbox) -> None:
    put(database, *(letter(name) for name in "abcd"), letter("e", channel="email"))
    outbox.deliver(taken(outbox), 110)
    outbox.fail(taken(outbox), 120, "first", None)
    outbox.fail(taken(outbox), 130, "last", 500)
    common: dict[str, Any] = {"receiver": "on-call"}
    assert outbox.health() == [
        ChannelHealth(channel="email", waiting=1, dead=0, delivered_ms=None, failed_ms=None, error="", **common),
        ChannelHealth(channel="webhook", waiting=2, dead=1, delivered_ms=110, failed_ms=130, error="last", **common),
    ]


def test_letters_about_an_incident_are_found(database: Engine, outbox: Outbox) -> None:
    def about(*incidents: str) -> str:
        return encode({"incidents": [{"incident": incident} for incident in incidents]}).decode()

    put(
        database,
        letter("early", created_ms=9, document=about("a")),
        letter("one", created_ms=10, document=about("b", "a")),
        letter("two", created_ms=20, document=about("a")),
        letter("other", created_ms=15, document=about("ab", "_")),
        letter("late", created_ms=21, document=about("a")),
    )
    assert [one.id for one in outbox.about("a", 10, 20, 9)] == ["two", "one"]
    assert [one.id for one in outbox.about("a", 10, 20, 1)] == ["two"]
    assert [one.id for one in outbox.about("_", 0, 99, 9)] == ["other"]
    assert outbox.about("%", 0, 99, 9) == []


def test_what_ended_is_removed_piece_by_piece(database: Engine, outbox: Outbox) -> None:
    put(database, *(letter(name) for name in "abcde"))
    for _ in range(3):
        outbox.deliver(taken(outbox), 110)
    outbox.fail(taken(outbox), 110, "no", None)
    assert outbox.clean(110, 110, 10) == 0
    assert [outbox.clean(111, 110, 2), outbox.clean(111, 110, 2)] == [2, 1]
    assert outbox.clean(111, 111, 2) == 1
    assert [found.status for found in outbox.find(10)] == ["waiting"]


def test_notifications_are_kept_once_and_found(database: Engine) -> None:
    notifications = Notifications(database)
    kept = [KeptNotification(name, receiver, at, "{}") for name, receiver, at in [("a", "x", 1), ("b", "y", 2)]]
    for notification in [*kept, KeptNotification("a", "z", 9, "[]")]:
        notifications.keep(notification)
    assert notifications.find(10) == kept[::-1]
    assert notifications.find(1) == kept[1:]
    assert notifications.find(10, "x") == kept[:1]
    assert notifications.clean(2, 10) == 1
    assert notifications.find(10) == kept[1:]


@dataclass
class Model:
    """What an outbox of one channel has to do, in plain Python."""

    letters: dict[str, Letter]
    due: dict[str, int]
    ended: set[str]

    def next(self, now_ms: int) -> str | None:
        heads: dict[str, Letter] = {}
        for one in sorted(self.letters.values(), key=lambda one: (one.created_ms, one.id)):
            if one.id not in self.ended:
                heads.setdefault(one.thread, one)
        due = [one for one in heads.values() if self.due[one.id] <= now_ms]
        return min(due, key=lambda one: (self.due[one.id], one.created_ms, one.id)).id if due else None


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 2)),
        st.tuples(st.sampled_from(["deliver", "later", "dead", "lost"]), st.just(0)),
        st.tuples(st.just("time"), st.integers(1, 300)),
    ),
    max_size=30,
)


@settings(deadline=None, database=None, max_examples=30)
@given(moves=MOVES)
def test_what_is_taken_next(tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int]]) -> None:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('outbox') / 'control.sqlite'}")
    outbox, model, now = Outbox(database), Model({}, {}, set()), 1_000
    for move, number in moves:
        if move == "put":
            one = letter(f"{len(model.letters):03}", thread=f"thread-{number}", created_ms=now, due_ms=now)
            model.letters[one.id], model.due[one.id] = one, now
            put(database, one)
        elif move == "time":
            now += number
        else:
            found = take(outbox, now, now + 100)
            assert (found and found.id) == model.next(now)
            if found is None:
                continue
            model.due[found.id] = now + 100
            if move == "deliver":
                outbox.deliver(found, now)
                model.ended.add(found.id)
            elif move == "dead":
                outbox.fail(found, now, "no", None)
                model.ended.add(found.id)
            elif move == "later":
                outbox.fail(found, now, "no", now + 50)
                model.due[found.id] = now + 50
    database.dispose()
