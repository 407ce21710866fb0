"""Every page, in every size, dark and light: nothing on the console, nothing refused, accessible, not wider than its
window."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.e2e.dashboard.watch import Watched
from tests.support.server import Server

from chatvitals.dashboard.registry import PAGES

SIZES = ((390, 844), (768, 1024), (1440, 900))
SCHEMES: tuple[Any, ...] = ("light", "dark")

TABS = ("persistence", "performance", "memory", "alerts")

PLACES: dict[str, tuple[str, ...]] = {
    "performance": tuple(
        f"/dashboard/performance?tab={tab}" for tab in ("persistence", "performance", "memory", "alerts")
    ),
    "metric": (
        "/dashboard/metrics/performance.renders.p95Time?compare=before",
        "/dashboard/metrics/persistence.dataLoss.incidents",
    ),
    "customer": ("/dashboard/customers/{customer}",),
    "session": ("/dashboard/sessions/{session}?site=demo",),
    "incident": ("/dashboard/alerts/{incident}",),
    "rule": ("/dashboard/rules/data-loss",),
    "view": ("/dashboard/views/{view}", "/dashboard/views/{view}?edit=1"),
}
"""Where pages with parts in their paths, or with tabs, are looked at; all others at their path."""


@pytest.fixture(scope="module")
def names(busy: Server) -> dict[str, str]:
    """A customer, a session, an incident and a view that there are."""
    customers = busy.get("/api/monitoring/breakdown", metric="api.totalCalls", by="customer", window=7_200_000)
    incident = busy.get("/api/monitoring/alerts")["incidents"][0]
    session = next(event["sessionId"] for event in busy.export("demo") if event["kind"] == "loss")
    panels = [
        {"metric": "performance.renders.p95Time", "kind": "chart", "width": 4},
        {"metric": "persistence.operations.successRate"},
        {"metric": "api.errorRate", "kind": "table", "by": "customer", "width": 2},
    ]
    view = busy.client.put(
        "/api/monitoring/views/mine",
        json={"view": {"name": "Mine", "panels": panels}},
    )
    assert view.status_code in (200, 201), view.text
    return {
        "customer": customers["parts"][0]["key"],
        "incident": incident["id"],
        "session": session.lstrip("#"),
        "view": "mine",
    }


@pytest.fixture(scope="module")
def tab(chromium: Browser, busy: Server) -> Iterator[Watched]:
    with chromium.new_context(reduced_motion="reduce") as browsing:  # colours are what they are at once
        yield Watched.open(browsing, busy.url)


def _places() -> list[str]:
    return [place for page in PAGES for place in PLACES.get(page.name, (page.path,))]


@pytest.mark.parametrize("place", _places())
def test_a_page_is_sound(tab: Watched, names: dict[str, str], place: str) -> None:
    tab.complaints.clear()
    assert tab.goto(place.format(**names)).status == 200
    for width, height in SIZES:
        tab.page.set_viewport_size({"width": width, "height": height})
        assert tab.overflow() <= 0, f"at {width} px"
        for scheme in SCHEMES:
            tab.page.emulate_media(color_scheme=scheme)
            assert tab.axe() == [], f"at {width} px, {scheme}"
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("/dashboard/performance?site=empty", 200),
        ("/dashboard/customers?site=empty", 200),
        ("/dashboard/sessions?site=empty", 200),
        ("/dashboard/releases?site=empty", 200),
        ("/dashboard/storage?site=empty", 200),
        ("/dashboard/boot?site=empty", 200),
        ("/dashboard/streaming?site=empty", 200),
        ("/dashboard/errors?site=empty", 200),
        ("/dashboard/sessions/0000000000000001", 404),
        ("/dashboard/metrics/no.such.metric", 404),
        ("/dashboard/performance?window=never", 400),
    ],
)
def test_a_page_without_data_is_sound_too(tab: Watched, place: str, status: int) -> None:
    assert tab.goto(place).status == status
    tab.complaints.clear()  # Chromium complains of a page's status itself
    for width, height in (SIZES[0], SIZES[-1]):
        tab.page.set_viewport_size({"width": width, "height": height})
        assert tab.overflow() <= 0
        assert tab.axe() == []
    assert tab.complaints == []
