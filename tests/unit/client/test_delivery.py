"""One batch, and a server that takes it, doesn't yet, or never will."""

import json
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random
from uuid import UUID

import pytest
from tests.unit.client.scripted import PATH, SILENT, TAKEN, Greatest, Pauses, Reply, problem, serving

from chatvitals.client.connection import Connection
from chatvitals.client.delivery import LONGEST_ASKED_S, LONGEST_PAUSE_S, Batch, Delivery, batches_of
from chatvitals.client.entry import Entry
from chatvitals.client.once import Once

NOW_MS = 1_767_268_800_000
BATCH = Batch(UUID(int=7), b'{"sessionId":"s"}', [b'{"kind":"boot"}', b'{"kind":"host"}'])
BUSY = problem(503, "full", ("retry-after", "7"))


Make = Callable[..., Delivery]


@pytest.fixture
def delivery_to() -> Iterator[Make]:
    """Makes deliveries and closes them."""
    with ExitStack() as made:

        def make(
            url: str,
            pauses: Pauses,
            clock_ms: list[int] | None = None,
            timeout_s: float = 10,
            dice: Random | None = None,
        ) -> Delivery:
            times = iter(clock_ms or [NOW_MS] * 1_000)
            connection = Connection(url, timeout_s)
            made.callback(connection.close)
            return Delivery(connection, "a-key", lambda: next(times), pauses, dice or Greatest(), Once())

        yield make


def test_a_batch_is_sent_as_the_server_reads_it(delivery_to: Make) -> None:
    with serving() as server:
        fate = delivery_to(server.url, pauses := Pauses()).deliver(BATCH)
    assert (fate.taken, fate.lost, pauses.seconds) == (2, {}, [])
    assert server.requests == [
        {
            "key": "a-key",
            "batch": str(BATCH.id),
            "sentAt": NOW_MS,
            "context": {"sessionId": "s"},
            "events": [{"kind": "boot"}, {"kind": "host"}],
        }
    ]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_who_takes_nothing_now_is_asked_again_under_the_same_id(delivery_to: Make, status: int) -> None:
    with serving(problem(status, "later"), problem(status, "later"), TAKEN) as server:
        fate = delivery_to(server.url, pauses := Pauses(), [NOW_MS, NOW_MS + 500, NOW_MS + 1_500]).deliver(BATCH)
    assert (fate.taken, fate.lost) == (2, {})
    assert pauses.seconds == [0.5, 1.0]
    assert {request["batch"] for request in server.requests} == {str(BATCH.id)}
    assert [request["sentAt"] for request in server.requests] == [NOW_MS, NOW_MS + 500, NOW_MS + 1_500]


