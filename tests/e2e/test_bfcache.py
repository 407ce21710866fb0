"""Pages that wait in the browser's own back/forward cache, and come back out of it with all that was recorded."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.e2e.gate import Gate, Refusal, gate_before
from tests.e2e.visits import sent, told, visit
from tests.support.server import Server

_WATCH = """() => {
    addEventListener("pageshow", ({persisted}) => { window.persisted = persisted });
    chatvitals.measureNavigation(handle, "nav", () => 3);
}"""
_RESTORED = """() => window.persisted === undefined ? null : {
    persisted: window.persisted,
    reasons: performance.getEntriesByType("navigation")[0].notRestoredReasons,
}"""


@pytest.fixture
def gate(server: Server) -> Iterator[Gate]:
    with gate_before(server.url) as opened:
        yield opened


def leave_and_return(page: Page, host: str) -> None:
    """Go to another page and back; fails where the browser didn't keep this one."""
    page.goto(f"{host}/other.html")
    page.evaluate("void setTimeout(() => history.back())")
    page.wait_for_url(f"{host}/", wait_until="commit")
    page.wait_for_function("window.persisted !== undefined || !window.handle")
    assert page.evaluate(_RESTORED) == {"persisted": True, "reasons": None}


def record(page: Page, *times: int) -> None:
    for time_ms in times:
        page.evaluate("(time) => handle.trackRender({renderTime: time})", time_ms)


@pytest.mark.parametrize("policy", ["persist", "session", "ephemeral"])
def test_a_page_comes_back_with_what_it_recorded(
    returning: BrowserContext, host: str, server: Server, site: str, policy: str
) -> None:
    page = visit(returning, host, server, site, clock=False, policy=policy)
    page.evaluate(_WATCH)
    record(page, 1, 2)
    leave_and_return(page, host)
    record(page, 3)
    assert [event["renderTime"] for event in sent(page, server, site, "render", 3)] == [1, 2, 3]
    if policy != "ephemeral":
        (back,) = told(server, site, "navigation")
        assert (back["type"], back["preserved"], back["expected"], back["found"]) == ("bfcache", True, 3, 3)


def test_what_the_server_refused_meanwhile_is_sent_when_the_page_is_back(
    returning: BrowserContext, host: str, server: Server, site: str, gate: Gate
) -> None:
    page = visit(returning, host, server, site, clock=False, policy="persist", endpoint=gate.endpoint)
    page.evaluate(_WATCH)
    gate.refuse(Refusal(503), Refusal(503))
    record(page, 1)
    page.evaluate("void handle.flush()")
    gate.wait_passed(1)
    record(page, 2)
    leave_and_return(page, host)
    record(page, 3)
    assert [event["renderTime"] for event in sent(page, server, site, "render", 3)] == [1, 2, 3]
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('chatvitals:'))") == []


def test_another_tab_sends_what_a_page_in_the_cache_left(
    returning: BrowserContext, host: str, server: Server, site: str, gate: Gate
) -> None:
    page = visit(returning, host, server, site, clock=False, policy="persist", endpoint=gate.endpoint)
    page.evaluate(_WATCH)
    gate.refuse(Refusal(503))
    record(page, 1, 2)
    page.goto(f"{host}/other.html")
    gate.wait_passed(1)
    other = visit(returning, host, server, site, clock=False, policy="persist", endpoint=gate.endpoint)
    server.wait_settled(site, kept=3)  # and the SDK's account of itself
    other.wait_for_function("localStorage.length === 0")
    page.evaluate("void setTimeout(() => history.back())")
    page.wait_for_url(f"{host}/", wait_until="commit")
    page.wait_for_function("window.persisted !== undefined || !window.handle")
    assert page.evaluate(_RESTORED) == {"persisted": True, "reasons": None}
    record(page, 3)
    assert [event["renderTime"] for event in sent(page, server, site, "render", 3)] == [1, 2, 3]


def test_a_page_that_sends_what_a_dead_tab_left_may_wait_in_the_cache(
    returning: BrowserContext, host: str, server: Server, site: str, gate: Gate
) -> None:
    dead = visit(returning, host, server, site, clock=False, policy="persist", endpoint=gate.endpoint)
    gate.refuse(*(Refusal(503) for _ in range(20)))
    record(dead, 1)
    dead.wait_for_function("localStorage.length === 1")
    dead.close()
    page = visit(returning, host, server, site, clock=False, policy="persist", endpoint=gate.endpoint)
    page.evaluate(_WATCH)
    page.wait_for_function("navigator.locks.query().then(({held}) => held.length === 2)")  # its own, and the dead tab's
    leave_and_return(page, host)
    gate.refusals.clear()
    record(page, 2)
    assert sorted(event["renderTime"] for event in sent(page, server, site, "render", 2)) == [1, 2]
