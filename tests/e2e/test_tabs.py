"""Several tabs of one visitor: what a tab that is gone left is sent by the others, once."""

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.e2e.gate import Gate, gate_before
from tests.e2e.visits import renders, start, told, visit
from tests.support.server import WIDGET, Server, key_of

_IN_BATCHES = """(count) => {
    for (let i = 0; i < count; i++) {
        history.replaceState(null, "", `/page-${i}`); // each page has batches of its own
        handle.trackRender({renderTime: i});
    }
    history.replaceState(null, "", "/");
    handle.trackRender({renderTime: count});
}"""
_START_AT = """([atMs, options]) => {
    setTimeout(() => { window.handle = chatvitals.init(options) }, atMs - Date.now());
}"""
_KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('chatvitals:')).length"


@pytest.fixture
def gate(server: Server) -> Iterator[Gate]:
    with gate_before(server.url) as opened:
        yield opened


def die_with(browsing: BrowserContext, host: str, server: Server, site: str, batches: int) -> None:
    """A tab that ends without a network, and leaves so many batches on the device."""
    page = visit(browsing, host, server, site, policy="persist")
    browsing.set_offline(True)
    page.evaluate(_IN_BATCHES, batches - 1)
    page.wait_for_function(f"{_KEPT} === {batches}")
    page.close()
    browsing.set_offline(False)


def start_together(pages: list[Page], server: Server, site: str, endpoint: str) -> None:
    """Start the SDK in all tabs at the same moment."""
    for page in pages:
        page.add_script_tag(url=f"{server.url}/sdk/v1.js")
    at_ms = pages[0].evaluate("Date.now()") + 300
    for page in pages:
        page.evaluate(_START_AT, [at_ms, {"endpoint": endpoint, "key": key_of(site), "policy": "persist"}])
    for page in pages:
        page.wait_for_function("window.handle")


@pytest.mark.parametrize("locks", [True, False])
def test_of_several_tabs_one_sends_what_a_dead_one_left(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate, locks: bool
) -> None:
    """Without Web Locks, which pages without TLS don't have, each may; the server takes each batch once."""
    if not locks:
        browsing.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
    die_with(browsing, host, server, site, batches=6)
    pages = [browsing.new_page() for _ in range(3)]
    for page in pages:
        page.goto(host)
    start_together(pages, server, site, gate.endpoint)
    pages[0].wait_for_function(f"{_KEPT} === 0")
    server.wait_settled(site, kept=7)  # and the SDK's account of itself
    assert renders(server, site) == 6
    posted = Counter(passage.id for passage in gate.passed())
    assert len(posted) == 6
    if locks:
        assert set(posted.values()) == {1}


def test_tabs_that_live_send_only_their_own(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate
) -> None:
    pages = [visit(browsing, host, server, site, policy="persist", endpoint=gate.endpoint) for _ in range(3)]
    for number, page in enumerate(pages):
        page.evaluate("(time) => handle.trackRender({renderTime: time})", number)
        page.wait_for_function(f"{_KEPT} === {number + 1}")
    late = visit(browsing, host, server, site, policy="persist", endpoint=gate.endpoint)
    late.evaluate("new Promise((done) => setTimeout(done)).then(() => navigator.locks.query())")
    assert gate.passed() == []
    for page in pages:
        page.evaluate("handle.flush()")
    server.wait_settled(site, kept=3)
    assert len(gate.passed()) == 3


def test_what_is_too_much_for_one_visit_is_sent_by_the_next(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    die_with(browsing, host, server, site, batches=25)
    page = visit(browsing, host, server, site, policy="persist")
    page.wait_for_function(f"{_KEPT} === 5")
    page.close()
    page = visit(browsing, host, server, site, policy="persist", endpoint=server.url + WIDGET)
    page.wait_for_function(f"{_KEPT} === 0")
    server.wait_settled(site, kept=26)
    assert renders(server, site) == 25


def test_without_locks_a_batch_that_still_grows_loses_nothing(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    browsing.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
    page = visit(browsing, host, server, site, policy="persist")
    page.evaluate("handle.trackRender({renderTime: 1})")
    page.wait_for_function(f"{_KEPT} === 1")
    other = visit(browsing, host, server, site, policy="persist")
    other.evaluate("handle.trackRender({renderTime: 0}); handle.flush()")  # and with it what it takes for a dead tab's
    page.evaluate("handle.trackRender({renderTime: 2}); handle.trackRender({renderTime: 3})")
    page.evaluate("handle.flush()")
    assert sorted(event["renderTime"] for event in told(server, site, "render", 4)) == [0, 1, 2, 3]


def test_a_blocked_endpoint_leaves_the_host_page_its_storage(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    """However often the visitor comes, with an extension that takes the endpoint for an advertisement."""
    browsing.route(f"{server.url}{WIDGET}", lambda route: route.abort("blockedbyclient"))
    page = browsing.new_page()
    for _ in range(4):
        page.goto(host)
        start(page, server, site, policy="persist")
        page.evaluate("for (let i = 0; i < 20_000; i++) handle.trackRender({renderTime: i, contentLength: 100})")
    page.goto(host)
    kept = page.evaluate("Object.entries(localStorage).flat().join('').length")
    assert 0 < kept < 1_000_000
