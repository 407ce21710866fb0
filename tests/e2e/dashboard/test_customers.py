"""All customers, one of them, and releases side by side, by hand."""

import re

from playwright.sync_api import expect
from tests.e2e.dashboard.watch import Watched

CUSTOMERS = "/dashboard/customers?window=7200000"
RELEASES = "/dashboard/releases?window=7200000"


def test_customers_are_found_sorted_and_opened_by_a_click_anywhere_in_their_row(watched: Watched) -> None:
    page = watched.page
    watched.goto(CUSTOMERS)
    page.keyboard.press("/")
    page.keyboard.type("glo")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=glo"))
    rows = page.locator(".customers tbody tr")
    expect(rows).to_have_count(1)
    page.locator(".customers thead").get_by_role("link", name="Sessions").click()
    page.wait_for_url(re.compile("q=glo.*sort=-sessions"))
    expect(page.locator(".customers th[aria-sort=descending]")).to_contain_text("Sessions")
    rows.first.locator("td", has_text="ms").first.locator(".cell").click()
    page.wait_for_url(re.compile("/dashboard/customers/globex"))
    expect(page.get_by_role("heading", level=1)).to_have_text("globex")
    page.go_back()
    page.wait_for_url(re.compile("q=glo.*sort=-sessions"))
    expect(page.locator("#customers-q")).to_have_value("glo")


def test_releases_are_taken_out_of_the_comparison_and_put_first(watched: Watched) -> None:
    page = watched.page
    watched.goto(RELEASES)
    names = page.locator(".releases thead .release-name")
    expect(names.nth(1)).to_be_visible()
    before = names.all_inner_texts()
    page.locator(".releases").get_by_role("link", name=f"take out {before[0]}").click()
    expect(names).to_have_text(before[1:])
    watched.goto(RELEASES)
    page.locator(".releases").get_by_role("link", name=f"compare with it: {before[1]}").click()
    expect(names).to_have_text([before[1], before[0], *before[2:]])
    assert re.search(rf"release={re.escape(before[1])}&release={re.escape(before[0])}", page.url)
