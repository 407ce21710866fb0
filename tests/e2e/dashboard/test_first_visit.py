"""The first visit to a server with nothing in it: sign in, make a site, and see its first event without a reload."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.e2e.dashboard.watch import Watched
from tests.support.server import Server, now_ms, render, wait_until

PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("new") / "data", dev=False, flush_interval_ms=100) as server:
        yield server


@pytest.fixture
def tab(browsing: BrowserContext, new: Server) -> Iterator[Watched]:
    watched = Watched.open(browsing, new.url)
    yield watched
    assert watched.complaints == []


def sign_in(tab: Watched, token: str) -> None:
    tab.page.get_by_label("API token").fill(token)
    tab.page.get_by_role("button", name="Sign in").click()


def test_who_signs_in_comes_to_the_page_and_can_leave(tab: Watched, new: Server) -> None:
    tab.page.goto(f"{new.url}/dashboard/system?window=300000")
    for width in (390, 1_440):
        tab.page.set_viewport_size({"width": width, "height": 900})
        assert tab.overflow() <= 0
        assert tab.axe() == []
    sign_in(tab, "a wrong one")
    expect(tab.page.get_by_role("alert")).to_contain_text("This is not the API token")
    assert tab.axe() == []
    tab.complaints.clear()  # Chromium complains of the refusal's status itself
    sign_in(tab, new.token)
    expect(tab.page).to_have_url(f"{new.url}/dashboard/system?window=300000")
    tab.page.get_by_role("button", name="Sign out").click()
    expect(tab.page).to_have_url(re.compile("/dashboard/login"))
    tab.page.go_back()
    tab.page.reload()
    expect(tab.page).to_have_url(re.compile("/dashboard/login"))


def test_a_site_is_made_and_its_first_event_seen(tab: Watched, new: Server) -> None:
    tab.page.goto(f"{new.url}/dashboard/setup")
    sign_in(tab, new.token)
    tab.page.get_by_label("Name").fill("acme-chat")
    tab.page.get_by_role("button", name="Make the site and its write key").click()
    script = tab.page.locator("figure", has_text="In a page").locator("code")
    expect(script).to_contain_text(f"{new.url}/sdk/v1.js", timeout=PATIENCE_MS)
    expect(tab.page.locator("#setup-sign")).to_contain_text("Waiting for the first event")
    found = re.search(r'key: "(.+)"', script.inner_text())
    assert found is not None
    context = {"sessionId": "s", "tabId": "t", "customer": "acme.example", "browser": "Chrome 141"}
    batch = {"key": found[1], "batch": "0" * 32, "sentAt": now_ms(), "context": context, "events": [render()]}
    wait_until(lambda: new.post(batch).status_code == 202, "the new key is known, which takes up to three seconds")
    expect(tab.page.locator("#setup-sign")).to_contain_text(
        re.compile("First event seen .* from acme.example, Chrome 141"), timeout=PATIENCE_MS
    )
