"""Where widgets are put: several on one page, in shadow roots, in frames of every kind, on pages without TLS."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Frame, Page
from tests.e2e.visits import start, told, visit
from tests.support.server import WIDGET, Server, key_of

_ALL = """async () => {
    const list = document.body.appendChild(document.createElement("div"));
    const kept = chatvitals.measureStorage(handle, () => localStorage);
    const ledger = chatvitals.keepConversation(handle, {id: "c", name: "chat", area: kept, identity: "ada"});
    const course = chatvitals.followMessages(handle, "c");
    const tabs = chatvitals.measureTabs(handle, "tabs");
    const handled = chatvitals.measureErrors(handle, /nowhere/);
    chatvitals.measureBoot(handle).ready();
    chatvitals.measureHost(handle, /nowhere/);
    chatvitals.measureMemory(handle, list);
    chatvitals.measureBundle(handle, /v1/);
    await chatvitals.probeStorage(handle);
    await ledger.restore();
    chatvitals.measureNavigation(handle, "nav", () => 1);
    course.sent("m");
    course.acked("m", 0);
    const painted = new Promise((shown) => chatvitals.measureMessages(handle, list, shown));
    list.append(document.createElement("p"));
    await ledger.save("content", ["m"]).catch(handled);
    tabs.post(1);
    const answer = chatvitals.measureAnswer(handle);
    answer.chunk();
    answer.end();
    await painted;
}"""
_KINDS = {"boot", "bundle", "message", "persistence", "render", "storage", "stream"}


def measure_all(frame: Page | Frame, server: Server, site: str, **options: object) -> set[str]:
    """Measure everything there, and hold that nothing went wrong; the kinds of events that came."""
    frame.evaluate(
        """() => {
            window.mistakes = [];
            addEventListener("error", ({message}) => mistakes.push(message));
            addEventListener("unhandledrejection", ({reason}) => mistakes.push(`${reason}`));
        }"""
    )
    start(frame, server, site, **options)
    frame.evaluate(_ALL)
    frame.evaluate("handle.shutdown()")
    told(server, site, "sdk")
    assert frame.evaluate("mistakes") == []
    return {event["kind"] for event in server.export(site)}


def put_frame(page: Page, attributes: dict[str, str]) -> Frame:
    """A frame on the page, once it is there."""
    page.evaluate(
        """(attributes) => new Promise((loaded) => {
            const frame = document.createElement("iframe");
            for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
            frame.onload = () => loaded(true);
            document.body.append(frame);
        })""",
        attributes,
    )
    return page.frames[-1]


@pytest.mark.parametrize("policy", ["persist", "session", "ephemeral"])
def test_a_sandboxed_frame_of_no_origin(
    browsing: BrowserContext, host: str, server: Server, site: str, policy: str
) -> None:
    """It has neither storage nor cookies nor locks, and its requests come from the origin `null`."""
    page = browsing.new_page()
    page.goto(host)
    frame = put_frame(page, {"sandbox": "allow-scripts", "srcdoc": "<!doctype html><body>"})
    assert frame.evaluate("origin") == "null"
    assert measure_all(frame, server, site, policy=policy) >= _KINDS
    (save,) = (event for event in server.export(site) if event.get("operation") == "save")
    assert (save["success"], save["errorType"]) == (False, "SecurityError")


@pytest.mark.parametrize("attributes", [{}, {"src": "about:blank"}, {"srcdoc": "<!doctype html><body>"}])
def test_a_frame_without_an_address(
    browsing: BrowserContext, host: str, server: Server, site: str, attributes: dict[str, str]
) -> None:
    page = browsing.new_page()
    page.goto(host)
    frame = put_frame(page, attributes)
    assert measure_all(frame, server, site, policy="persist") >= _KINDS


def test_a_frame_that_is_taken_away_takes_nothing_along(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = browsing.new_page()
    page.goto(host)
    frame = put_frame(page, {"srcdoc": "<!doctype html><body>"})
    start(frame, server, site)
    frame.evaluate("handle.trackRender({renderTime: 7})")
    page.evaluate("document.querySelector('iframe').remove()")
    (event,) = told(server, site, "render")
    assert event["renderTime"] == 7


def test_a_page_without_tls(insecure: BrowserContext, host: str, server: Server, site: str) -> None:
    page = insecure.new_page()
    page.goto(host.replace("127.0.0.1", "shop.test"))
    assert page.evaluate("[isSecureContext, typeof navigator.locks, typeof crypto.randomUUID]") == [
        *(False, "undefined", "undefined"),
    ]
    assert measure_all(page, server, site, policy="persist") >= _KINDS


@pytest.mark.parametrize(
    "policy",
    [
        "require-trusted-types-for 'script'; trusted-types 'none'",
        "default-src 'none'; script-src {server}; connect-src {server}; sandbox allow-scripts",
    ],
)
def test_pages_with_strict_policies(
    browsing: BrowserContext, host: str, server: Server, site: str, policy: str
) -> None:
    page = browsing.new_page()
    page.goto(host)
    source = page.evaluate("(address) => fetch(address).then((answer) => answer.text())", f"{server.url}/sdk/v1.js")
    page.goto(f"{host}/?{urlencode({'Content-Security-Policy': policy.format(server=server.url)})}")
    page.evaluate(source)  # a script tag's address would have to be trusted too
    page.evaluate(
        """() => {
            window.violations = [];
            document.addEventListener("securitypolicyviolation", ({sample}) => violations.push(sample));
        }"""
    )
    page.evaluate(
        "(options) => { window.handle = chatvitals.init(options) }",
        {
            "endpoint": server.url + WIDGET,
            "key": key_of(site),
            "policy": "persist",
        },
    )
    page.evaluate(_ALL)
    page.evaluate("handle.shutdown()")
    told(server, site, "sdk")
    assert {event["kind"] for event in server.export(site)} >= _KINDS - {"bundle"}
    assert page.evaluate("violations") == []


def test_two_widgets_on_one_page_keep_apart(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    """With the same key: their sessions, ordinals, consent and ends are each its own."""
    page = visit(browsing, host, server, site, customer="one", policy="persist")
    page.evaluate(
        "(o) => { window.other = chatvitals.init(o) }",
        {"endpoint": server.url + WIDGET, "key": key_of(site), "customer": "two", "consent": "required"},
    )
    page.evaluate("handle.trackRender({renderTime: 1}); other.trackRender({renderTime: 2}); handle.shutdown()")
    page.evaluate("handle.trackRender({renderTime: 3}); other.trackRender({renderTime: 4}); other.setConsent(true)")
    page.evaluate("other.shutdown()")
    told(server, site, "sdk", 2)
    events = [event for event in server.export(site) if event["kind"] == "render"]
    one, *two = sorted(events, key=lambda event: event["renderTime"])
    assert [event["renderTime"] for event in (one, *two)] == [1, 2, 4]
    assert [event["seq"] for event in (one, *two)] == [0, 0, 1]
    assert one["customer"] == "one"
    assert {event["customer"] for event in two} == {"two"}
    assert one["sessionId"] != two[0]["sessionId"] == two[1]["sessionId"]


def test_two_lists_in_two_shadow_roots(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, clock=False)
    page.evaluate(
        """async () => {
            const painted = [];
            for (const count of [1, 2]) {
                const root = document.body.appendChild(document.createElement("div")).attachShadow({mode: "closed"});
                const list = root.appendChild(document.createElement("div"));
                painted.push(new Promise((shown) => chatvitals.measureMessages(handle, list, shown)));
                for (let i = 0; i < count; i++) list.append(document.createElement("p"));
            }
            await Promise.all(painted);
        }"""
    )
    page.evaluate("handle.flush()")
    events = told(server, site, "render", 3)
    assert sorted(event["messageCount"] for event in events) == [1, 2, 2]


def test_the_script_is_kept_by_the_browser_and_tells_its_size(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    for _ in range(2):
        page = visit(browsing, host, server, site, clock=False)
        page.evaluate("chatvitals.measureBundle(handle, /v1/)")
        page.evaluate("handle.flush()")
    first, second = sorted(told(server, site, "bundle", 2), key=lambda event: event["timestamp"])
    assert first["size"] == second["size"] > 1_000
    assert (first["cached"], second["cached"]) == (False, True)
