import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.simulator.collector import Received, Reply, accept, collecting

from chatvitals.simulator.batches import Batch
from chatvitals.simulator.dice import Dice
from chatvitals.simulator.http import Endpoint
from chatvitals.simulator.live import Beacons, Courier, Pace, send_live
from chatvitals.simulator.sender import HopelessError
from chatvitals.simulator.truth.lines import Summary
from chatvitals.simulator.truth.reader import Truth, load_truth
from chatvitals.simulator.truth.recorder import Recorder

NOW_MS = 1_760_000_000_000


@dataclass
class Steps:
    """A clock that goes on whenever it is looked at."""

    step_ms: float = 1

    def __post_init__(self) -> None:
        self.now_ms: float = NOW_MS

    def __call__(self) -> float:
        self.now_ms += self.step_ms
        return self.now_ms


def batch(number: int = 0) -> Batch:
    events = [b'{"kind":"api","timestamp":%d,"seq":%d}' % (NOW_MS - 10, seq) for seq in range(3)]
    return Batch(f"batch-{number}", 0, b'{"sessionId":"s","customer":"acme"}', events, ["api"] * 3)


Delivered = tuple[list[Received], Truth, Summary]
Deliver = Callable[..., Delivered]


@pytest.fixture
def deliver(tmp_path: Path) -> Deliver:
    """Send batches over one connection to a server that answers as told; the server never answers at `nowhere`."""
    path = tmp_path / "truth.ndjson"

    async def send(
        batches: list[Batch], answer: Callable[[Received], Reply], clock: Steps, nowhere: bool, gzipped: bool
    ) -> tuple[list[Received], Summary]:
        with Recorder(path, site="demo", sample=0.5) as recorder:
            async with collecting(answer) as collector:
                endpoint = Endpoint.from_url("http://127.0.0.1:1" if nowhere else collector.url)
                beacons = Beacons("demo-key", 0.5, gzipped, clock)
                courier = Courier(endpoint, beacons, recorder, clock, Dice(1))
                await send_live(batches, Pace(lambda: 0, 0, 1, asyncio.Event()), courier, 1)
        return collector.requests, recorder.summary

    def run(
        batches: list[Batch],
        answer: Callable[[Received], Reply] = accept,
        step_ms: float = 1,
        nowhere: bool = False,
        gzipped: bool = False,
    ) -> Delivered:
        requests, summary = asyncio.run(send(batches, answer, Steps(step_ms), nowhere, gzipped))
        return requests, load_truth(path), summary

    return run


def answers(*replies: Reply | Callable[[Received], Reply]) -> Callable[[Received], Reply]:
    """Answer with one after the other."""
    coming: Iterator[Any] = iter(replies)

    def answer(received: Received) -> Reply:
        reply = next(coming)
        told: Reply = reply(received) if callable(reply) else reply
        return told

    return answer


@pytest.mark.parametrize("gzipped", [False, True])
def test_a_batch_goes_out_as_browsers_send_it(deliver: Deliver, gzipped: bool) -> None:
    (received,), truth, summary = deliver([batch()], gzipped=gzipped)
    assert received.path == "/api/monitoring/widget"
    assert received.headers["content-type"] == "text/plain"
    sent = received.batch()
    assert sent.pop("sentAt") > NOW_MS
    assert sent == {
        "key": "demo-key",
        "batch": "batch-0",
        "sample": 0.5,
        "context": {"sessionId": "s", "customer": "acme"},
        "events": [{"kind": "api", "timestamp": NOW_MS - 10, "seq": seq} for seq in range(3)],
    }
    assert truth.events == [
        {
            "site": "demo",
            "batch": "batch-0",
            "sample": 0.5,
            "sessionId": "s",
            "customer": "acme",
            "kind": "api",
            "timestamp": NOW_MS - 10,
            "seq": seq,
        }
        for seq in range(3)
    ]
    assert truth.summary == summary
    assert (summary.events, summary.batches, summary.kinds, summary.retries) == (3, 1, {"api": 3}, 0)


def test_a_busy_server_is_asked_again_when_it_says_and_with_a_new_time_of_sending(deliver: Deliver) -> None:
    began = time.monotonic()
    busy = (503, {"Retry-After": "1"}, b"")
    requests, truth, summary = deliver([batch()], answers(busy, accept))
    assert time.monotonic() - began >= 1
    first, second = (received.batch() for received in requests)
    assert first.pop("sentAt") < second.pop("sentAt")
    assert first == second
    assert (len(truth.events), summary.retries, summary.unknown) == (3, 1, 0)


