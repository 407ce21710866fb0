"""The SDK is a guest: it asks before it keeps anything, and nothing on the page can make it throw."""

import pytest
from playwright.sync_api import BrowserContext
from tests.e2e.visits import renders, visit, watch
from tests.support.server import Server, key_of

_ONE = "handle.trackRender({renderTime: 5})"
_KEPT = "Object.keys(localStorage).length + document.cookie.length"


def test_nothing_is_sent_or_kept_before_consent(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, consent="required", policy="persist")
    seen = watch(page, server)
    page.evaluate(_ONE)
    page.evaluate("handle.interacted(); handle.flush()")
    page.clock.run_for(10_000)  # longer than events wait for anything
    assert (page.evaluate(_KEPT), seen) == (0, [])
    page.evaluate("handle.setConsent(true); handle.flush()")
    server.wait_settled(site, kept=1)


def test_who_agrees_later_may_decline_again(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, consent="required", policy="persist")
    browsing.set_offline(True)
    page.evaluate(_ONE)
    page.evaluate("handle.setConsent('granted')")
    assert page.evaluate(_KEPT) > 0, "what was measured meanwhile waits on the device"
    page.evaluate("handle.setConsent('denied')")
    assert page.evaluate(_KEPT) == 0
    browsing.set_offline(False)
    seen = watch(page, server)
    page.evaluate(_ONE)
    page.clock.run_for(120_000)
    assert (page.evaluate(_KEPT), seen) == (0, [])


def test_what_waits_for_consent_has_a_bound(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, consent="required")
    page.evaluate(f"for (let i = 0; i < 21_000; i++) {_ONE}")
    page.evaluate("handle.setConsent(true); handle.flush()")
    page.evaluate("handle.shutdown()")
    server.wait_settled(site, kept=20_001)
    account = next(event for event in server.export(site) if event["kind"] == "sdk")
    assert (account["recorded"], account["sent"], account["dropped"]) == (21_000, 20_000, {"full": 1_000})


@pytest.mark.parametrize("left", ["{", '"text"', "null"])
def test_what_nobody_can_read_is_put_away(
    browsing: BrowserContext, host: str, server: Server, site: str, left: str
) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate("([name, text]) => localStorage.setItem(name, text)", [f"chatvitals:{key_of(site)}:gone:1", left])
    visit(browsing, host, server, site, policy="persist")
    page.wait_for_function("localStorage.length === 0")


@pytest.mark.parametrize("consent", ["denied", None])
def test_who_declines_is_not_measured(
    browsing: BrowserContext, host: str, server: Server, site: str, consent: str | None
) -> None:
    if consent is None:
        browsing.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    page = visit(browsing, host, server, site, policy="persist", **({"consent": consent} if consent else {}))
    seen = watch(page, server)
    page.evaluate(_ONE)
    page.evaluate("handle.interacted(); handle.shutdown()")
    assert (page.evaluate(_KEPT), seen) == (0, [])


@pytest.mark.parametrize("policy", ["session", "ephemeral"])
def test_the_device_keeps_nothing_that_the_policy_does_not_allow(
    browsing: BrowserContext, host: str, server: Server, site: str, policy: str
) -> None:
    page = visit(browsing, host, server, site, policy=policy)
    page.evaluate(_ONE)
    page.clock.run_for(1_000)  # it would be kept by now, and isn't sent yet
    assert page.evaluate(_KEPT) == 0
    page.evaluate("handle.interacted()")
    assert (page.evaluate(_KEPT) > 0) == (policy == "session")


@pytest.mark.parametrize(
    "hostile",
    [
        "for (const it of [Object, Array, String, Function, Promise]) Object.freeze(it.prototype)",
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
        "delete window.CompressionStream",
        "window.CompressionStream = function () { throw new Error('no') }",
        "Object.defineProperty(navigator, 'locks', {value: undefined})",
        "crypto.randomUUID = undefined",
    ],
)
def test_events_arrive_from_unfriendly_pages(
    browsing: BrowserContext, host: str, server: Server, site: str, hostile: str
) -> None:
    browsing.add_init_script(hostile)
    page = visit(browsing, host, server, site, policy="persist")
    mistakes: list[object] = []
    page.on("pageerror", lambda error: mistakes.append(error))  # noqa: PLW0108 - Playwright marks it
    page.evaluate(_ONE)
    page.evaluate("handle.flush()")
    server.wait_settled(site, kept=1)
    assert renders(server, site) == 1
    assert mistakes == []


def test_what_cannot_be_sent_is_counted(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate("const round = {}; round.round = round; handle.trackRender(round)")
    page.evaluate("handle.trackRender({get renderTime() { throw new Error('no') }})")
    page.evaluate("handle.trackRender(); handle.trackRender(null)")
    page.evaluate(_ONE)
    page.evaluate("handle.shutdown()")
    server.wait_settled(site, kept=2)
    account = next(event for event in server.export(site) if event["kind"] == "sdk")
    assert (account["recorded"], account["sent"], account["dropped"]) == (5, 1, {"unreadable": 4})


def test_a_page_that_forbids_the_server_goes_on(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(
        """() => {
            const policy = document.createElement("meta");
            policy.httpEquiv = "Content-Security-Policy";
            policy.content = "connect-src 'none'";
            document.head.append(policy);
        }"""
    )
    mistakes: list[object] = []
    page.on("pageerror", lambda error: mistakes.append(error))  # noqa: PLW0108 - Playwright marks it
    page.evaluate(_ONE)
    page.evaluate("void handle.flush(), handle.shutdown()")
    assert mistakes == []


def test_widgets_on_one_page_do_not_meet(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, customer="one")
    page.evaluate("window.first = handle")
    page.evaluate("(o) => { window.second = chatvitals.init(o) }", {"endpoint": "/nowhere", "key": "other"})
    page.evaluate("first.trackRender({renderTime: 1}); second.trackRender({renderTime: 2}); second.shutdown()")
    page.evaluate("first.flush()")
    server.wait_settled(site, kept=1)
    assert server.figures(site)["performance"]["renders"]["avgTime"] == 1
