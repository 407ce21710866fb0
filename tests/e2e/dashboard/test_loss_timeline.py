"""A real loss in a real browser, as its session's page tells it: the storage is full on one page, the next misses."""

from playwright.sync_api import BrowserContext, Page, expect
from tests.e2e.dashboard.watch import PATIENCE_MS, Watched
from tests.e2e.visits import start, told
from tests.support.server import Server

_OPEN = """() => {
    const area = chatvitals.measureStorage(handle, () => localStorage);
    window.ledger = chatvitals.keepConversation(handle, {id: "c-1", name: "chat", area});
    window.course = chatvitals.followMessages(handle, "c-1");
    window.ids = (count) => Array.from({length: count}, (_, i) => `m-${i}`);
}"""

_FILL = """() => {
    let text = "x".repeat(1 << 20);
    for (let i = 0; text; i++) {
        try { localStorage.setItem(`full${i}`, text) } catch { text = text.slice(text.length / 2 + 1) }
    }
}"""

_CONVERSE = """async () => {
    await ledger.restore();
    await ledger.save("three", ids(3));
    for (const [ordinal, id] of ids(3).entries()) {
        course.sent(id);
        course.acked(id, ordinal);
        course.rendered(id);
    }
}"""


def open_widget(page: Page, server: Server, site: str) -> None:
    start(page, server, site, policy="persist")
    page.evaluate(_OPEN)


def cross_pages(browsing: BrowserContext, host: str, server: Server, site: str) -> str:
    """The hash of the session, a load of a page, that misses what the one before couldn't save."""
    page = browsing.new_page()
    page.goto(host)
    open_widget(page, server, site)
    page.evaluate(_CONVERSE)
    page.evaluate(_FILL)
    page.evaluate("ledger.save('x'.repeat(5000), ids(5)).catch(() => {})")
    page.goto(f"{host}?next")
    open_widget(page, server, site)
    page.evaluate("""async () => {
        const { lost } = await ledger.restore();
        handle.trackNavigation({preserved: !lost, type: "hard", from: location.pathname, to: location.pathname});
        course.rendered("m-2", 2);
        handle.shutdown();
    }""")
    (loss,) = told(server, site, "loss")
    told(server, site, "navigation")
    session: str = loss["sessionId"]
    return session


def test_the_timeline_tells_what_happened_over_both_pages(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    session = cross_pages(browsing, host, server, site)
    watched = Watched.open(browsing, server.url)
    watched.goto(f"/dashboard/sessions?site={site}&wrong=loss")
    row = watched.page.get_by_role("row").filter(has_text=session)
    expect(row).to_contain_text("2 messages of 1 conversation lost · the storage is full", timeout=PATIENCE_MS)
    row.get_by_role("link", name=session).click()

    expect(watched.page.get_by_role("heading", level=1)).to_have_text(f"Session {session}")
    verdict = watched.page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("2 messages could not be saved on /")
    expect(verdict).to_contain_text("after a failed save (the storage is full)")
    expect(watched.page.get_by_text("Told together with 1 other session of the same conversation")).to_be_visible()
    moments = watched.page.get_by_role("list").filter(has=watched.page.locator("#moment-0")).get_by_role("listitem")
    expect(moments.filter(has_text="Save to localStorage failed: QuotaExceededError")).to_have_count(1)
    expect(moments.filter(has_text="Lost: 2 messages could not be saved")).to_have_count(1)
    expect(moments.filter(has_text="Tab 2")).to_have_count(0)
    assert watched.complaints == []
