"""The client as back ends meet it: it tells, never waits and never raises, and ends when it is told to."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from tests.unit.client.scripted import (
    PATIENCE_S,
    TAKEN,
    Greatest,
    Json,
    Pauses,
    Reply,
    problem,
    serving,
)

from chatvitals.client import Client
from chatvitals.client.courier import ACCOUNT_EVERY_S

NOW_MS = 1_767_268_800_000
UNHEARD = "http://127.0.0.1:9/api/monitoring/widget"


def client_of(url: str, **options: Any) -> Client:
    return Client(url, "a-key", clock=lambda: NOW_MS, **({"dice": Greatest()} | options))


def told(event: Json) -> Json:
    """What an event says, without what it leaves out."""
    return {name: value for name, value in event.items() if value is not None}


Tell = Callable[[Client], None]

SHAPES: dict[str, tuple[Tell, Json]] = {
    "received": (lambda c: c.received("c", 3), {"stage": "received", "ordinal": 3}),
    "received in full": (
        lambda c: c.received("c", 3, server_ordinal=5, latency_ms=41.5, duplicate=True),
        {"stage": "received", "ordinal": 3, "serverOrdinal": 5, "latency": 41.5, "duplicate": True},
    ),
    "acked": (lambda c: c.acked("c", 3), {"stage": "acked", "ordinal": 3}),
    "acked in full": (
        lambda c: c.acked("c", 3, server_ordinal=3, latency_ms=12, duplicate=False),
        {"stage": "acked", "ordinal": 3, "serverOrdinal": 3, "latency": 12, "duplicate": False},
    ),
    "acked again": (
        lambda c: c.acked("c", 3, duplicate=True),
        {"stage": "received", "ordinal": 3, "duplicate": True},
    ),
    "server ordinal": (
        lambda c: c.server_ordinal("c", 9),
        {"stage": "received", "ordinal": 9, "serverOrdinal": 9},
    ),
}


@pytest.mark.parametrize(("tell", "shape"), SHAPES.values(), ids=SHAPES)
def test_the_shape_of_what_is_told(tell: Tell, shape: Json) -> None:
    with serving() as server, client_of(server.url) as client:
        tell(client)
        assert client.flush(PATIENCE_S)
        (event,) = server.events()
    assert told(event) == {"kind": "message", "timestamp": NOW_MS, "seq": -1, "conversationId": "c", **shape}


def test_whose_it_is_goes_with_it_and_by_default_the_clients() -> None:
    with serving() as server:
        with client_of(server.url, customer="acme", release="2.0") as client:
            client.received("c", 1)
            client.received("c", 2, session_id="s", customer="zen", release="2.1", variant="b", page="/cart")
            client.received("c", 3, session_id="s", customer=None)
            assert client.flush(PATIENCE_S)
        contexts = [told(request["context"]) for request in server.requests[:3]]
    assert contexts == [
        {"sessionId": "", "tabId": "", "customer": "acme", "release": "2.0"},
        {"sessionId": "s", "tabId": "", "customer": "zen", "release": "2.1", "variant": "b", "page": "/cart"},
        {"sessionId": "s", "tabId": "", "customer": "acme", "release": "2.0"},
    ]


def test_what_comes_together_travels_together() -> None:
    with serving() as server, client_of(server.url) as client:
        for ordinal in range(500):
            client.received("c", ordinal)
        assert client.flush(PATIENCE_S)
        events = server.events()
    assert [event["ordinal"] for event in events] == list(range(500))
    assert len(server.requests) < 10


def test_a_full_batch_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatvitals.client.outbox.GATHER_S", PATIENCE_S)
    with serving() as server, client_of(server.url) as client:
        for ordinal in range(500):
            client.received("c", ordinal)
        assert len(server.next()["events"]) == 500


def test_any_kind_can_be_recorded() -> None:
    with serving() as server, client_of(server.url) as client:
        client.record("api", endpoint="/m/:id", duration=3, success=True, timestamp=NOW_MS - 5, seq=0, tab_id="t")
        client.record("error", type="TypeError")
        assert client.flush(PATIENCE_S)
        first, second = server.requests
    assert told(first["events"][0]) == {
        "kind": "api",
        "timestamp": NOW_MS - 5,
        "seq": 0,
        "endpoint": "/m/:id",
        "duration": 3.0,
        "success": True,
    }
    assert first["context"]["tabId"] == "t"
    assert second["events"][0]["type"] == "TypeError"


# it never raises


def _endless() -> dict[str, Any]:
    itself: dict[str, Any] = {}
    itself["itself"] = itself
    return itself


MISTAKES: dict[str, Tell] = {
    "ordinal": lambda c: c.acked("c", -1),
    "empty id": lambda c: c.acked("", 1),
    "no number": lambda c: c.acked(None, "1"),  # type: ignore[arg-type]  # what callers do
    "no text": lambda c: c.received("c", 1, session_id=7),  # type: ignore[arg-type]  # what callers do
    "kind": lambda c: c.record("mesage", ordinal=1),
    "no kind": lambda c: c.record([], ordinal=1),  # type: ignore[arg-type]  # what callers do
    "endless": lambda c: c.record("sdk", recorded=1, sent=1, dropped=_endless()),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_counted_and_said_once_but_not_raised(mistake: Tell, caplog: pytest.LogCaptureFixture) -> None:
    with serving() as server:
        with client_of(server.url) as client:
            mistake(client)
            mistake(client)
            client.received("c", 1)
            assert not client.flush(PATIENCE_S), "not everything was taken"
            assert client.flush(PATIENCE_S), "and that was said"
            assert client.dropped == {"invalid": 2}
        assert [event["kind"] for event in server.events()] == ["message", "sdk"]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("endpoint", "options"),
    [
        ("127.0.0.1:8000", {}),
        ("ftp://vitals.example/", {}),
        ("http://vitals.example:port/", {}),
        ("http://vitals..example/", {}),
        ("http://vitals.example/a path", {}),
        (UNHEARD, {"key": ""}),
        (UNHEARD, {"key": "\udcff"}),
        (UNHEARD, {"max_queued": 0}),
        (UNHEARD, {"timeout_s": 0}),
        (UNHEARD, {"customer": "x" * 5_000}),
    ],
)
def test_only_making_one_raises(endpoint: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Client(endpoint, **({"key": "k"} | options))


# it never waits


def test_whoever_records_doesnt_wait_for_a_slow_server() -> None:
    answer = Event()
    with serving(TAKEN._replace(when=answer)) as server, client_of(server.url, max_queued=600) as client:
        client.received("c", 0)
        assert not client.flush(0.01)
        server.next()
        for ordinal in range(1, 1_000):
            client.received("c", ordinal)  # with a server that waits for the next line
        assert client.dropped == {"full": 999 - 600}
        answer.set()
        assert not client.flush(PATIENCE_S), "some were dropped"
        assert client.sent == 601


def test_a_refusal_is_said_once_in_the_servers_words(caplog: pytest.LogCaptureFixture) -> None:
    with serving(problem(401, "no site has this key")) as server:
        client = client_of(server.url)
        for ordinal in range(3):
            client.received("c", ordinal)
            assert not client.flush(PATIENCE_S)
        assert client.dropped == {"refused": 3}
        client.close()
    assert len(caplog.records) == 1
    assert "no site has this key" in caplog.text


# the account of itself


def test_an_account_is_sent_now_and_then_and_at_the_end() -> None:
    now_s = [0.0]
    with serving() as server:
        client = client_of(server.url, release="2.0", monotonic=lambda: now_s[0])
        client.received("c", 0)
        assert client.flush(PATIENCE_S)
        now_s[0] = ACCOUNT_EVERY_S
        client.record("mesage")
        client.received("c", 1, session_id="s")
        client.flush(PATIENCE_S)
        client.received("c", 2)
        assert client.close(PATIENCE_S)
        accounts = [(r["context"], e) for r in server.requests for e in r["events"] if e["kind"] == "sdk"]
    assert [told(account) for _, account in accounts] == [
        {"kind": "sdk", "timestamp": NOW_MS, "seq": -1, "recorded": 3, "sent": 2, "dropped": {"invalid": 1}},
        {"kind": "sdk", "timestamp": NOW_MS, "seq": -1, "recorded": 1, "sent": 1},
    ]
    assert all(told(context) == {"sessionId": "", "tabId": "", "release": "2.0"} for context, _ in accounts)


def test_a_client_that_told_nothing_has_no_account() -> None:
    with serving() as server:
        with client_of(server.url) as client:
            assert client.flush(0)
        assert client.close()
    assert server.requests == []
    assert not _threads()


# its end


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "chatvitals-client"]


def test_the_end_of_the_block_sends_what_waits() -> None:
    with serving() as server:
        with client_of(server.url) as client:
            client.received("c", 1)
        assert [event["kind"] for event in server.events()] == ["message", "sdk"]
        assert not _threads()
        client.received("c", 2)
        assert client.dropped == {"closed": 1}


def test_an_outage_shorter_than_the_close_loses_nothing() -> None:
    busy = problem(503, "the spool is full", ("retry-after", "500"))
    with serving(busy, TAKEN) as server:
        client = client_of(server.url)
        client.received("c", 1)
        assert not client.flush(0)
        server.next()
        assert client.close(PATIENCE_S), "a close doesn't wait as long as the server asks for, but tries once more"
    assert [request["batch"] for request in server.requests[:2]] == [server.requests[0]["batch"]] * 2


def test_a_close_ends_though_the_server_never_takes_anything() -> None:
    with serving(problem(503, "")) as server:
        client = client_of(server.url)
        for ordinal in range(3):
            client.received("c", ordinal, session_id=f"s{ordinal}")
        began_s = time.monotonic()
        assert not client.close(0.05)
        assert time.monotonic() - began_s < PATIENCE_S / 4
        assert client.dropped == {"unsent": 3}
        assert not _threads()


def test_where_no_thread_can_be_started_nothing_is_raised(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr("chatvitals.client.courier.Thread.start", start)
    client = client_of(UNHEARD)
    client.received("c", 1)
    client.received("c", 2)
    assert not client.close(0)
    assert client.dropped == {"unsent": 2}
    assert len(caplog.records) == 1


def test_pauses_can_be_given() -> None:
    with serving(problem(503, ""), TAKEN) as server, client_of(server.url, pause=(pauses := Pauses())) as client:
        client.received("c", 1)
        assert client.flush(PATIENCE_S)
        assert pauses.seconds == [0.5]


SCRIPT = """
import sys
from chatvitals.client import Client
client = Client(sys.argv[1], "a-key")
"""


def run(script: str, url: str, prelude: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", prelude + SCRIPT + script, url],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_the_end_of_the_process_sends_what_waits() -> None:
    with serving() as server:
        run("client.received('c', 1)", server.url)
        assert [event["kind"] for event in server.events()] == ["message", "sdk"]


def test_the_end_of_the_process_has_an_end() -> None:
    with serving(Reply(when=(never := Event()))) as server:
        script = "import chatvitals.client.client as c; c.EXIT_S = c.LAST_WORDS_S = 0.05; client.received('c', 1)"
        done = run(script, server.url)
        assert "the server didn't answer" in done.stderr
        never.set()


def test_a_forked_child_tells_its_own_and_only_that() -> None:
    script = """
