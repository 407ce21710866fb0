"""Panels of a saved view are ordered by keyboard and by dragging, and nobody overwrites what somebody else did."""

from collections.abc import Sequence
from itertools import count

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.dashboard.watch import Watched
from tests.support.server import Server

API = "/api/monitoring/views"
PATHS = ("performance.renders.p95Time", "api.errorRate", "persistence.operations.successRate")
FIRST = "Render time, p95"

_numbers = count()


class Kept:
    """A view of three cards that no other test knows."""

    def __init__(self, server: Server) -> None:
        self.slug = f"cards-{next(_numbers)}"
        self.path = f"/dashboard/views/{self.slug}?edit=1"
        self._server = server
        self.put(self.slug, PATHS, 0)

    def put(self, name: str, paths: Sequence[str], revision: int) -> None:
        view = {"name": name, "panels": [{"metric": path} for path in paths]}
        answer = self._server.client.put(f"{API}/{self.slug}", json={"view": view, "revision": revision})
        assert answer.status_code == 200, answer.text

    @property
    def order(self) -> list[int]:
        return [panel["id"] for panel in self._server.get(f"{API}/{self.slug}")["view"]["panels"]]


@pytest.fixture
def kept(busy: Server) -> Kept:
    return Kept(busy)


def shown(page: Page) -> list[str]:
    ids: list[str] = page.locator("#panels > li").evaluate_all("items => items.map(item => item.id)")
    return ids


def open_view(watched: Watched, kept: Kept) -> Page:
    watched.goto(kept.path)
    expect(watched.page.locator("#panels > li")).to_have_count(3)
    watched.page.wait_for_load_state("networkidle")  # the island is there
    return watched.page


def drag(page: Page, handle: str, onto: str) -> None:
    """Drag a handle beyond the middle of a panel."""
    start, end = page.locator(handle).bounding_box(), page.locator(onto).bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] * 0.75, end["y"] + end["height"] * 0.75, steps=8)


def test_arrow_keys_move_a_panel_and_the_focus_stays(watched: Watched, kept: Kept) -> None:
    page = open_view(watched, kept)
    page.locator("#handle-1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#arranged")).to_have_text(f"{FIRST}: place 2 of 3")
    page.keyboard.press("End")
    expect(page.locator("#toasts")).to_contain_text(f"{FIRST} is at place 3 of 3")
    assert kept.order == [2, 3, 1]
    expect(page.locator("#handle-1")).to_be_focused()
    expect(page.locator("#handle-1")).to_have_accessible_name(f"Move {FIRST}, place 3 of 3")


def test_escape_leaves_a_panel_where_it_was(watched: Watched, kept: Kept) -> None:
    page = open_view(watched, kept)
    page.locator("#handle-1").focus()
    page.keyboard.press("End")
    assert shown(page) == ["panel-2-place", "panel-3-place", "panel-1-place"]
    page.keyboard.press("Escape")
    assert shown(page) == ["panel-1-place", "panel-2-place", "panel-3-place"]
    assert kept.order == [1, 2, 3]


def test_a_panel_is_dragged(watched: Watched, kept: Kept) -> None:
    page = open_view(watched, kept)
    drag(page, "#handle-1", "#panel-3-place")
    assert shown(page) == ["panel-2-place", "panel-3-place", "panel-1-place"]
    assert kept.order == [1, 2, 3], "nothing is sent before it is dropped"
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text(f"{FIRST} is at place 3 of 3")
    assert kept.order == [2, 3, 1]


def test_a_panel_that_was_removed_comes_back(watched: Watched, kept: Kept) -> None:
    page = open_view(watched, kept)
    page.get_by_role("button", name=f"Remove {FIRST}").click()
    expect(page.locator("#panels > li")).to_have_count(2)
    expect(page.locator("#handle-2")).to_be_focused()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#panels > li")).to_have_count(3)
    assert kept.order == [1, 2, 3]


def test_what_somebody_else_changed_is_said_and_stays(watched: Watched, kept: Kept) -> None:
    page = open_view(watched, kept)
    kept.put("Theirs", PATHS[1:], 1)
    page.locator("#handle-1").focus()
    page.keyboard.press("End")
    expect(page.locator("#toasts")).to_contain_text("api changed the view")
    expect(page.get_by_role("heading", level=1)).to_have_text("Theirs")
    expect(page.locator("#panels > li")).to_have_count(2)
    assert kept.order == [1, 2]
    assert ["409" in complaint for complaint in watched.complaints] == [True]
    watched.complaints.clear()


def test_who_looks_at_a_view_sees_it_change(watched: Watched, kept: Kept) -> None:
    watched.goto(kept.path.removesuffix("?edit=1"))
    expect(watched.page.locator("#panels > li")).to_have_count(3)
    expect(watched.page.locator("#connection")).to_have_attribute("data-state", "live")
    kept.put("Theirs", PATHS[1:], 1)
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Theirs")
    expect(watched.page.locator("#panels > li")).to_have_count(2)
