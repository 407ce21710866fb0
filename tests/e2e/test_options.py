"""What a widget says to `init`: the share of sessions that send, whether to explain itself, and nonsense."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.e2e.visits import start, told, visit, watch
from tests.support.server import WIDGET, Server, key_of

_ONE = "handle.trackRender({renderTime: 5})"


def chance(page: Page, value: float) -> None:
    page.evaluate("(value) => { Math.random = () => value }", value)


@pytest.mark.parametrize(("drawn", "sends"), [(0.24, True), (0.25, False)])
def test_a_share_of_sessions_sends_and_counts_for_all(
    browsing: BrowserContext, host: str, server: Server, site: str, drawn: float, sends: bool
) -> None:
    page = visit(browsing, host, server, site, consent="denied")
    seen = watch(page, server)
    chance(page, drawn)
    start(page, server, site, sample=0.25)
    page.evaluate(f"{_ONE}; handle.flush()")
    page.evaluate("handle.shutdown()")
    if not sends:
        assert [request for request in seen if request.method == "POST"] == []
        return
    (event,) = told(server, site, "render")
    assert event["sample"] == 0.25
    figures = server.figures(site)
    assert figures["performance"]["renders"]["total"] == 4
    assert figures["coverage"]["kinds"]["render"]["n"] == 1


def test_nobody_sends_with_a_share_of_nothing(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, consent="denied")
    seen = watch(page, server)
    chance(page, 0.0)
    start(page, server, site, sample=0, policy="persist")
    page.evaluate(_ONE)
    page.clock.run_for(10_000)
    page.evaluate("handle.shutdown()")
    assert [request for request in seen if request.method == "POST"] == []
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("debug", [True, False])
def test_what_it_does_is_explained_to_who_wants_to_know(
    browsing: BrowserContext, host: str, server: Server, site: str, debug: bool
) -> None:
    page = browsing.new_page()
    page.clock.install()
    said: list[tuple[str, str]] = []
    page.on("console", lambda message: said.append((message.type, message.text)))
    page.goto(host)
    start(page, server, site, debug=debug)
    page.evaluate("handle.trackRender(null)")
    page.evaluate(f"{_ONE}; {_ONE}; handle.flush()")
    told(server, site, "render", 2)
    browsing.set_offline(True)
    with page.expect_event("requestfailed"):
        page.evaluate(f"{_ONE}; void handle.flush()")
    page.evaluate("handle.setConsent(false)")
    ours = [text for kind, text in said if "chatvitals" in text and "ERR_" not in text]
    if not debug:
        assert ours == []
        return
    assert all(kind == "debug" for kind, text in said if text in ours)
    assert ours[0] == "chatvitals: dropped: unreadable"
    assert ours[1] == "chatvitals: sent 2 events"
    assert ours[2].startswith("chatvitals: not sent; again in")


_ALL_TRACKERS = """(options) => {
    window.handle = chatvitals.init(options);
    for (const name of Object.keys(handle).filter((name) => name.startsWith("track"))) handle[name]({});
    handle.setConsent(true);
    handle.interacted();
    handle.stores();
    void handle.flush();
    handle.shutdown();
    return handle.policy;
}"""


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        {},
        {"endpoint": 42, "key": {}, "policy": "for ever", "consent": "perhaps", "sample": "half"},
        {"endpoint": "http://[", "key": "k", "policy": "persist"},
        {"endpoint": "javascript:void(0)", "key": "k", "sample": -1},
    ],
)
def test_nonsense_makes_nothing_throw(
    browsing: BrowserContext, host: str, server: Server, nonsense: dict[str, Any] | None
) -> None:
    page = browsing.new_page()
    mistakes: list[object] = []
    page.on("pageerror", lambda error: mistakes.append(error))  # noqa: PLW0108 - Playwright marks it
    page.goto(host)
    page.add_script_tag(url=f"{server.url}/sdk/v1.js")
    assert isinstance(page.evaluate(_ALL_TRACKERS, nonsense), str)
    page.goto(f"{host}/other.html")
    assert mistakes == []


def test_a_handle_that_is_off_says_why(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = browsing.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(host)
    page.evaluate("void Object.defineProperty(window, 'crypto', {value: undefined})")
    page.add_script_tag(url=f"{server.url}/sdk/v1.js")
    page.evaluate(_ALL_TRACKERS, {"endpoint": server.url + WIDGET, "key": key_of(site), "debug": True})
    assert page.evaluate("handle.ended.aborted")
    assert any(text.startswith("chatvitals: off,") for text in said)