def test_pauses_grow_up_to_a_bound(delivery_to: Make) -> None:
    with serving(problem(500, "")) as server:
        delivery_to(server.url, pauses := Pauses(most=10)).deliver(BATCH)
    assert pauses.seconds[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses.seconds[-1] == LONGEST_PAUSE_S


def test_what_the_server_asks_for_is_waited_and_not_much_more(delivery_to: Make) -> None:
    date, long = ("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), ("retry-after", "999999999")
    with serving(BUSY, problem(429, "", date), problem(429, "", long), TAKEN) as server:
        delivery_to(server.url, pauses := Pauses()).deliver(BATCH)
    assert pauses.seconds == [7.5, 1.0, LONGEST_ASKED_S + 2.0]


def test_an_answer_that_never_came_is_no_answer(delivery_to: Make) -> None:
    with serving(SILENT, TAKEN) as server:
        fate = delivery_to(server.url, pauses := Pauses()).deliver(BATCH)
    assert (fate.taken, len(pauses.seconds), len(server.requests)) == (2, 1, 2)


def test_a_server_that_is_away_is_waited_for(delivery_to: Make, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    fate = delivery_to(f"http://127.0.0.1:{port}{PATH}", pauses := Pauses(most=3)).deliver(BATCH)
    assert (fate.taken, fate.lost, len(pauses.seconds)) == (0, {"unsent": 2}, 3)
    assert len(caplog.records) == 1, "an outage is told once"
    assert "refused" in caplog.text


def test_a_server_that_is_silent_is_left_after_a_time(delivery_to: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts and says nothing
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
        fate = delivery_to(url, pauses := Pauses(most=1), timeout_s=0.05).deliver(BATCH)
    assert (fate.lost, len(pauses.seconds)) == ({"unsent": 2}, 1)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 409, 413, 415])
def test_a_refusal_is_final_and_says_why(delivery_to: Make, status: int) -> None:
    with serving(problem(status, "no site has this key")) as server:
        fate = delivery_to(server.url, pauses := Pauses()).deliver(BATCH)
    assert (fate.taken, fate.lost, pauses.seconds) == (0, {"refused": 2}, [])
    assert fate.explanation == f"{status} no site has this key"


def test_a_refusal_that_is_no_problem_document_is_told_as_it_is(delivery_to: Make) -> None:
    with serving(Reply(404, b"<html>not here\xff")) as server:
        fate = delivery_to(server.url, Pauses()).deliver(BATCH)
    assert fate.explanation == "404 '<html>not here\ufffd'"


def test_single_events_that_are_rejected_are_counted_apart(delivery_to: Make) -> None:
    rejected = [{"index": 1, "field": "timestamp", "reason": "too_old", "detail": "older than events are taken in"}]
    with serving(Reply(body=json.dumps({"accepted": 1, "rejected": rejected}).encode())) as server:
        fate = delivery_to(server.url, Pauses()).deliver(BATCH)
    assert fate == (1, {"rejected": 1}, "timestamp: older than events are taken in")


@pytest.mark.parametrize("body", [b"", b"[", b"\xff", b'{"rejected": 3}'])
def test_the_status_alone_says_that_a_batch_is_kept(delivery_to: Make, body: bytes) -> None:
    with serving(Reply(body=body)) as server:
        assert delivery_to(server.url, Pauses()).deliver(BATCH).taken == 2


def test_one_connection_is_kept(delivery_to: Make) -> None:
    with serving() as server:
        delivery = delivery_to(server.url, Pauses())
        for _ in range(3):
            delivery.deliver(BATCH)
    assert server.connections == 1


def test_a_kept_connection_that_the_server_closed_is_no_failure(
    delivery_to: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(TAKEN._replace(last=True), TAKEN, SILENT, TAKEN) as server:
        delivery = delivery_to(server.url, pauses := Pauses())
        fates = [delivery.deliver(BATCH) for _ in range(3)]
    assert [fate.taken for fate in fates] == [2, 2, 2]
    assert (pauses.seconds, caplog.record_tuples) == ([], [])
    assert server.connections == 3


def test_the_wait_has_jitter(delivery_to: Make) -> None:
    with serving(problem(503, "")) as server:
        waits = []
        for seed in range(20):
            delivery_to(server.url, pauses := Pauses(most=1), dice=Random(seed)).deliver(BATCH)
            waits += pauses.seconds
    assert all(0.25 <= wait <= 0.5 for wait in waits)
    assert len(set(waits)) == 20


def test_entries_travel_with_those_of_their_context() -> None:
    entries = [Entry(context, event) for context, event in [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]]
    one, two = batches_of(entries)
    assert (one.context, one.events) == (b"a", [b"1", b"3"])
    assert (two.context, two.events) == (b"b", [b"2"])
    assert one.id != two.id


def test_each_thing_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    once = Once()
    for topic in ("full", "refused", "full", "full"):
        once.warn(topic, f"about {topic}")
    assert [(name, level) for name, level, _ in caplog.record_tuples] == [("chatvitals.client", logging.WARNING)] * 2
    assert "about full" in caplog.messages[0]
