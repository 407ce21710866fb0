"""The ledger in the browser's own hands: killed renderers, refused and cleared storage, racing tabs, visits."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page
from tests.e2e.visits import start, told, visit
from tests.support.server import WIDGET, Server, key_of, wait_until

Preferences = dict[str, Any]
Profile = Callable[[Preferences], AbstractContextManager[BrowserContext]]

_BUSY_MS = 300
_OPEN = """(options) => {
    const indexed = options.indexedDB && chatvitals.indexedDbArea("widget");
    const area = chatvitals.measureStorage(handle, () => indexed || localStorage);
    window.area = area;
    window.ledger = chatvitals.keepConversation(handle, {id: "c-1", name: "chat", area, ...options});
    window.ids = (from, to) => Array.from({length: to - from + 1}, (_, i) => `m-${from + i}`);
    window.save = (from, to) => ledger.save(`messages ${from} to ${to}`, ids(from, to));
}"""


@pytest.fixture
def profile(browsers: BrowserType, executable: str, tmp_path: Path) -> Profile:
    """Visitors with settings of their own, in a profile on disk."""

    @contextmanager
    def opened(preferences: Preferences) -> Iterator[BrowserContext]:
        folder = tmp_path / "profile"
        (folder / "Default").mkdir(parents=True)
        (folder / "Default" / "Preferences").write_text(dumps(preferences))
        with browsers.launch_persistent_context(
            folder, executable_path=executable, chromium_sandbox=False, args=["--disable-gpu", "--no-first-run"]
        ) as context:
            yield context

    return opened


def converse(
    browsing: BrowserContext, host: str, server: Server, site: str, *, clock: bool = False, **options: object
) -> Page:
    """A visit with the ledger of a conversation that lasts over visits."""
    page = visit(browsing, host, server, site, policy="persist", clock=clock)
    page.evaluate(_OPEN, options)
    return page


def restore(page: Page, expected: int = 0) -> tuple[str | None, int]:
    """The content that the ledger gives back, and how many messages it misses."""
    found = page.evaluate("(expected) => ledger.restore(expected)", expected)
    return found["content"], found["lost"]


def losses(pages: list[Page], server: Server, site: str) -> list[tuple[str, int, str | None]]:
    """Hop, count and cause of every loss that was told by the end of these visits, all others being over."""
    for page in pages:
        page.evaluate("handle.trackError({type: 'TheLast'}); handle.shutdown()")
    told(server, site, "error", len(pages))
    events = [event for event in server.export(site) if event["kind"] == "loss"]
    return [(event["hop"], event["lost"], event.get("errorType")) for event in events]


def cpu_ms(pid: int) -> float:
    """CPU time of a process's main thread so far."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e6


def kill_busy_renderer(browsing: BrowserContext) -> None:
    """Kill the renderer that is busy, in the middle of what it does."""
    assert browsing.browser is not None
    listed = browsing.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    before = {int(process["id"]): cpu_ms(int(process["id"])) for process in listed if process["type"] == "renderer"}

    def busy() -> int | None:
        return next((pid for pid, ms in before.items() if cpu_ms(pid) - ms > _BUSY_MS), None)

    os.kill(wait_until(busy, "a renderer is busy"), signal.SIGKILL)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("indexed", [True, False])
def test_a_renderer_killed_between_intent_and_content(
    browsing: BrowserContext, host: str, server: Server, site: str, first: bool, indexed: bool
) -> None:
    page = converse(browsing, host, server, site, indexedDB=indexed)
    page.evaluate("ledger.restore()")
    if not first:
        page.evaluate("save(1, 4)")
    page.evaluate("void setTimeout(() => { area.setItem = () => { for (;;); }; save(1, 6) })")
    kill_busy_renderer(browsing)
    page = converse(browsing, host, server, site, indexedDB=indexed)
    assert restore(page) == ((None, 6) if first else ("messages 1 to 4", 2))
    assert losses([page], server, site) == [("save", 6 if first else 2, "Interrupted")]


@pytest.mark.parametrize("indexed", [True, False])
def test_a_renderer_killed_at_any_moment(
    browsing: BrowserContext, host: str, server: Server, site: str, indexed: bool
) -> None:
    page = converse(browsing, host, server, site, indexedDB=indexed)
    page.evaluate("ledger.restore()")
    page.evaluate("void setTimeout(async () => { for (let i = 10; ; i++) await save(i - 9, i) })")
    kill_busy_renderer(browsing)
    page = converse(browsing, host, server, site, indexedDB=indexed)
    content, lost = restore(page)
    assert content is not None
    assert lost in (0, 1)
    assert losses([page], server, site) == [("save", 1, "Interrupted")] * lost
    page = converse(browsing, host, server, site, indexedDB=indexed)
    assert restore(page) == (content, 0), "it is told once"


