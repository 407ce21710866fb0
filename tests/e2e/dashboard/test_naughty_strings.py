"""Strings that break things, in every field and dimension: every page shows them as text and runs none of them."""

import json
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, expect
from starlette.routing import Match, Route
from tests.e2e.dashboard.watch import Watched
from tests.support.corpora import EXAMPLES, event_of, naughty_strings, text_fields
from tests.support.server import DAY_MS, Server, batch_of, make_sites, now_ms, wait_until
from tests.support.wire import post_all

from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.dashboard.registry import PAGES

pytestmark = pytest.mark.slow

SITE = "naughty"
SCRIPT = "<script>alert(123)</script>"
IMAGE = '"><img src=x onerror=alert(124)>'
OWN = (SCRIPT, IMAGE, "javascript:alert(125)", "</script><script>alert(126)</script>", "{{ 7 * 7 }}{% raw %}")
"""What is aimed at these pages, beside the list that everybody has."""

PATIENCE_MS = 30_000

_FOREIGN = """() => [...document.querySelectorAll("*")].filter((element) =>
  ["IFRAME", "IMG", "OBJECT", "EMBED", "BASE", "MARQUEE"].includes(element.tagName)
  || (element.tagName === "SCRIPT" && !element.src && element.type !== "application/json")
  || [...element.attributes].some(({ name, value }) =>
    name.startsWith("on") || (["href", "src", "action"].includes(name) && /^\\s*(javascript|data):/i.test(value)
      && element.rel !== "icon"))
).map((element) => element.outerHTML.slice(0, 200))"""
"""What no page of ours has."""


def events_with(text: str, moment: float) -> list[dict[str, Any]]:
    """An event of every kind, with the text in every field that takes one."""
    return [
        event_of(kind, moment, **{field.wire_name: text or "x" for field in text_fields(kind)}) for kind in EXAMPLES
    ]


def body_of(number: int, text: str) -> bytes:
    """A batch of a session of its own, whose every dimension is the text."""
    context = {"sessionId": f"session {number}", "tabId": "t", **dict.fromkeys(DIMENSION_NAMES, text)}
    return json.dumps(batch_of(SITE, events_with(text, now_ms() - 60_000), context=context)).encode()


@pytest.fixture(scope="module")
def naughty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("naughty") / "data"
    make_sites(data, [SITE])
    with Server(data, flush_interval_ms=100, commit_interval_ms=1) as server:
        texts = [*OWN, *naughty_strings()]
        replies = post_all(server.url, [body_of(number, text) for number, text in enumerate(texts)])
        assert Counter(reply.status for reply in replies) == {202: len(texts)}
        wait_until(lambda: server.kept(SITE) >= len(texts) * len(EXAMPLES) * 0.9, "the texts are in the store")
        wait_until(lambda: server.get("/api/monitoring/alerts", status="open")["incidents"], "losses are told")
        view = {"name": IMAGE, "panels": [{"metric": "performance.renders.p95Time", "kind": "chart", "title": SCRIPT}]}
        saved = server.client.put("/api/monitoring/views/naughty", json={"view": view, "revision": 0})
        assert saved.status_code in (200, 201), saved.text
        yield server


@pytest.fixture
def tab(chromium: Browser, naughty: Server) -> Iterator[Watched]:
    """A tab in which nothing may run, and whose console says nothing."""
    with chromium.new_context() as browsing:
        watched = Watched.open(browsing, naughty.url)

        def alarm(dialog: Dialog) -> None:
            watched.complaints.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        watched.page.on("dialog", alarm)
        yield watched
        assert watched.complaints == []


def look_at(tab: Watched, path: str) -> None:
    """Go there, and see that the page is whole and only ours."""
    response = tab.page.goto(tab.base + path)
    assert response is not None
    assert response.status == 200, f"{path}: {response.status}"
    expect(tab.page.locator(".waiting, .htmx-request")).to_have_count(0, timeout=PATIENCE_MS)
    assert tab.page.evaluate(_FOREIGN) == [], path
    assert tab.complaints == [], path


def shape_of(href: str) -> set[tuple[str, str]]:
    """The page that a link leads to, with each of its parameters; empty where it is no page of the dashboard."""
    parts = urlsplit(href)
    for page in PAGES:
        match, _ = Route(page.path, lambda _: None).matches(
            {"type": "http", "path": parts.path, "method": "GET", "root_path": ""}
        )
        if match is Match.FULL and not parts.netloc:
            return {(page.name, name) for name, _ in parse_qsl(parts.query)} | {(page.name, "")}
    return set()


def test_every_page_shows_them_as_text(tab: Watched) -> None:
    """Begins at the pages whose paths are known, and follows what leads to another page or has another parameter."""
    waiting = deque(f"{page.path}?site={SITE}" for page in PAGES if "{" not in page.path)
    seen: set[tuple[str, str]] = set()
    while waiting:
        href = waiting.popleft()
        if shape_of(href) <= seen:
            continue
        seen |= shape_of(href)
        look_at(tab, href)
        waiting += tab.page.eval_on_selector_all("main a[href]", "(links) => links.map((a) => a.getAttribute('href'))")
    assert {page.name for page in PAGES} == {name for name, _ in seen}, "nothing leads to the others"


@pytest.mark.parametrize("text", OWN)
@pytest.mark.parametrize("path", ["/dashboard/customers", "/dashboard/performance", "/dashboard/errors"])
def test_a_filter_for_one_is_said_as_it_is(tab: Watched, path: str, text: str) -> None:
    look_at(tab, f"{path}?{urlencode({'site': SITE, 'customer': text})}")
    assert text in tab.page.inner_text("body")


@pytest.mark.parametrize("text", OWN)
def test_a_customer_of_that_name_has_a_page(tab: Watched, text: str) -> None:
    look_at(tab, f"/dashboard/customers/{quote(text, safe='')}?site={SITE}")
    assert text in tab.page.inner_text("main")


def test_what_is_pushed_is_text_too(tab: Watched, naughty: Server) -> None:
    look_at(tab, f"/dashboard/setup?site={SITE}")
    late = f"late {IMAGE}{SCRIPT}"
    context = {"sessionId": "late", "tabId": "t", "customer": late, "page": late, "browser": late}
    assert naughty.post(batch_of(SITE, events_with(late, now_ms()), context=context)).status_code == 202
    expect(tab.page.locator("#setup-sign")).to_contain_text(late, timeout=PATIENCE_MS)
    assert tab.page.evaluate(_FOREIGN) == []


def test_a_chart_says_them_as_text(tab: Watched) -> None:
    look_at(tab, f"/dashboard/metrics/performance.renders.p95Time?site={SITE}&window={DAY_MS}")
    plot = tab.page.locator(".chart-plot").first
    box = plot.bounding_box()
    assert box is not None
    for share in (0.2, 0.5, 0.9, 0.99):
        tab.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    assert tab.page.evaluate(_FOREIGN) == []
