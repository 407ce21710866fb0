"""Pages that change by themselves, and say truly whether they do."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.e2e.dashboard.watch import PATIENCE_MS, Watched
from tests.support.server import Server, batch_of, clean_environment, key_of, make_sites, now_ms

from chatvitals.simulator.batches import FLUSH_MS

pytestmark = pytest.mark.alone

SITE, SIMULATED = "shop", "simulated"
MAIN = f"/dashboard/performance?site={SITE}"
SHOWN_MS = 5_000
"""How soon what happens has to be on the screen."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With the settings that people have."""
    data = tmp_path_factory.mktemp("live") / "data"
    make_sites(data, [SITE, SIMULATED])
    with Server(data) as started:
        yield started


@pytest.fixture
def tab(browsing: BrowserContext, server: Server) -> Iterator[Watched]:
    opened = Watched.open(browsing, server.url)
    yield opened
    assert opened.complaints == []


def _lose(server: Server, conversation: str, customer: str = "acme.example") -> None:
    context = {
        "sessionId": conversation,
        "tabId": "t",
        "customer": customer,
        "release": "4.1.0",
        "browser": "Safari 17",
    }
    event = {"kind": "loss", "timestamp": now_ms(), "conversationId": conversation, "lost": 2, "hop": "restore"}
    answer = server.post(batch_of(SITE, [event], context=context))
    assert answer.status_code == 202, answer.text


@contextmanager
def _fleet(server: Server, truth: Path, fault: str) -> Iterator[None]:
    """A simulated fleet with a fault planted in it, until it is left; then `truth` says what it sent."""
    words = ("simulate", "--url", server.url, "--key", key_of(SIMULATED), "--site", SIMULATED)
    more = ("--rate", "100", "--quiet", "--fault", fault, "--truth", str(truth))
    with subprocess.Popen([sys.executable, "-m", "chatvitals", *words, *more], env=clean_environment()) as fleet:
        try:
            yield
        finally:
            fleet.send_signal(signal.SIGINT)


def test_a_planted_fault_is_on_the_screen_within_seconds(tab: Watched, server: Server, tmp_path: Path) -> None:
    """Of when it happened: a widget keeps its events for up to five seconds before it sends them."""
    tab.goto(f"/dashboard/performance?site={SIMULATED}")
    tab.wait_for_state("live")
    tab.page.evaluate("window.unchanged = true")
    with _fleet(server, tmp_path / "truth", "loss-quota"):
        expect(tab.page.get_by_text("Data Loss Detected").first).to_be_visible(timeout=PATIENCE_MS)
        seen_ms = now_ms()
    assert tab.page.evaluate("window.unchanged"), "the page was not loaded again"
    lines = [json.loads(line) for line in (tmp_path / "truth").read_text().splitlines()]
    lost_ms = min(line["timestamp"] for line in lines if line.get("kind") == "loss")
    assert seen_ms - lost_ms <= FLUSH_MS + SHOWN_MS


def test_a_loss_is_on_the_screen_within_seconds(tab: Watched, server: Server) -> None:
    tab.goto(MAIN)
    tab.wait_for_state("live")
    tab.page.evaluate("window.unchanged = true")
    _lose(server, "first")
    expect(tab.page.get_by_text("Data Loss Detected").first).to_be_visible(timeout=SHOWN_MS)
    expect(tab.page.get_by_text("unhealthy").first).to_be_visible(timeout=SHOWN_MS)
    assert tab.page.evaluate("window.unchanged"), "the page was not loaded again"


def test_an_acknowledgement_is_seen_in_another_window(tab: Watched, chromium: Browser, server: Server) -> None:
    _lose(server, "second", customer="other.example")
    tab.goto(MAIN)
    tab.wait_for_state("live")
    with chromium.new_context() as elsewhere:
        other = Watched.open(elsewhere, server.url)
        other.goto(MAIN)
        other.page.get_by_role("button", name="Acknowledge").first.click()
        expect(tab.page.get_by_text("acknowledged by").first).to_be_visible(timeout=SHOWN_MS)
        assert other.complaints == []


def test_a_server_that_hangs_is_called_stale_and_one_that_comes_back_live(tab: Watched, server: Server) -> None:
    tab.goto(MAIN)
    tab.wait_for_state("live")
    server.send_signal(signal.SIGSTOP)
    try:
        tab.wait_for_state("stale")
    finally:
        server.send_signal(signal.SIGCONT)
    tab.wait_for_state("live")
    tab.complaints.clear()  # of the connections that failed meanwhile


def test_a_browser_without_network_says_so(tab: Watched, browsing: BrowserContext) -> None:
    tab.goto(MAIN)
    tab.wait_for_state("live")
    browsing.set_offline(True)
    tab.wait_for_state("offline")
    browsing.set_offline(False)
    tab.wait_for_state("live")
    tab.complaints.clear()  # of the connection that broke


def test_a_fixed_range_does_not_claim_to_be_live(tab: Watched) -> None:
    tab.goto(f"{MAIN}&from=2026-01-01T00:00&to=2026-01-02T00:00")
    tab.wait_for_state("still")


def test_what_somebody_types_is_not_overwritten(tab: Watched, server: Server) -> None:
    tab.goto(f"/dashboard/sessions?site={SITE}")
    tab.wait_for_state("live")
    search = tab.page.locator("main input[type=search]").first
    search.click()
    tab.page.keyboard.type("#abcd", delay=20)
    _lose(server, "third")
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        assert search.input_value() == "#abcd"
        tab.page.wait_for_timeout(200)


def test_what_is_shown_stays_where_it_cannot_be_loaded_again(tab: Watched) -> None:
    tab.goto(MAIN)
    tab.wait_for_state("live")
    state, heading = tab.page.locator("#connection"), tab.page.get_by_role("heading", level=1)
    words = heading.inner_text()
    tab.page.route(
        "**/dashboard/performance?*", lambda route: route.fulfill(status=503, body="no", content_type="text/plain")
    )
    tab.page.keyboard.press("r")
    expect(state).to_have_attribute("title", re.compile("The server answered 503"))
    expect(heading).to_have_text(words)
    tab.page.unroute_all()
    tab.page.keyboard.press("r")
    expect(state).to_have_attribute("data-state", "live")
    tab.complaints.clear()  # of the answer that was bad


def test_newer_figures_wait_while_text_is_marked_and_that_is_said(tab: Watched, server: Server) -> None:
    tab.goto(MAIN)
    tab.wait_for_state("live")
    state = tab.page.locator("#connection")
    tab.page.evaluate("getSelection().selectAllChildren(document.querySelector('#content'))")
    _lose(server, "fourth", customer="held.example")
    expect(state).to_have_attribute("data-state", "held", timeout=SHOWN_MS)
    tab.page.evaluate("getSelection().removeAllRanges()")
    expect(state).to_have_attribute("data-state", "live", timeout=SHOWN_MS)


def test_a_page_follows_the_server_through_a_restart(tmp_path: Path, browsing: BrowserContext) -> None:
    make_sites(tmp_path / "data", [SITE])
    with Server(tmp_path / "data") as server:
        tab = Watched.open(browsing, server.url)
        tab.goto(MAIN)
        tab.wait_for_state("live")
        server.port = int(server.url.rpartition(":")[2])
        assert server.terminate() == 0
        tab.wait_for_state("stale")
        server.start()
        tab.wait_for_state("live")
        _lose(server, "after")
        expect(tab.page.get_by_text("Data Loss Detected").first).to_be_visible(timeout=PATIENCE_MS)
