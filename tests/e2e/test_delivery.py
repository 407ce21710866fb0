"""Events that a page records arrive, each once, however the page ends."""

import pytest
from playwright.sync_api import BrowserContext, Page, Request
from tests.support.server import WIDGET, Server, key_of

EVENTS = 500
_RECORD = """(count) => {
    for (let i = 0; i < count; i++) {
        handle.trackRender({messageId: `m-${i}`, renderTime: 3 + (i * 7 % 40) / 2, contentLength: 100 + i % 60});
    }
}"""


def visit(browsing: BrowserContext, host: str, server: Server, site: str, **options: object) -> Page:
    """A page of the host with the SDK started on it."""
    page = browsing.new_page()
    page.goto(host)
    page.add_script_tag(url=f"{server.url}/sdk/v1.js")
    page.evaluate(
        "(options) => { window.handle = chatvitals.init(options) }",
        {"endpoint": server.url + WIDGET, "key": key_of(site), "customer": "acme", "release": "1.0", **options},
    )
    return page


def watch(page: Page, server: Server) -> list[Request]:
    """The requests that the page sends to the server from now on."""
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request) if server.url in request.url else None)
    return seen


def renders(server: Server, site: str) -> int:
    kinds = server.figures(site)["coverage"]["kinds"]
    return int(kinds.get("render", {"n": 0})["n"])


def test_events_arrive_in_two_requests_without_a_preflight(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = visit(browsing, host, server, site)
    seen = watch(page, server)
    page.evaluate(_RECORD, EVENTS)
    page.evaluate("handle.flush()")
    server.wait_settled(site, kept=EVENTS)
    assert renders(server, site) == EVENTS
    assert {request.method for request in seen} == {"POST"}
    assert len(seen) <= 2
    sent = sum(request.sizes()["requestBodySize"] for request in seen)
    assert sent / EVENTS <= 12, f"{sent / EVENTS:.1f} bytes an event"


@pytest.mark.parametrize("ending", ["navigate", "close"])
def test_events_outlive_their_page(browsing: BrowserContext, host: str, server: Server, site: str, ending: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(_RECORD, EVENTS)
    if ending == "navigate":
        page.goto(f"{host}/other.html")
    else:
        page.close(run_before_unload=True)
    server.wait_settled(site, kept=EVENTS + 1)  # and the SDK's account of itself
    assert renders(server, site) == EVENTS


def test_what_a_dead_tab_left_is_sent_by_the_next_visit(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = visit(browsing, host, server, site, policy="persist")
    browsing.set_offline(True)
    page.evaluate(_RECORD, EVENTS)
    page.wait_for_function("Object.keys(localStorage).some((name) => localStorage[name].includes('\"seq\\\\\":499'))")
    page.close()
    browsing.set_offline(False)
    visit(browsing, host, server, site, policy="persist")
    server.wait_settled(site, kept=EVENTS + 1)
    assert renders(server, site) == EVENTS
