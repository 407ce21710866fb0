"""The example widget on its shop's pages: what it measures of itself while visitors use it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.e2e.shop import Shop, ask, enter, leave, open_chat, say, wait_all, wait_stored
from tests.support.server import Server

_CONTENT = "fjellbu.conversation"


@pytest.fixture
def shop(tmp_path: Path, server: Server, site: str) -> Iterator[Shop]:
    started = Shop(tmp_path, server, site).start()
    yield started
    started.kill()


def messages(page: Page) -> list[str]:
    return page.locator("fjellbu-chat li").all_inner_texts()


def test_an_ordinary_visit_tells_of_everything(browsing: BrowserContext, shop: Shop, server: Server, site: str) -> None:
    page = enter(browsing, shop)
    other = enter(browsing, shop, "/pricing")
    say(page, "When do you deliver?")
    expect(other.locator("fjellbu-chat li")).to_have_count(2)
    page.get_by_role("link", name="Skarv").click()
    wait_stored(server, site, "navigation", type="soft")
    wait_stored(server, site, "memory")
    page.get_by_role("link", name="Delivery").click()
    open_chat(page)
    leave(browsing)
    wait_all(server, site, views=3)
    for kind, fields in (
        ("message", {"stage": "sent", "ordinal": 0}),
        ("message", {"stage": "received", "ordinal": 0, "serverOrdinal": 0, "seq": -1}),
        ("message", {"stage": "acked", "ordinal": 0}),
        ("message", {"stage": "rendered", "ordinal": 0}),
        ("message", {"stage": "received", "ordinal": 1}),
        ("message", {"stage": "received", "ordinal": 1, "serverOrdinal": 1, "seq": -1}),
        ("message", {"stage": "rendered", "ordinal": 1}),
        ("stream", {"outcome": "complete"}),
        ("render", {"messageCount": 2}),
        ("persistence", {"operation": "save", "success": True, "storage": "localStorage"}),
        ("persistence", {"operation": "restore", "success": True}),
        ("restoration", {"success": True, "expected": 2, "restored": 2}),
        ("navigation", {"type": "soft", "from": "/", "to": "/products/skarv", "preserved": True, "found": 2}),
        ("navigation", {"type": "hard", "from": "/products/skarv", "to": "/pricing", "preserved": True, "found": 2}),
        ("tabSync", {"success": True, "tabs": 2}),
        ("connection", {"success": True, "reconnects": 0}),
        ("boot", {"stage": "requested"}),
        ("boot", {"stage": "script"}),
        ("boot", {"stage": "frame"}),
        ("boot", {"stage": "ready"}),
        ("bundle", {}),
        ("storage", {"available": True, "policy": "persist"}),
        ("memory", {}),
        ("host", {}),
        ("sdk", {}),
    ):
        wait_stored(server, site, kind, customer="fjellbu", release="1.4.0", **fields)


def test_nothing_is_lost_in_ordinary_use(browsing: BrowserContext, shop: Shop, server: Server, site: str) -> None:
    page, other = enter(browsing, shop, timed=True), enter(browsing, shop, timed=True)
    for place in ("Tents", "Delivery", "Tents"):
        page.get_by_role("link", name=place).click()
        open_chat(page)
        for tab in (page, other, page):
            say(tab, f"When do you deliver to {place}?")
    say(other, "Thank you")
    for tab in (page, other):
        expect(tab.locator("fjellbu-chat li")).to_have_count(20)
        tab.clock.run_for(25_000)  # longer than a message may be late
    assert messages(page) == messages(other)
    leave(browsing)
    events = wait_all(server, site, views=5)
    assert [event for event in events if event["kind"] == "loss"] == []
    said = [event for event in events if event["kind"] == "message"]
    assert [event for event in said if event.get("duplicate")] == []
    for stage, ordinals in (("sent", range(0, 20, 2)), ("acked", range(0, 20, 2)), ("received", range(1, 20, 2))):
        assert sorted(event["ordinal"] for event in said if event["stage"] == stage) == list(ordinals)
    rendered = [event for event in said if event["stage"] == "rendered"]
    assert {event["ordinal"] for event in rendered} == set(range(20))
    assert [event for event in rendered if event.get("serverOrdinal", 0) > event["ordinal"]] == []
    assert all(event["preserved"] for event in events if event["kind"] == "navigation")


@pytest.mark.parametrize("query", ["", "?storage=indexedDB", "?policy=session"])
def test_the_conversation_survives_reload_and_navigation(
    browsing: BrowserContext, shop: Shop, server: Server, site: str, query: str
) -> None:
    page = enter(browsing, shop, f"/{query}")
    say(page, "When do you deliver?")
    say(page, "And returns?")
    before = messages(page)
    page.reload()
    expect(page.locator("fjellbu-chat li")).to_have_count(4)
    page.get_by_role("link", name="Delivery").click()
    page.wait_for_url("**/pricing*")
    open_chat(page)
    assert messages(page) == before
    leave(browsing)
    events = wait_all(server, site, views=3)
    restored = [event for event in events if event["kind"] == "restoration"]
    assert [(event["success"], event["restored"]) for event in restored] == [(True, 4), (True, 4)]
    assert [event for event in events if event["kind"] in ("loss", "api", "error")] == []


def test_a_page_out_of_the_back_forward_cache_is_told(
    returning: BrowserContext, shop: Shop, server: Server, site: str
) -> None:
    page = enter(returning, shop)
    say(page, "When do you deliver?")
    page.get_by_role("link", name="Delivery").click()
    page.wait_for_url("**/pricing*")
    page.get_by_role("button", name="Open the chat").wait_for()
    page.evaluate("history.back()")
    page.wait_for_url(f"{shop.url}/", wait_until="commit")
    say(page, "And returns?")  # the panel is open still, and the line is back
    leave(returning)
    event = wait_stored(server, site, "navigation", type="bfcache")
    assert (event["preserved"], event["to"], event["expected"], event["found"]) == (True, "/", 2, 2)
    wait_stored(server, site, "message", stage="acked", ordinal=2)


def test_an_ephemeral_conversation_is_each_pages_own(
    browsing: BrowserContext, shop: Shop, server: Server, site: str
) -> None:
    page = enter(browsing, shop, "/?policy=ephemeral")
    say(page, "When do you deliver?")
    page.get_by_role("link", name="Delivery").click()
    page.wait_for_url("**/pricing*")
    open_chat(page)
    assert messages(page) == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    leave(browsing)
    events = wait_all(server, site, views=2)
    assert [event for event in events if event["kind"] in ("loss", "navigation")] == []


def test_an_answer_is_orphaned_by_a_reload_and_comes_after_all(
    browsing: BrowserContext, shop: Shop, server: Server, site: str
) -> None:
    page = enter(browsing, shop)
    ask(page, "Tell me everything")
    expect(page.locator("li.assistant[aria-busy=true]")).to_contain_text("Parcels")
    page.reload()
    open_chat(page)
    expect(page.locator("li.assistant[aria-busy=false]")).to_contain_text("we send for free")
    api = wait_stored(server, site, "api", method="GET", status=200, success=True)
    assert api["endpoint"] == "/api/conversations/:id"
    leave(browsing)
    events = wait_all(server, site, views=2)
    assert [event["outcome"] for event in events if event["kind"] == "stream"] == ["orphaned"]
    assert [event for event in events if event["kind"] == "loss"] == []


def test_a_back_end_that_comes_back_finds_its_visitors(
    browsing: BrowserContext, shop: Shop, server: Server, site: str
) -> None:
    page = enter(browsing, shop, timed=True)
    say(page, "When do you deliver?")
    shop.kill()
    expect(page.get_by_text("Connecting")).to_be_visible()
    ask(page, "Are you there?")
    shop.write(page.evaluate("localStorage['fjellbu.id']"), "A colleague takes over.", "How can I help?")
    shop.start()
    expect(page.locator("li.assistant[aria-busy=false]")).to_have_count(4)
    page.clock.run_for(25_000)
    leave(browsing)
    events = wait_all(server, site, views=1)
    connections = [event for event in events if event["kind"] == "connection"]
    assert [event["success"] for event in connections][:2] == [True, False]
    assert connections[1]["closeCode"] == 1006
    again = connections[-1]
    assert (again["success"], again["gap"], again["recovered"]) == (True, 2, True)
    assert again["reconnects"] >= 1
    assert [event for event in events if event["kind"] == "loss"] == []
    wait_stored(server, site, "message", stage="acked", ordinal=4)


def test_what_the_host_page_removes_is_a_loss(browsing: BrowserContext, shop: Shop, server: Server, site: str) -> None:
    page = enter(browsing, shop)
    say(page, "When do you deliver?")
    say(page, "And returns?")
    page.evaluate(f"localStorage.removeItem('{_CONTENT}')")
    page.reload()
    expect(page.locator("fjellbu-chat li")).to_have_count(4)  # the back end has them
    leave(browsing)
    events = wait_all(server, site, views=2)
    (loss,) = (event for event in events if event["kind"] == "loss")
    assert (loss["hop"], loss["errorType"], loss["lost"]) == ("restore", "Evicted", 4)


def test_what_a_full_storage_refuses_is_told(browsing: BrowserContext, shop: Shop, server: Server, site: str) -> None:
    page = enter(browsing, shop)
    say(page, "When do you deliver?")
    page.evaluate("""
        // what waits there to be sent would make room when it is
        for (const name of Object.keys(localStorage)) if (name.startsWith("chatvitals:")) localStorage.removeItem(name);
        for (let size = 2 ** 22; size; size >>= 1) {
          try { localStorage.filled = (localStorage.filled ?? "") + "x".repeat(size) } catch {}
        }
    """)
    say(page, "And returns?")
    page.reload()
    expect(page.locator("fjellbu-chat li")).to_have_count(4)  # the back end has them
    leave(browsing)
    wait_stored(server, site, "persistence", operation="save", success=False, errorType="QuotaExceededError")
    wait_stored(server, site, "error", type="QuotaExceededError", handled=True)
    wait_stored(server, site, "loss", hop="save", errorType="QuotaExceededError", lost=2)


def test_a_conversation_that_was_ended_is_not_lost(
    browsing: BrowserContext, shop: Shop, server: Server, site: str
) -> None:
    page, other = enter(browsing, shop), enter(browsing, shop)
    say(page, "When do you deliver?")
    expect(other.locator("fjellbu-chat li")).to_have_count(2)
    page.get_by_role("button", name="End", exact=True).click()
    for tab in (page, other):
        expect(tab.locator("fjellbu-chat li")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('fjellbu'))") == []
    page.reload()
    open_chat(page)
    leave(browsing)
    assert [event for event in wait_all(server, site, views=3) if event["kind"] == "loss"] == []


def test_nothing_that_was_typed_is_told(browsing: BrowserContext, shop: Shop, server: Server, site: str) -> None:
    page = enter(browsing, shop)
    say(page, "Zanzibar please, 4711 Periwinkle Lane")
    page.reload()
    open_chat(page)
    leave(browsing)
    wait_all(server, site, views=2)
    told = "\n".join(map(str, server.export(site))).lower()
    assert "rendered" in told
    assert re.findall("zanzibar|4711|periwinkle", told) == []


def test_nobody_is_measured_before_agreeing(browsing: BrowserContext, shop: Shop, server: Server, site: str) -> None:
    page = enter(browsing, shop, "/?consent=required", timed=True)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if server.url in request.url else None)
    say(page, "When do you deliver?")
    page.clock.run_for(10_000)  # longer than events wait for anything
    say(page, "And returns?")  # longer than a request takes to begin
    assert seen == []
    page.get_by_role("button", name="Yes").click()
    wait_stored(server, site, "stream", outcome="complete")


def test_a_strict_policy_has_nothing_to_complain_about(browsing: BrowserContext, shop: Shop) -> None:
    browsing.add_init_script("""
        window.refused = [];
        document.addEventListener("securitypolicyviolation", ({ violatedDirective: by }) => refused.push(by));
    """)
    page = enter(browsing, shop)
    say(page, "When do you deliver?")
    assert page.evaluate("refused") == []
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'none'}))")
    assert page.evaluate("refused") == ["script-src-elem"], "the policy is in force"


def test_it_can_be_used_without_a_mouse(browsing: BrowserContext, shop: Shop) -> None:
    page = browsing.new_page()
    page.goto(shop.url)
    launcher = page.get_by_role("button", name="Open the chat")
    launcher.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("When do you deliver?")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Open the chat, 1 unread")).to_be_focused()


def test_who_wrote_what_is_said_to_who_does_not_see_it(browsing: BrowserContext, shop: Shop) -> None:
    page = enter(browsing, shop)
    say(page, "What does it cost, all in all?")
    expect(page.get_by_role("list", name="Messages")).to_match_aria_snapshot("""
        - list "Messages":
          - listitem: "You: What does it cost, all in all?"
          - listitem: "/Fjellbu: Thank you for asking!/"
    """)
    ask(page, "When do you deliver?")
    page.get_by_label("Your message").press("Escape")
    expect(page.locator("[aria-live=polite]")).to_contain_text("Parcels leave")
    expect(page.get_by_role("button", name="Open the chat, 1 unread")).to_be_visible()


def test_on_a_small_screen_the_panel_is_all_there_is(browsing: BrowserContext, shop: Shop) -> None:
    page = browsing.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(shop.url)
    open_chat(page)
    assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    page.get_by_role("button", name="Close the chat").click()
    expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
