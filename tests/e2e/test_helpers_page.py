"""What is on screen: messages, scrolls, streamed answers, memory, page changes, and what the widget costs its host."""

from itertools import pairwise

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.e2e.visits import sent, start, told, unsent, visit
from tests.support.server import Server

_LIST = """() => {
    window.list = document.createElement('div');
    list.style = 'height: 300px; overflow: auto';
    document.body.append(list);
    window.add = (text) => {
        const message = document.createElement('p');
        message.textContent = text;
        list.append(message);
        return message;
    };
    window.painted = [];
    chatvitals.measureMessages(handle, list, (message) => painted.push(message.textContent));
}"""
_BUSY = "window.busy = (ms) => { const until = performance.now() + ms; while (performance.now() < until); }"
_HIDE = """(hidden) => {
    Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
    document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
}"""


def open_list(browsing: BrowserContext, host: str, server: Server, site: str) -> Page:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate(_LIST)
    page.evaluate(f"void ({_BUSY})")
    return page


def test_a_message_is_timed_to_its_paint(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = open_list(browsing, host, server, site)
    page.evaluate("add('first'); list.append(' text is no message ')")
    page.wait_for_function("painted.length === 1")
    page.evaluate("add('second one'); requestAnimationFrame(() => busy(60))")
    page.wait_for_function("painted.length === 2")
    first, second = sent(page, server, site, "render", 2)
    assert (first["contentLength"], first["messageCount"]) == (5, 1)
    assert (second["contentLength"], second["messageCount"]) == (10, 2)
    assert 0 < first["renderTime"] < 60 <= second["renderTime"] < 1_000


def test_what_nobody_saw_is_no_render(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = open_list(browsing, host, server, site)
    page.evaluate("add('gone').remove()")
    page.evaluate("add('gone in the next task'); setTimeout(() => list.lastChild.remove())")
    page.wait_for_function("!list.lastChild")
    page.evaluate(_HIDE, True)
    page.evaluate("add('hidden')")
    page.evaluate(_HIDE, False)
    page.evaluate("add('hidden before its paint')")
    page.evaluate(f"add('and so this'); void Promise.resolve().then(() => {{ ({_HIDE})(true); ({_HIDE})(false) }})")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("add('seen')")
    page.wait_for_function("painted.includes('seen')")
    assert "and so this" not in page.evaluate("painted")
    assert {"gone", "hidden"}.isdisjoint(page.evaluate("painted"))


def test_messages_in_a_shadow_root(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate(
        """() => {
            const root = document.body.attachShadow({mode: 'closed'});
            const list = root.appendChild(document.createElement('div'));
            chatvitals.measureMessages(handle, list, () => { window.painted = true });
            list.append(document.createElement('p'));
        }"""
    )
    page.wait_for_function("window.painted")
    (event,) = sent(page, server, site, "render")
    assert (event["contentLength"], event["messageCount"]) == (0, 1)


_SCROLL = """(late) => new Promise((done) => {
    let steps = 30;
    const step = () => {
        list.scrollTop += 10;
        if (steps === 10) busy(late);
        if (--steps) requestAnimationFrame(step); else done();
    };
    requestAnimationFrame(step);
})"""


@pytest.mark.parametrize("late_ms", [0, 120])
def test_a_scroll_is_as_smooth_as_its_frames(
    browsing: BrowserContext, host: str, server: Server, site: str, late_ms: int
) -> None:
    page = open_list(browsing, host, server, site)
    page.evaluate("for (let i = 0; i < 200; i++) add(`message ${i}`)")
    page.wait_for_timeout(300)  # the display's interval is learnt from frames, which are the browser's own
    page.evaluate(_SCROLL, late_ms)
    (scroll,) = told(server, site, "scroll")
    assert scroll["frames"] == pytest.approx(29, abs=1), "from the first move to the last, and no frame after it"
    assert scroll["fps"] == pytest.approx(1_000 * scroll["frames"] / scroll["duration"], rel=0.01)
    if late_ms:
        assert scroll["lateFrames"] >= 1
        assert scroll["minFps"] <= 1_000 / (late_ms - 20)
    else:
        assert scroll["minFps"] > 1_000 / 120


def test_a_jump_is_no_scroll(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = open_list(browsing, host, server, site)
    page.evaluate("for (let i = 0; i < 200; i++) add(`message ${i}`)")
    page.evaluate("list.scrollTop = 1e6")
    page.wait_for_timeout(500)  # the browser's own frames
    unsent(page, server, site, "scroll")


def visit_with_memory(browsing: BrowserContext, host: str, server: Server, site: str) -> Page:
    """The clock that can be set forward hides the browser's `performance.memory`: a frame from before it has one."""
    page = browsing.new_page()
    page.goto(host)
    page.evaluate("window.real = performance")
    page.clock.install()
    start(page, server, site)
    page.evaluate("void Object.defineProperty(performance, 'memory', {get: () => real.memory, configurable: true})")
    return page


def test_memory_every_half_minute(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit_with_memory(browsing, host, server, site)
    page.evaluate(
        """() => {
            const {trackMemory} = handle;
            window.times = [];
            handle.trackMemory = (event) => { times.push(Date.now()); trackMemory(event) };
            chatvitals.measureMemory(handle, document);
        }"""
    )
    page.clock.run_for(5_100 + 3 * 33_100)
    times = page.evaluate("times")  # the server's are set right batch by batch
    assert len(times) in (4, 5)
    assert all(26_900 <= later - earlier <= 33_200 for earlier, later in pairwise(times)), times
    events = sent(page, server, site, "memory", len(times))
    assert all(event["limitBytes"] > event["usedBytes"] > 100_000 for event in events)
    assert all(event["source"] == "performance.memory" and event["domNodes"] >= 4 for event in events)


@pytest.mark.parametrize(
    "because",
    [
        "Object.defineProperty(document, 'hidden', {value: true})",
        "Object.defineProperty(performance, 'memory', {value: undefined})",
        "handle.shutdown()",
    ],
)
def test_no_memory_where_it_is_unknown(
    browsing: BrowserContext, host: str, server: Server, site: str, because: str
) -> None:
    page = visit_with_memory(browsing, host, server, site)
    page.evaluate("chatvitals.measureMemory(handle)")
    page.evaluate(f"void {because}")
    page.clock.run_for(80_000)
    start(page, server, site)
    unsent(page, server, site, "memory")


def test_a_streamed_answer(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate(
        """async () => {
            const later = (ms) => new Promise((done) => setTimeout(done, ms));
            const answer = chatvitals.measureAnswer(handle);
            await later(100);
            answer.chunk();
            await later(50);
            answer.chunk();
            await later(300);
            answer.chunk();
            answer.end('truncated');
            answer.end();
        }"""
    )
    (stream,) = sent(page, server, site, "stream")
    assert (stream["outcome"], stream["chunks"]) == ("truncated", 3)
    assert 99 <= stream["firstChunk"] < 300
    assert stream["firstChunk"] <= stream["firstPaint"] < stream["firstChunk"] + 200
    assert 299 <= stream["longestStall"] < 600


def test_an_answer_is_orphaned_when_its_page_goes(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate("window.answer = chatvitals.measureAnswer(handle); answer.chunk()")
    page.goto(f"{host}/other.html")
    (stream,) = told(server, site, "stream")
    assert (stream["outcome"], stream["chunks"]) == ("orphaned", 1)


_NAVIGATE = """(count) => {
    window.messages = count;
    chatvitals.measureNavigation(handle, 'nav', () => window.messages);
}"""


@pytest.mark.parametrize(("found", "preserved"), [(3, True), (4, True), (2, False)])
def test_a_hard_page_change(
    browsing: BrowserContext, host: str, server: Server, site: str, found: int, preserved: bool
) -> None:
    page = visit(browsing, host, server, site, policy="persist")
    page.evaluate(_NAVIGATE, 3)
    page.goto(f"{host}/other.html")
    start(page, server, site, policy="persist")
    page.evaluate(_NAVIGATE, found)
    (navigation,) = sent(page, server, site, "navigation")
    assert (navigation["preserved"], navigation["type"]) == (preserved, "hard")
    assert (navigation["from"], navigation["to"]) == ("/", "/other.html")
    assert (navigation["expected"], navigation["found"]) == (3, found)
    assert page.evaluate("sessionStorage.getItem('nav')") is None


def test_soft_page_changes(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(_NAVIGATE, 3)
    page.evaluate("history.pushState(null, '', '/a'); history.replaceState(null, '', '/a?query'); messages = 1")
    page.clock.run_for(600)
    page.evaluate("history.pushState(null, '', '/b'); history.pushState(null, '', '/c')")
    page.clock.run_for(600)
    lost, *kept = sent(page, server, site, "navigation", 3)
    assert (lost["type"], lost["preserved"], lost["from"], lost["to"]) == ("soft", False, "/", "/a")
    assert (lost["expected"], lost["found"]) == (3, 1)
    assert [(event["preserved"], event["from"]) for event in kept] == [(True, "/a"), (True, "/b")]


def test_a_page_that_comes_back(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, policy="persist")
    page.evaluate(_NAVIGATE, 3)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: false}))")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true})); messages = 2")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    (back,) = sent(page, server, site, "navigation")
    assert (back["type"], back["preserved"], back["expected"], back["found"]) == ("bfcache", False, 3, 2)


def test_where_each_page_begins_anew_nothing_is_lost(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = visit(browsing, host, server, site, policy="ephemeral")
    page.evaluate(_NAVIGATE, 3)
    page.evaluate("history.pushState(null, '', '/a'); messages = 0")
    page.clock.run_for(600)
    unsent(page, server, site, "navigation")


_PART = "/part.js?name="


def test_what_the_widget_costs(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.add_script_tag(url=f"{host}{_PART}own")
    page.add_script_tag(url=f"{host}{_PART}another")
    page.evaluate("chatvitals.measureHost(handle, /name=own/, true)")
    page.evaluate(
        """async () => {
            const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            const button = document.createElement('button');
            button.onclick = own.press;
            button.textContent = 'press';
            document.querySelector('h1').before(button);
            await frame();
            const element = document.querySelector('h1');
            setTimeout(another.busy, 0, 350);
            await new Promise((done) => setTimeout(done));
            await frame();
            const pushed = document.createElement('div');
            pushed.style.height = '200px';
            document.body.prepend(pushed);
            await frame();
        }"""
    )
    page.click("button")
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"
    )
    page.evaluate("dispatchEvent(new Event('pagehide')); dispatchEvent(new Event('pagehide'))")
    (cost,) = told(server, site, "host")
    assert cost["holdout"] is True
    assert 0 < cost["lcp"] < 30_000
    assert cost["cls"] > 0
    assert 200 <= cost["inp"] < 2_000
    assert 100 <= cost["ownBlockingTime"] < 300
    assert cost["blockingTime"] >= cost["ownBlockingTime"] + 250


def test_a_fast_page_costs_nothing(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate("chatvitals.measureHost(handle, /name=own/, false)")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    (cost,) = told(server, site, "host")
    assert (cost["holdout"], cost["ownBlockingTime"], cost["cls"]) == (False, 0, 0)
    assert cost.get("inp") is None, "nobody did anything"


def test_the_widgets_own_files(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.add_script_tag(url=f"{host}{_PART}own&Cache-Control=max-age%3D60")
    page.evaluate("chatvitals.measureBundle(handle, /name=own/); chatvitals.measureBundle(handle, /no such/)")
    (bundle,) = sent(page, server, site, "bundle")
    assert 0 < bundle["loadTime"] < 5_000
    assert bundle["size"] == page.evaluate(f"fetch('{_PART}own').then((got) => got.text()).then((text) => text.length)")
    assert bundle["cached"] is False


def test_files_out_of_the_cache(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    address = f"{host}{_PART}own&Cache-Control=max-age%3D60"
    page = visit(browsing, host, server, site, clock=False)
    page.add_script_tag(url=address)
    page = visit(browsing, host, server, site, clock=False)
    page.add_script_tag(url=address)
    page.evaluate("chatvitals.measureBundle(handle, /name=own/)")
    (bundle,) = sent(page, server, site, "bundle")
    assert bundle["cached"] is True
    assert bundle["size"] > 100


@pytest.mark.parametrize("allowed", [False, True])
def test_files_of_another_origin(browsing: BrowserContext, host: str, server: Server, site: str, allowed: bool) -> None:
    page = visit(browsing, host, server, site, clock=False)
    elsewhere = host.replace("127.0.0.1", "localhost")
    page.add_script_tag(url=f"{elsewhere}{_PART}own{'&Timing-Allow-Origin=*' if allowed else ''}")
    page.evaluate("chatvitals.measureBundle(handle, /name=own/)")
    (bundle,) = sent(page, server, site, "bundle")
    assert bundle["loadTime"] > 0
    assert (bundle.get("size") is not None) == allowed
    assert bundle.get("cached") == (False if allowed else None)


@pytest.mark.parametrize(("chance", "held"), [(0.1, True), (0.9, False)])
def test_a_share_is_held_back(
    browsing: BrowserContext, host: str, server: Server, site: str, chance: float, held: bool
) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate("(chance) => { Math.random = () => chance }", chance)
    page.evaluate("void chatvitals.holdBack(0.5, 60_000).then((held) => { window.held = held })")
    assert page.evaluate("window.held") == (None if held else False)
    page.clock.run_for(60_100)
    assert page.evaluate("window.held") is held
