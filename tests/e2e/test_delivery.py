"""Events that a page records arrive, each once, however the page ends."""

import pytest
from playwright.sync_api import BrowserContext
from tests.e2e.visits import renders, start, told, visit, watch
from tests.support.server import Server, make_sites, wait_until

EVENTS = 500
_RECORD = """(count) => {
    for (let i = 0; i < count; i++) {
        handle.trackRender({messageId: `m-${i}`, renderTime: 3 + (i * 7 % 40) / 2, contentLength: 100 + i % 60});
    }
}"""


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


_RECORD_AND_GO = f"""([count, elsewhere]) => {{
    ({_RECORD})(count);
    location.href = elsewhere;
}}"""


def test_more_than_a_page_may_send_when_it_goes_waits_for_the_next_visit(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    """Browsers let 64 KiB outlive a page; these are 280 kB, none of which was sent before."""
    page = visit(browsing, host, server, site, clock=False, policy="persist")
    page.evaluate(_RECORD_AND_GO, [6 * EVENTS, f"{host}/other.html"])
    page.wait_for_url("**/other.html")
    start(page, server, site, policy="persist")
    server.wait_settled(site, kept=6 * EVENTS + 1)
    assert renders(server, site) == 6 * EVENTS


def test_where_nothing_may_wait_what_did_not_fit_is_known_to_be_missing(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate(_RECORD_AND_GO, [6 * EVENTS, f"{host}/other.html"])
    told(server, site, "sdk")
    wait_until(lambda: renders(server, site) >= EVENTS, "a keepalive request's worth is stored")
    coverage = server.figures(site)["coverage"]
    loss = coverage["telemetryLoss"]
    assert (loss["expected"], loss["received"]) == (6 * EVENTS + 1, coverage["kinds"]["render"]["n"] + 1)


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


def test_the_network_comes_back(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    browsing.set_offline(True)
    with page.expect_event("requestfailed"):  # and the next attempt is put off
        page.evaluate(_RECORD, EVENTS)
    browsing.set_offline(False)
    took_ms = page.evaluate(
        "() => { const from = performance.now(); return handle.flush().then(() => performance.now() - from) }"
    )
    assert took_ms < 1_000
    server.wait_settled(site, kept=EVENTS)


def test_the_server_comes_back(browsing: BrowserContext, host: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("back") / "data"
    make_sites(data, ["back"])
    with Server(data, flush_interval_ms=100, commit_interval_ms=1) as server:
        page = visit(browsing, host, server, "back")
        server.port = int(server.url.rpartition(":")[2])
        server.kill9()
        with page.expect_event("requestfailed"):
            page.evaluate(_RECORD, EVENTS)
        server.start()
        page.evaluate("handle.flush()")
        server.wait_settled("back", kept=EVENTS)
