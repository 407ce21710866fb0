"""Filters, history, files and the keyboard."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.dashboard.watch import Watched

MAIN = "/dashboard/performance"
METRIC = "/dashboard/metrics/performance.renders.p95Time"


def _query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_filters_live_in_the_address_and_history_works(watched: Watched) -> None:
    page = watched.page
    watched.goto(MAIN)
    page.locator("summary[data-key=f]").click()
    page.get_by_label("Browser", exact=True).fill("Chrome 143")
    page.locator("details[open] button", has_text="Apply").click()
    page.wait_for_url(re.compile(r"browser=Chrome"))
    expect(page.locator(".chips")).to_contain_text("Chrome 143")
    page.get_by_role("link", name="Performance", exact=True).last.click()
    page.wait_for_url(re.compile("tab=performance"))
    assert _query(page)["browser"] == ["Chrome 143"]
    page.go_back()
    expect(page).not_to_have_url(re.compile("tab="))
    expect(page.locator(".chips")).to_contain_text("Chrome 143")
    page.go_back()
    expect(page).not_to_have_url(re.compile("browser="))
    expect(page.locator(".chips")).not_to_contain_text("Chrome 143")
    page.go_forward()
    expect(page).to_have_url(re.compile("browser="))
    expect(page.locator(".chips")).to_contain_text("Chrome 143")


def test_a_tab_is_asked_for_when_a_keyboard_gets_to_it_and_not_again_when_it_is_opened(watched: Watched) -> None:
    page, asked = watched.page, list[str]()
    watched.goto(MAIN)
    page.on("request", lambda request: asked.append(request.url))
    tab = page.get_by_role("navigation", name="Figures").get_by_role("link", name="Memory & API")
    with page.expect_response(re.compile("tab=memory")):
        tab.focus()
    tab.press("Enter")
    expect(page.get_by_role("heading", name="Memory", exact=True)).to_be_visible()
    assert sum("tab=memory" in url for url in asked) == 1


def test_filters_offer_the_values_that_there_are(watched: Watched) -> None:
    page = watched.page
    watched.goto(f"{MAIN}?site=demo&compare=week&tz=Europe/Berlin")
    page.locator("summary[data-key=f]").click()
    page.get_by_label("Browser", exact=True).press_sequentially("safari")
    offered = page.locator("#values-of-browser option")
    expect(offered.first).to_have_attribute("value", re.compile("^Safari "))
    assert all(value.startswith("Safari ") for value in offered.evaluate_all("(all) => all.map((one) => one.value)"))


def test_a_range_in_a_time_zone_is_a_link(watched: Watched) -> None:
    page = watched.page
    watched.goto(MAIN)
    page.locator("summary[data-key=t]").click()
    page.get_by_label("From").fill("2026-11-01T10:00:00")
    page.get_by_label("To", exact=True).fill("2026-11-01T11:00:00")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.locator("details[open] button", has_text="Apply").click()
    page.wait_for_url(re.compile("tz=Europe"))
    expect(page.locator("summary[data-key=t]")).to_contain_text("2026-11-01 10:00:00 CET")
    watched.goto(page.url.removeprefix(watched.base))
    expect(page.locator("summary[data-key=t]")).to_contain_text("2026-11-01 10:00:00 CET")


def test_a_chart_is_a_table_a_csv_and_a_png(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    watched.goto(METRIC)
    expect(page.locator(".chart canvas").first).to_be_visible()
    with page.expect_download() as saved:
        page.locator(".chart").first.get_by_text("CSV").first.click()
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text())))
    assert "p95" in " ".join(rows[0])
    assert len(rows) > 10
    with page.expect_download() as saved:
        page.locator(".chart").first.get_by_text("PNG").first.click()
    target = tmp_path / "chart.png"
    saved.value.save_as(target)
    assert target.read_bytes().startswith(b"\x89PNG")
    page.locator(".chart details summary").first.click()
    expect(page.locator(".chart details table").first).to_be_visible()


def test_dragging_over_a_chart_zooms_into_the_address(watched: Watched) -> None:
    page = watched.page
    watched.goto(METRIC)
    box = page.locator(".chart .u-over").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 40, steps=6)
    page.mouse.up()
    page.wait_for_url(re.compile("from="))
    assert {"from", "to"} <= _query(page).keys()


@pytest.mark.parametrize(("key", "path"), [("c", "/dashboard/customers"), ("s", "/dashboard/sessions")])
def test_g_and_a_letter_go_to_a_page(watched: Watched, key: str, path: str) -> None:
    watched.goto(MAIN)
    watched.page.keyboard.press("g")
    watched.page.keyboard.press(key)
    watched.page.wait_for_url(re.compile(path))


def test_the_keyboard_sheet_opens_and_closes(watched: Watched) -> None:
    watched.goto(MAIN)
    watched.page.keyboard.press("?")
    expect(watched.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    watched.page.keyboard.press("Escape")
    expect(watched.page.get_by_role("dialog", name="Keyboard")).not_to_be_visible()


def test_keys_can_be_turned_off(watched: Watched) -> None:
    watched.goto(MAIN)
    watched.page.get_by_label("Keys without Ctrl").select_option("off")
    watched.goto("/dashboard/customers")
    expect(watched.page.get_by_label("Keys without Ctrl")).to_have_value("off")
    watched.page.locator("body").press("?")
    expect(watched.page.get_by_role("dialog", name="Keyboard")).not_to_be_visible()
    watched.page.get_by_label("Keys without Ctrl").select_option("on")
    watched.page.locator("h1").click()
    watched.page.keyboard.press("?")
    expect(watched.page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def test_an_alert_is_acknowledged_by_keyboard(watched: Watched) -> None:
    watched.goto(f"{MAIN}?site=demo")
    watched.page.keyboard.press("j")
    watched.page.keyboard.press("a")
    expect(watched.page.locator("#toasts")).to_contain_text("cknowledged")
    expect(watched.page.get_by_text("acknowledged by").first).to_be_visible()


def test_the_first_tab_stop_leads_to_the_content(watched: Watched) -> None:
    watched.goto(MAIN)
    watched.page.keyboard.press("Tab")
    expect(watched.page.locator(":focus")).to_have_text("Skip to the content")
    watched.page.keyboard.press("Enter")
    expect(watched.page.locator("#content")).to_be_focused()
