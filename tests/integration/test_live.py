"""What is pushed over `/api/monitoring/live`, to programs and to pages."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from tests.support.lost_table import lost_table
from tests.support.server import PATIENCE_S, Server, batch_of, make_sites, render, wait_until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.alone

Json = dict[str, Any]
LIVE = "/api/monitoring/live"


@contextmanager
def looking(server: Server, query: str = "", **headers: str) -> Iterator[ClientConnection]:
    url = server.url.replace("http", "ws", 1) + LIVE + (f"?{query}" if query else "")
    with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


def next_message(socket: ClientConnection, type: str) -> Json:
    """The next message of a type; others are passed over."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        message: Json = json.loads(socket.recv(timeout=deadline - time.monotonic()))
        if message["type"] == type:
            return message


def say(socket: ClientConnection, url: str, have: dict[str, str] | None = None) -> None:
    socket.send(json.dumps({"url": url, "have": have or {}}))


def test_a_program_gets_the_figures_as_events_come(server: Server, site: str) -> None:
    with looking(server, f"site={site}&window=3600000") as socket:
        first = next_message(socket, "values")
        assert first["answer"]["performance"]["renders"]["total"] == 0
        sent = time.monotonic()
        assert server.post(batch_of(site, [render(), render()])).status_code == 202
        while True:
            answer = next_message(socket, "values")["answer"]
            if answer["performance"]["renders"]["total"] == 2:
                break
        assert time.monotonic() - sent < 3
        assert answer["health"].keys() == first["answer"]["health"].keys()


def test_a_pulse_says_that_the_server_is_well(server: Server) -> None:
    with looking(server, "format=fragments") as socket:
        pulse = next_message(socket, "pulse")
        assert pulse["problem"] == ""
        assert abs(pulse["atMs"] - time.time() * 1_000) < 60_000


def test_a_page_gets_only_what_changed(server: Server, site: str) -> None:
    url = f"/dashboard/performance?window=3600000&site={site}"
    with looking(server, "format=fragments") as socket:
        say(socket, url)
        everything = next_message(socket, "fragments")
        assert everything["url"] == url
        assert all(f'id="{id}"' in html for id, html in everything["fragments"].items())
        assert server.post(batch_of(site, [render()])).status_code == 202
        changed = next_message(socket, "fragments")["fragments"]
        while not changed:
            changed = next_message(socket, "fragments")["fragments"]
        assert changed.keys() < everything["fragments"].keys()


def test_a_page_that_has_everything_is_sent_nothing(server: Server, site: str) -> None:
    url = f"/dashboard/performance?from=2026-01-01&to=2026-01-02&site={site}"
    with looking(server, "format=fragments") as socket:
        say(socket, url)
        fragments = next_message(socket, "fragments")["fragments"]
        digests = {id: html.split('data-live="')[1].split('"')[0] for id, html in fragments.items()}
        say(socket, url, digests)
        assert next_message(socket, "fragments")["fragments"] == {}


def test_a_page_is_found_by_the_address_it_says(server: Server, site: str) -> None:
    name = "50%25 a?b#c/d ü"
    page = server.client.get(f"/dashboard/customers/{quote(name, safe='')}?site={site}").text
    assert escape(name) in page
    url = unescape(page.split('data-url="')[1].split('"')[0])
    with looking(server, "format=fragments") as socket:
        say(socket, url)
        fragments = next_message(socket, "fragments")["fragments"]
    ids = {piece.split('"')[0] for piece in page.split('<div id="')[1:] if "data-live" in piece}
    assert fragments.keys() <= ids
    assert urlsplit(url).path == f"/dashboard/customers/{quote(name)}"


def test_an_act_on_one_page_is_news_on_all(server: Server, site: str) -> None:
    with looking(server, f"site={site}") as socket:
        next_message(socket, "values")
        matchers = [{"label": "site", "equals": site}]
        silence = {"matchers": matchers, "reason": "a test", "author": "tester", "duration": "1h"}
        server.client.post("/api/monitoring/silences", json=silence)
        next_message(socket, "values")


@pytest.mark.parametrize(
    ("query", "what"),
    [("format=xml", "format"), ("windo=5", "windo"), ("window=never", "window")],
)
def test_a_bad_question_is_refused_and_says_why(server: Server, query: str, what: str) -> None:
    with pytest.raises((ConnectionClosed, InvalidStatus)) as refused, looking(server, query) as socket:
        socket.recv(timeout=PATIENCE_S)
    if isinstance(refused.value, ConnectionClosed):
        assert refused.value.rcvd is not None
        assert refused.value.rcvd.code == 1008
        assert what in refused.value.rcvd.reason


@pytest.mark.parametrize(
    "said",
    [
        "no json",
        '{"url": 5}',
        '{"url": "/dashboard/performance", "have": []}',
        '{"url": "/etc/passwd"}',
        '{"url": "//["}',
        "[" * 9_999,
        b"{}",
    ],
)
def test_bad_words_end_the_connection_and_nothing_else(server: Server, said: str | bytes) -> None:
    with looking(server, "format=fragments") as other, looking(server, "format=fragments") as socket:
        next_message(socket, "pulse")
        socket.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            next_message(socket, "nothing of this name")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        say(other, "/dashboard/performance")
        next_message(other, "fragments")


def test_a_page_of_another_site_may_not_listen(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused, looking(server, Origin="https://evil.example"):
        pass
    assert refused.value.response.status_code == 403


def test_who_has_no_token_may_not_listen(tmp_path: Path) -> None:
    with Server(tmp_path / "data", dev=False) as server:
        with pytest.raises(InvalidStatus), looking(server):
            pass
        with looking(server, authorization=f"Bearer {server.token}") as socket:
            next_message(socket, "values")


def test_a_store_that_takes_nothing_is_told(tmp_path: Path) -> None:
    make_sites(tmp_path / "data", ["shop"])
    with Server(tmp_path / "data", flush_interval_ms=50) as server, looking(server, "format=fragments") as socket:
        assert next_message(socket, "pulse")["problem"] == ""
        with lost_table(tmp_path / "data" / "events", "events"):
            assert server.post(batch_of("shop", [render()])).status_code == 202
            wait_until(
                lambda: "takes no writes" in next_message(socket, "pulse")["problem"], "the failing store is told"
            )
        wait_until(lambda: not next_message(socket, "pulse")["problem"], "it is well again")


def test_the_server_ends_in_time_while_somebody_looks(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server, looking(server, "format=fragments") as socket:
        say(socket, "/dashboard/performance")
        next_message(socket, "fragments")
        started = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - started < 10
        wait_until(lambda: _is_closed(socket), "the connection is closed")


def _is_closed(socket: ClientConnection) -> bool:
    try:
        socket.recv(timeout=0.1)
    except ConnectionClosed:
        return True
    except TimeoutError:
        return False
    return False