import os, warnings
warnings.simplefilter("ignore")  # forking beside a thread is what this is about
client.received("kept connection", 0)
assert client.flush(30)
client.received("parent", 1)
child = os.fork()
if child == 0:
    client.received("child", 2)
    assert client.sent == 0
    assert client.close(30)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
client.received("parent", 3)
assert client.close(30)
"""
    with serving() as server:
        run(script, server.url)
        messages = [event for event in server.events() if event["kind"] == "message"]
    assert sorted((event["conversationId"], event["ordinal"]) for event in messages) == [
        ("child", 2),
        ("kept connection", 0),
        ("parent", 1),
        ("parent", 3),
    ]
    assert server.connections == 2, "one each, and the parent's outlives the child"


def test_importing_it_is_light() -> None:
    """A back end must not load the server: neither its parts nor what it depends on, msgspec apart."""
    loaded = set(run("print(*sys.modules)", UNHEARD).stdout.split())
    before = set(run("print(*names)", UNHEARD, prelude="import sys; names = list(sys.modules)").stdout.split())
    names = [name.split(".") for name in loaded - before]
    assert {parts[1] for parts in names if parts[0] == "chatvitals" and len(parts) > 1} == {
        "catalogue",
        "client",
        "clock",
    }
    foreign = {parts[0] for parts in names} - sys.stdlib_module_names - {"chatvitals"}
    assert foreign <= {"msgspec", "typing_extensions"}, "the latter is msgspec's, where it is installed"
