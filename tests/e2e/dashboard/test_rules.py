"""Rules are edited with a preview beside the form, and silences with what they hide; all of it is undone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.dashboard.watch import PATIENCE_MS, Watched

RULE = "/dashboard/rules/slow-renders"


@pytest.fixture
def page(watched: Watched) -> Page:
    watched.goto(RULE)
    expect(preview(watched.page)).to_contain_text("fired", timeout=PATIENCE_MS)
    return watched.page


def preview(page: Page) -> Locator:
    return page.locator("#rule-preview .rule-said")


def undo(page: Page) -> None:
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()


def test_the_preview_and_the_mistakes_follow_what_is_typed(page: Page) -> None:
    bound, mistake = page.get_by_label("Bound of warning"), page.locator("#mistake-level-warning")
    bound.fill("many")
    expect(mistake).to_have_text("expected a number of up to 15 digits, but it is 'many'", timeout=PATIENCE_MS)
    expect(page.locator("#rule-preview")).to_contain_text("Once the rule has no mistakes")
    bound.fill("100000")
    expect(preview(page)).to_have_text("It would not have fired in the last 1 d.", timeout=PATIENCE_MS)
    expect(mistake).to_be_empty()
    expect(bound).to_be_focused()
    expect(bound).to_have_value("100000")


def test_an_edit_goes_along_to_yaml_is_saved_and_undone(page: Page) -> None:
    page.get_by_label("Title").fill("Much too slow")
    page.get_by_role("link", name="YAML").click()
    expect(page.get_by_label("The rule")).to_have_value(re.compile("title: Much too slow"), timeout=PATIENCE_MS)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Much too slow", timeout=PATIENCE_MS)
    expect(page.locator("main")).to_contain_text("in place of: shipped")
    undo(page)
    expect(page.locator("h1")).to_have_text("Slow Message Renders", timeout=PATIENCE_MS)
    expect(page.locator("main")).not_to_contain_text("in place of: shipped")


def test_a_silence_shows_what_it_hides_before_and_ends_with_undo(watched: Watched) -> None:
    page = watched.page
    watched.goto("/dashboard/silences/new")
    page.get_by_label("Alerts for which").fill("site=demo")
    expect(page.locator("#silence-preview")).to_contain_text("Data Loss Detected", timeout=PATIENCE_MS)
    page.get_by_label("Alerts for which").fill("site~demo")
    expect(page.locator("#silence-mistake")).to_contain_text("is no matcher", timeout=PATIENCE_MS)
    page.get_by_label("Alerts for which").fill("site=demo")
    page.get_by_label("Why").fill("deploying")
    page.get_by_role("button", name="Silence").click()
    expect(page.locator("#alert-silences")).to_contain_text("deploying", timeout=PATIENCE_MS)
    undo(page)
    expect(page.locator("#alert-silences")).to_contain_text("everybody is told of everything", timeout=PATIENCE_MS)
