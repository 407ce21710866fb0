"""The helpers are guests: silent without consent, over after shutdown, and at home on unfriendly pages."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext
from tests.e2e.visits import start, told, visit, watch
from tests.support.server import Server

_ALL = """async () => {
    const list = document.body.appendChild(document.createElement('div'));
    window.shown = 0;
    chatvitals.measureMessages(handle, list, () => shown++);
    const kept = chatvitals.measureStorage(handle, () => localStorage);
    const tabs = chatvitals.measureTabs(handle, 'tabs');
    const answer = chatvitals.measureAnswer(handle);
    const handled = chatvitals.measureErrors(handle, /nowhere/);
    const call = chatvitals.measureFetch(handle);
    window.act = async () => {
        list.append(document.createElement('p'));
        try { kept.setItem('c', 'x') } catch { // blocked in frames of other origins
        }
        tabs.post(1);
        answer.chunk();
        handled(new Error('no'));
        await call('/api/of-the-widget').catch(() => {});
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 400))));
    };
    chatvitals.measureBoot(handle).ready();
    chatvitals.measureHost(handle, /nowhere/);
    chatvitals.measureMemory(handle, list);
    chatvitals.measureNavigation(handle, 'nav', () => 1);
    chatvitals.measureBundle(handle, /v1/);
    await chatvitals.probeStorage(handle);
    await act();
    answer.end();
}"""
_KINDS = {"render", "persistence", "stream", "error", "api", "boot", "bundle", "storage"}


@pytest.mark.parametrize(
    "hostile",
    [
        "for (const it of [Object, Array, String, Function, Promise, Map]) Object.freeze(it.prototype)",
        "Array.prototype.extra = () => 1; Object.prototype.extra = () => 1",
        "delete window.BroadcastChannel",
        "Object.defineProperty(navigator, 'storage', {value: undefined})",
        "Object.defineProperty(PerformanceObserver, 'supportedEntryTypes', {value: []})",
    ],
)
def test_all_measure_on_unfriendly_pages(
    browsing: BrowserContext, host: str, server: Server, site: str, hostile: str
) -> None:
    browsing.add_init_script(hostile)
    page = visit(browsing, host, server, site, clock=False)
    mistakes: list[object] = []
    page.on("pageerror", lambda error: mistakes.append(error))  # noqa: PLW0108 - Playwright marks it
    page.evaluate(_ALL)
    page.evaluate("handle.shutdown()")
    told(server, site, "sdk")
    assert {event["kind"] for event in server.export(site)} >= _KINDS
    assert mistakes == []


def test_without_consent_all_are_silent(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False, consent="denied")
    seen = watch(page, server)
    page.evaluate(_ALL)
    page.goto(f"{host}/other.html")
    assert seen == []


def test_all_end_with_the_handle(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate(_ALL)
    page.evaluate("handle.shutdown()")
    told(server, site, "sdk")
    shown, before = page.evaluate("shown"), len(server.export(site))
    assert shown == 1
    seen = watch(page, server)
    page.evaluate("act()")
    assert page.evaluate("shown") == 1, "the list isn't watched any more"
    frames = page.evaluate(
        """async () => {
            const {requestAnimationFrame} = window;
            let frames = 0;
            window.requestAnimationFrame = (act) => { frames++; return requestAnimationFrame(act) };
            await new Promise((done) => setTimeout(done, 200));
            return frames;
        }"""
    )
    assert frames == 0
    page.goto(f"{host}/other.html")
    assert seen == []
    assert len(server.export(site)) == before


def test_all_measure_under_a_strict_policy(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    policy = f"default-src 'none'; script-src {server.url}; connect-src {server.url}"
    page = browsing.new_page()
    page.goto(f"{host}/?{urlencode({'Content-Security-Policy': policy})}")
    start(page, server, site)
    page.evaluate(_ALL)
    page.evaluate("handle.shutdown()")
    told(server, site, "sdk")
    assert {event["kind"] for event in server.export(site)} >= _KINDS


def test_all_measure_in_a_frame_of_another_origin(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = browsing.new_page()
    page.goto(host)
    elsewhere = host.replace("127.0.0.1", "localhost")
    page.evaluate(
        """(address) => new Promise((loaded) => {
            const frame = document.createElement('iframe');
            frame.src = address;
            frame.onload = loaded;
            document.body.append(frame);
        }).then(() => true)""",
        elsewhere,
    )
    frame = page.frames[1]
    start(frame, server, site)
    frame.evaluate(_ALL)
    frame.evaluate("handle.shutdown()")
    told(server, site, "sdk")
    assert {event["kind"] for event in server.export(site)} >= _KINDS