def test_a_quota_that_the_browser_sets(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    """As in a private window on a device that is nearly full."""
    page = converse(browsing, host, server, site, indexedDB=True)
    browsing.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", {"origin": host, "quotaSize": 200_000})
    page.evaluate("ledger.restore().then(() => save(1, 3))")
    long = "Array.from({length: 60_000}, Math.random).join()"
    refused = f"ledger.save({long}, ids(1, 8)).then(() => null, (error) => error.name)"
    assert page.evaluate(refused) == "QuotaExceededError"
    page.close()
    page = converse(browsing, host, server, site, indexedDB=True)
    assert restore(page) == ("messages 1 to 3", 5)
    assert losses([page], server, site) == [("save", 5, "QuotaExceededError")]


@pytest.mark.parametrize("indexed", [True, False])
def test_site_data_that_the_visitor_cleared_between_visits(
    browsing: BrowserContext, host: str, server: Server, site: str, indexed: bool
) -> None:
    page = converse(browsing, host, server, site, indexedDB=indexed)
    page.evaluate("ledger.restore().then(() => save(1, 3))")
    page.goto("about:blank")
    browsing.new_cdp_session(page).send("Storage.clearDataForOrigin", {"origin": host, "storageTypes": "all"})
    page = converse(browsing, host, server, site, indexedDB=indexed)
    assert restore(page, expected=3) == (None, 3)
    assert losses([page], server, site) == [("restore", 3, "Wiped")]


@pytest.mark.parametrize("indexed", [True, False])
def test_site_data_that_the_visitor_cleared_meanwhile(
    browsing: BrowserContext, host: str, server: Server, site: str, indexed: bool
) -> None:
    """The page has all messages still, and its next save has them."""
    page = converse(browsing, host, server, site, indexedDB=indexed)
    page.evaluate("ledger.restore().then(() => save(1, 3))")
    browsing.new_cdp_session(page).send("Storage.clearDataForOrigin", {"origin": host, "storageTypes": "all"})
    page.evaluate("save(1, 4).catch(() => save(1, 4))")
    page.close()
    page = converse(browsing, host, server, site, indexedDB=indexed)
    assert restore(page) == ("messages 1 to 4", 0)
    assert losses([page], server, site) == []


@pytest.mark.parametrize(("indexed", "visits"), [(False, 60), (True, 30)])
def test_visit_after_visit_nothing_is_lost(
    browsing: BrowserContext, host: str, server: Server, site: str, indexed: bool, visits: int
) -> None:
    """Pages that are really loaded, and left as soon as the last message was saved."""
    page = browsing.new_page()
    told_the_page = {
        "sdk": f"{server.url}/sdk/v1.js",
        "endpoint": server.url + WIDGET,
        "key": key_of(site),
        "visits": visits,
        "indexed": "yes" if indexed else "",
    }
    page.goto(f"{host}/visitor.html?{urlencode(told_the_page)}")
    page.wait_for_function("/^(done|wrong)/.test(document.title)", timeout=60_000)
    assert page.title() == "done"
    told(server, site, "error")
    restored = told(server, site, "restoration", visits)
    assert all(event["success"] for event in restored)
    assert [event for event in server.export(site) if event["kind"] == "loss"] == []


@pytest.mark.parametrize("indexed", [True, False])
def test_a_browser_that_blocks_storage(profile: Profile, host: str, server: Server, site: str, indexed: bool) -> None:
    with profile({"profile": {"default_content_setting_values": {"cookies": 2}}}) as browsing:
        page = converse(browsing, host, server, site, indexedDB=indexed)
        assert restore(page) == (None, 0)
        name = page.evaluate("save(1, 3).then(() => null, (error) => error.name)")
        assert name == ("UnknownError" if indexed else "SecurityError")
        page.evaluate("chatvitals.probeStorage(handle)")
        page.goto(f"{host}/other.html")
        (event,) = told(server, site, "loss")
        assert (event["hop"], event["lost"], event["errorType"]) == ("save", 3, name)
        (probe,) = told(server, site, "storage")
        assert (probe["available"], probe["reason"]) == (False, "SecurityError")


_RACE = """async ([who, saves]) => {
    const known = [];
    const channel = new BroadcastChannel("race");
    const content = () => known.toSorted().join();
    window.save = () => ledger.save(content(), known.toSorted());
    channel.onmessage = ({data}) => known.push(data);
    await new Promise((ready) => setTimeout(ready, 300 - Date.now() % 300)); // at the same time in both tabs
    for (let i = 0; i < saves; i++) {
        const message = `${who}-${`${i}`.padStart(3, 0)}`;
        known.push(message);
        channel.postMessage(message);
        await save();
        await new Promise((next) => setTimeout(next, Math.random() * 5));
    }
}"""


@pytest.mark.parametrize("indexed", [True, False])
def test_two_tabs_racing(browsing: BrowserContext, host: str, server: Server, site: str, indexed: bool) -> None:
    """Each in a process of its own; what one writes the other takes over, as it is told."""
    pages = [converse(browsing, host, server, site, indexedDB=indexed) for _ in range(2)]
    for page in pages:
        page.evaluate("ledger.restore()")
    for page, who in zip(pages, "ab", strict=True):
        page.evaluate(f"(told) => {{ window.raced = ({_RACE})(told) }}", [who, 40])
    for page in pages:
        page.evaluate("raced")
    pages[0].evaluate("new Promise((heard) => setTimeout(heard, 50)).then(() => save())")
    every = ",".join(f"{who}-{number:03}" for who in "ab" for number in range(40))
    page = converse(browsing, host, server, site, indexedDB=indexed)
    assert restore(page) == (every, 0)
    assert losses([*pages, page], server, site) == []


def test_a_frame_of_another_site_where_third_parties_keep_nothing(
    profile: Profile, host: str, server: Server, site: str
) -> None:
    """As most chat widgets are embedded, in a browser that blocks third-party cookies."""
    with profile({"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}) as browsing:
        page = browsing.new_page()
        page.goto(host.replace("127.0.0.1", "localhost"))
        page.evaluate(
            """(address) => new Promise((loaded) => {
                const frame = document.createElement("iframe");
                frame.src = address;
                frame.onload = () => loaded(true);
                document.body.append(frame);
            })""",
            host,
        )
        frame = page.frames[1]
        start(frame, server, site, policy="persist")
        frame.evaluate(_OPEN, {})
        assert frame.evaluate("ledger.restore()")["content"] is None
        assert frame.evaluate("save(1, 3).then(() => null, (error) => error.name)") == "SecurityError"
        page.goto("about:blank")
        (event,) = told(server, site, "loss")
        assert (event["hop"], event["lost"], event["errorType"]) == ("save", 3, "SecurityError")
