"""What goes over the network and between tabs: calls, errors, changes in other tabs, and the widget's own start."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route
from tests.e2e.visits import sent, start, told, unsent, visit
from tests.support.server import WIDGET, Json, Server, key_of

STUB = Path(__file__).parent.parent.parent / "sdk" / "dist" / "stub.js"


def calling(browsing: BrowserContext, host: str, server: Server, site: str) -> Page:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate("window.call = chatvitals.measureFetch(handle)")
    return page


def calls(page: Page, server: Server, site: str, count: int) -> list[Json]:
    page.wait_for_timeout(500)  # the browser's own notes of where answers came from
    return sent(page, server, site, "api", count)


def test_calls_are_measured(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = calling(browsing, host, server, site)
    size = page.evaluate(
        """async () => {
            const answer = await call('/api/chats/0f3a9c/messages/17?since=12');
            await call(new Request('/api/failing?status=503', {method: 'POST'}));
            await call(new URL('/api/lists', location), {method: 'put'}).catch(() => {});
            await fetch('/api/of-the-page');
            return (await answer.text()).length;
        }"""
    )
    assert size == 1_000
    good, bad, other = calls(page, server, site, 3)
    assert (good["endpoint"], good["method"], good["status"], good["success"]) == (
        *("/api/chats/:id/messages/:id", "GET", 200, True),
    )
    assert 0 < good["duration"] < 5_000
    assert (bad["endpoint"], bad["method"], bad["status"], bad["success"]) == ("/api/failing", "POST", 503, False)
    assert (other["endpoint"], other["method"], other["status"]) == ("/api/lists", "PUT", 501)


def test_calls_that_fail_fail(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = calling(browsing, host, server, site)
    page.route("**/api/lost", lambda route: route.abort())
    names = page.evaluate(
        """async () => {
            const stop = new AbortController();
            const given = call('/api/given-up', {signal: stop.signal});
            stop.abort();
            const nameOf = (call) => call.then(() => 'none', (error) => error.name);
            return [await nameOf(given), await nameOf(call('/api/lost')), await nameOf(call('https://['))];
        }"""
    )
    assert names == ["AbortError", "TypeError", "TypeError"]
    lost, bad = calls(page, server, site, 2)
    assert (lost["endpoint"], lost.get("status"), lost["success"]) == ("/api/lost", None, False)
    assert (bad.get("status"), bad["success"]) == (None, False)


def test_calls_out_of_the_cache(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = calling(browsing, host, server, site)
    page.evaluate(
        """async (elsewhere) => {
            for (let i = 0; i < 2; i++) await (await call('/api/kept?Cache-Control=max-age%3D60')).text();
            await call(`${elsewhere}/api/opaque`, {mode: 'no-cors'});
        }""",
        host.replace("127.0.0.1", "localhost"),
    )
    first, second, opaque = calls(page, server, site, 3)
    assert (first["cached"], second["cached"]) == (False, True)
    assert (opaque.get("cached"), opaque.get("status"), opaque["success"]) == (None, None, True)


def test_a_route_of_the_widgets_own(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = calling(browsing, host, server, site)
    page.evaluate("chatvitals.measureFetch(handle, (path) => path.replace('anna', ':name'))('/api/anna')")
    assert [call["endpoint"] for call in calls(page, server, site, 1)] == ["/api/:name"]


def test_the_widgets_own_errors(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    for name in ("own", "another"):
        page.add_script_tag(url=f"{host}/part.js?name={name}")
    page.evaluate("void (window.handled = chatvitals.measureErrors(handle, /name=own/))")
    for act in ("fail('no 17')", "fail('see https://another.example/ or 18')", "reject('late')"):
        page.evaluate(f"another.{act}, own.{act}, new Promise((done) => setTimeout(done, 50))")
    page.evaluate("another.fail('at http://x/part.js?name=own'), new Promise((done) => setTimeout(done, 50))")
    page.evaluate("void dispatchEvent(new ErrorEvent('error', {message: 'Script error.', filename: ''}))")
    page.evaluate("try { null.field } catch (error) { handled(error) } handled(), handled('text')")
    first, second, late, *rest = sent(page, server, site, "error", 6)
    assert [(event["type"], event["handled"]) for event in (first, second, late)] == [
        *(("TypeError", False), ("TypeError", False), ("RangeError", False)),
    ]
    assert first["fingerprint"] == second["fingerprint"] != late["fingerprint"]
    assert [(event["type"], event["handled"]) for event in rest] == [
        *(("TypeError", True), ("Error", True), ("Error", True)),
    ]


_TABS = """() => {
    window.heard = [];
    window.tabs = chatvitals.measureTabs(handle, 'tabs');
    tabs.onmessage = (data) => heard.push(data);
}"""


def test_a_change_in_one_tab_is_seen_in_another(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    one, other = (visit(browsing, host, server, site) for _ in range(2))
    for page in (one, other):
        page.evaluate(_TABS)
    one.evaluate("tabs.post({a: 1})")
    other.wait_for_function("heard.length === 1")
    one.evaluate("tabs.post('b')")
    other.wait_for_function("heard.length === 2")
    assert other.evaluate("heard") == [{"a": 1}, "b"]
    assert one.evaluate("heard") == []
    first, second = sent(other, server, site, "tabSync", 2)
    assert first["success"]
    assert second["success"]
    assert 0 <= first["latency"] < 5_000
    assert first["tabs"] == 2


def test_a_change_that_never_came_is_a_failure(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    one, other = (visit(browsing, host, server, site) for _ in range(2))
    for page in (one, other):
        page.evaluate(_TABS)
    one.evaluate("tabs.post(1)")
    other.wait_for_function("heard.length === 1")
    one.evaluate(
        """() => {
            const {postMessage} = BroadcastChannel.prototype;
            BroadcastChannel.prototype.postMessage = () => {};
            tabs.post('lost on its way');
            BroadcastChannel.prototype.postMessage = postMessage;
            tabs.post(3);
        }"""
    )
    other.wait_for_function("heard.length === 2")
    events = sent(other, server, site, "tabSync", 3)
    assert [event["success"] for event in events] == [True, False, True]


def test_no_channel_is_no_mistake(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    browsing.add_init_script("delete window.BroadcastChannel")
    page = visit(browsing, host, server, site)
    page.evaluate(_TABS)
    page.evaluate("tabs.post(1); tabs.close()")
    unsent(page, server, site, "tabSync")


def stub(page: Page, host: str, server: Server, site: str, script: str) -> None:
    source = STUB.read_text()
    for name, value in {"SRC": script, "ENDPOINT": server.url + WIDGET, "KEY": key_of(site)}.items():
        source = source.replace(name, value)
    page.goto(host)
    page.evaluate(f"void (() => {{ {source} }})()")


def test_a_start_is_timed_from_the_stub(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = browsing.new_page()
    page.clock.install()
    stub(page, host, server, site, f"{server.url}/sdk/v1.js")
    page.wait_for_function("window.chatvitals")
    page.clock.run_for(1_000)
    start(page, server, site)
    page.evaluate("window.boot = chatvitals.measureBoot(handle); boot.frame()")
    page.clock.run_for(500)
    page.evaluate("boot.ready(); boot.failed('storage')")
    page.goto(f"{host}/other.html")
    requested, script, frame, ready, failed = told(server, site, "boot", 5)
    assert [event["stage"] for event in (requested, script, frame, ready, failed)] == [
        *("requested", "script", "frame", "ready", "failed"),
    ]
    assert 1_000 <= script["duration"] <= frame["duration"] < 20_000
    assert ready["duration"] >= frame["duration"] + 500
    assert failed["reason"] == "storage"
    assert requested["timestamp"] == pytest.approx(script["timestamp"] - script["duration"], abs=2)


@pytest.mark.parametrize(("blocked", "reason"), [(True, "blocked"), (False, None)])
def test_a_start_that_never_was_is_told_by_the_stub(
    browsing: BrowserContext, host: str, server: Server, site: str, blocked: bool, reason: str | None
) -> None:
    page = browsing.new_page()

    def answer(route: Route) -> None:
        if blocked:
            route.abort()
        else:
            route.fulfill(body="", content_type="text/javascript")

    page.route("**/widget.js", answer)
    with page.expect_event("requestfailed" if blocked else "requestfinished", lambda it: "widget.js" in it.url):
        stub(page, host, server, site, f"{host}/widget.js")
    page.goto(f"{host}/other.html")
    events = told(server, site, "boot", 2)
    assert {(event["stage"], event.get("reason")) for event in events} == {("requested", reason), ("failed", reason)}