@pytest.mark.parametrize(
    "failure", [None, (429, {}, b""), (500, {}, b"oh"), (202, {"Transfer-Encoding": "chunked"}, b"zz\r\n")]
)
def test_what_failed_is_sent_again_and_counted_once(deliver: Deliver, failure: Reply) -> None:
    requests, truth, summary = deliver([batch()], answers(failure, accept))
    assert len({received.batch()["batch"] for received in requests}) == 1
    assert len(requests) == 2
    assert (len(truth.events), truth.unknown, summary.retries) == (3, [], 1)


def test_connections_are_kept_or_opened_anew(deliver: Deliver) -> None:
    def closing(received: Received) -> Reply:
        reply = accept(received)
        assert reply
        return reply[0], {"Connection": "close"}, reply[2]

    _, _, summary = deliver([batch(n) for n in range(4)], answers(accept, closing, accept, accept))
    assert (summary.batches, summary.retries) == (4, 0)


def test_a_chunked_answer_is_understood(deliver: Deliver) -> None:
    body = b'10\r\n{"accepted":3,"r\r\na;x=y\r\nejected":[\r\n2\r\n]}\r\n0\r\nTrailer: x\r\n\r\n'
    _, truth, _ = deliver([batch()], answers((202, {"Transfer-Encoding": "chunked"}, body)))
    assert len(truth.events) == 3


def test_rejected_events_are_left_out_and_told_apart(deliver: Deliver) -> None:
    rejecting = b'{"accepted":2,"rejected":[{"index":1,"field":"seq","reason":"wrong_type","detail":"x"}]}'
    _, truth, summary = deliver([batch()], answers((202, {}, rejecting)))
    assert [event["seq"] for event in truth.events] == [0, 2]
    assert [(event["seq"], event["reason"]) for event in truth.rejected] == [(1, "wrong_type")]
    assert (summary.events, summary.rejected, summary.kinds) == (2, 1, {"api": 2})


def test_a_server_that_never_answers_leaves_the_fate_unknown(deliver: Deliver) -> None:
    _, truth, summary = deliver([batch()], lambda _: None, step_ms=100_000)
    assert truth.events == []
    assert [event["fate"] for event in truth.unknown] == ["unknown"] * 3
    assert (summary.unknown, summary.refused) == (3, 0)


def test_what_cannot_have_arrived_is_not_in_the_truth(deliver: Deliver) -> None:
    _, truth, summary = deliver([batch()], nowhere=True, step_ms=100_000)
    assert (truth.events, truth.unknown, summary.refused) == ([], [], 3)
    _, truth, summary = deliver([batch(1)], answers((413, {}, b"too much")))
    assert (truth.events, truth.unknown, summary.refused) == ([], [], 3)


def test_a_wrong_key_ends_the_run_with_the_servers_words(deliver: Deliver) -> None:
    with pytest.raises(HopelessError, match="401: unknown key"):
        deliver([batch()], answers((401, {}, b"unknown key")))


def test_slow_answers_make_times_uncertain(deliver: Deliver) -> None:
    _, truth, _ = deliver([batch()], step_ms=2_000)
    assert {event["clock"] for event in truth.events} == {"uncertain"}


def test_a_duplicate_is_sent_twice_and_counted_once(deliver: Deliver) -> None:
    requests, truth, summary = deliver([replace(batch(), copies=2), batch(1)])
    assert [received.batch()["batch"] for received in requests] == ["batch-0", "batch-0", "batch-1"]
    assert (len(truth.events), summary.duplicates, summary.batches) == (6, 1, 2)


def test_a_skewed_clock_shows_on_the_wire_and_is_set_right_in_the_truth(deliver: Deliver) -> None:
    ahead = replace(batch(), skew_ms=3_600_000)
    ahead.events = [event.replace(b"%d" % (NOW_MS - 10), b"%d" % (NOW_MS + 3_599_990)) for event in ahead.events]
    (received,), truth, _ = deliver([ahead])
    sent = received.batch()
    assert 0 < sent["sentAt"] - sent["events"][0]["timestamp"] < 100
    assert {(e["timestamp"], e["skewMs"]) for e in truth.events} == {(NOW_MS - 10, 3_600_000)}


def test_an_endless_run_ends_with_its_time() -> None:
    async def reached(until_ms: float, stopped: bool) -> bool:
        stop = asyncio.Event()
        if stopped:
            stop.set()
        return await Pace(lambda: 50, 0, until_ms, stop).reached(40)

    assert asyncio.run(reached(100, False))
    assert not asyncio.run(reached(30, False))
    assert not asyncio.run(reached(100, True))


def test_truth_lines_are_json_objects(deliver: Deliver, tmp_path: Path) -> None:
    deliver([batch()])
    lines = (tmp_path / "truth.ndjson").read_bytes().splitlines()
    assert all(isinstance(msgspec.json.decode(line), dict) for line in lines)
