"""One saved view: what its panels show, what is looked at, and how it is edited."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from tests.contract.history import store
from tests.contract.telling import LENGTH_MS, told
from tests.support.dashboard import act, render_page
from tests.support.reading import Read, read

from chatvitals.dashboard.page import Done
from chatvitals.dashboard.pages.views import PATH
from chatvitals.dashboard.parts import Parts
from chatvitals.dashboard.recent import Recent
from chatvitals.dashboard.saved.book import KeptView, ViewBook
from chatvitals.dashboard.saved.document import MOST_PANELS, Panel, PanelKind, SavedView
from chatvitals.errors import BadRequest, Conflict, NotFound
from chatvitals.store.events.embedded import EmbeddedEngine

VIEW = f"{PATH}/checkout"
CARD = Panel(metric="performance.renders.p95Time")
CHART = Panel(metric="performance.renders.p95Time", kind=PanelKind.CHART, width=2, title="Rendering")
TABLE = Panel(metric="performance.renders.p95Time", kind=PanelKind.TABLE, width=2, by="browser")


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine) -> str:
    """Thirty quick renders in Chrome, ten slow ones in Safari."""
    return store(
        engine,
        [
            *(told("render", renderTime=5.0, sessionId=f"c{number}") for number in range(30)),
            *(told("render", renderTime=40.0, browser="Safari 26", sessionId=f"s{number}") for number in range(10)),
        ],
    )


def book(parts: Parts) -> ViewBook:
    return ViewBook(parts.saved_views, parts.clock, parts.new_id)


def keep(parts: Parts, panels: Sequence[Panel] = (CARD,), **fields: Any) -> KeptView:
    return book(parts).put("checkout", SavedView(name="Checkout", panels=tuple(panels), **fields), 0, "dana")


def now(parts: Parts) -> KeptView:
    return book(parts).find("checkout")


def page(parts: Parts, **query: str) -> Read:
    return read(render_page(parts, f"{VIEW}?{urlencode(query)}").html)


def edit(parts: Parts, what: str, fields: Mapping[str, str] | None = None, revision: int | None = None) -> Done:
    given = {"revision": str(now(parts).revision if revision is None else revision), **(fields or {})}
    return act(parts, f"{VIEW}/{what}", given, f"{VIEW}?edit=1")


def order(parts: Parts) -> list[int]:
    return [panel.id for panel in now(parts).view.panels]


def test_panels_show_cards_charts_and_tables(parts: Parts, site: str) -> None:
    keep(parts, (CARD, CHART, TABLE), filters={"site": (site,)}, window_ms=LENGTH_MS)
    seen = page(parts)
    assert "Render time, p95 bad: 40 ms" in seen.text, seen.text
    assert "40 samples" in seen.text
    assert "Rendering over time" in seen.tables
    table = seen.tables["Render time, p95 by browser"]
    assert table.column("Browser") == ["Safari 26", "Chrome 143"], "the worst first"
    assert table.column("Samples") == ["10", "30"]
    assert table.column("Share") == ["25 %", "75 %"]
    assert table.column("Value")[-1] == "5 ms"
    assert urlencode({"site": site, "browser": "Safari 26"}) in table.links["Safari 26"]


def test_charts_have_marks_and_lead_to_the_sessions_behind_them(parts: Parts, site: str) -> None:
    keep(parts, (CHART,), filters={"site": (site,)}, window_ms=LENGTH_MS)
    (drawn,) = re.findall(r'<script type="application/json">(.*?)</script>', render_page(parts, VIEW).html)
    chart = json.loads(drawn)
    assert (chart["title"], chart["start"]) == ("Rendering", parts.clock() - LENGTH_MS)
    assert [mark["name"] for mark in chart["marks"]] == ["4.1.0"]
    assert chart["sessionsHref"].startswith("/dashboard/sessions?")
    assert chart["csvHref"].startswith("/dashboard/metrics/performance.renders.p95Time/csv?")


def test_a_panels_own_filters_count_in_the_place_of_the_views(parts: Parts, site: str) -> None:
    filters = {"site": (site,), "browser": ("Chrome 143",)}
    slow = Panel(metric="performance.renders.p95Time", filters={"browser": ("Safari 26",)})
    keep(parts, (CARD, slow), filters=filters, window_ms=LENGTH_MS)
    seen = page(parts)
    assert "Render time, p95 5 ms" in seen.text
    assert "browser Safari 26" in seen.text
    assert "browser=Safari+26" in seen.links["Render time, p95"]


def test_panels_that_are_alike_share_their_statements(parts: Parts, site: str) -> None:
    paths = ("performance.renders.p95Time", "api.errorRate", "performance.renders.slowRenderRate")
    few = [Panel(metric=path, kind=kind, by=by) for kind, by in KINDS for path in paths[:1]]
    many = [Panel(metric=path, kind=kind, by=by) for kind, by in KINDS for path in paths]
    counts = []
    for slug, panels in (("few", few), ("many", many)):
        view = SavedView(name=slug, panels=tuple(panels), filters={"site": (site,)}, window_ms=LENGTH_MS)
        book(parts).put(slug, view, 0, "dana")
        with patch.object(EmbeddedEngine, "query", autospec=True, side_effect=EmbeddedEngine.query) as asked:
            render_page(replace(parts, recent=Recent()), f"{PATH}/{slug}")
        counts.append(asked.call_count)
    assert counts[0] == counts[1]


KINDS = ((PanelKind.CARD, ""), (PanelKind.CHART, ""), (PanelKind.TABLE, "browser"))


def test_an_edit_asks_for_nothing_again(parts: Parts, site: str) -> None:
    keep(parts, (CARD, CHART, TABLE), filters={"site": (site,)}, window_ms=86_400_000)
    page(parts, edit="1")
    edit(parts, "panels/3/move", {"place": "1"})
    with patch.object(EmbeddedEngine, "query", autospec=True, side_effect=EmbeddedEngine.query) as asked:
        page(parts, edit="1")
        assert asked.call_count == 0
        page(parts)
        assert asked.call_count > 0, "who only looks sees how things are now"


def test_the_view_says_what_is_looked_at_unless_the_address_does(parts: Parts) -> None:
    keep(parts, (), window_ms=86_400_000, filters={"customer": ("acme",)})
    assert "last 1 d" in page(parts).text
    assert "something else" not in page(parts).text
    adjusted = page(parts, window="300000")
    assert "last 5 min" in adjusted.text
    assert "This view keeps last 1 d, customer acme; the bar above says something else." in adjusted.text
    assert "something else" in page(parts, adjusted="1").text, "the window of an hour is the default, and said nowhere"


def test_links_of_the_filters_say_all_that_is_looked_at(parts: Parts) -> None:
    keep(parts, (), window_ms=86_400_000, filters={"customer": ("acme",)})
    hour = page(parts).links["1 h"]
    assert hour == f"{VIEW}?customer=acme&adjusted=1"
    assert "last 1 h" in read(render_page(parts, hour).html).text


def test_what_is_shown_can_be_kept(parts: Parts) -> None:
    keep(parts, (CARD,), window_ms=86_400_000)
    done = act(parts, f"{VIEW}/look", {"revision": "1"}, f"{VIEW}?window=300000&browser=Safari+26&edit=1")
    assert done.to == f"{VIEW}?edit=1"
    view = now(parts).view
    assert (view.window_ms, view.filters) == (300_000, {"browser": ("Safari 26",)})
    act(parts, f"{VIEW}/look", {"revision": "2"}, VIEW)
    assert now(parts).view == view, "an address that says nothing shows what the view keeps"


def test_what_changes_by_itself_are_the_panels(parts: Parts, site: str) -> None:
    keep(parts, (CARD, CHART, TABLE), filters={"site": (site,)})
    for query in ("", "?edit=1"):
        assert set(render_page(parts, f"{VIEW}{query}").fragments) == {"panel-1", "panel-2", "panel-3", "revision-1"}


def test_an_edit_has_a_fragment_that_was_nowhere_before(parts: Parts) -> None:
    """Who looks at the view as it was then gets all of it anew, with its panels in their order."""
    keep(parts, (CARD, CHART))
    edit(parts, "panels/2/move", {"place": "1"})
    assert set(render_page(parts, VIEW).fragments) == {"panel-1", "panel-2", "revision-2"}


def test_a_panel_is_added_at_the_end(parts: Parts) -> None:
    keep(parts)
    fields = {"metric": "API errors", "kind": "table", "by": "endpoint", "width": "2", "filters": "os=iOS", "title": ""}
    assert edit(parts, "panels", fields).said == "Added API errors by endpoint"
    added = now(parts).view.panels[-1]
    assert added == Panel(
        id=2, metric="api.errorRate", kind=PanelKind.TABLE, by="endpoint", width=2, filters={"os": ("iOS",)}
    )
    with pytest.raises(BadRequest, match=r"did you mean 'api\.errorRate'"):
        edit(parts, "panels", {"metric": "api.errorate"})


def test_a_panel_is_changed_in_its_place(parts: Parts) -> None:
    keep(parts, (CARD, CHART, TABLE))
    edit(parts, "panels/2", {"metric": "api.errorRate", "kind": "card", "title": "Failing", "width": "3"})
    assert order(parts) == [1, 2, 3]
    assert now(parts).view.panels[1] == Panel(id=2, metric="api.errorRate", title="Failing", width=3)


def test_panels_are_moved_and_resized(parts: Parts) -> None:
    keep(parts, (CARD, CHART, TABLE))
    assert edit(parts, "panels/3/move", {"place": "1"}).said == "Render time, p95 by browser is at place 1 of 3"
    assert order(parts) == [3, 1, 2]
    assert edit(parts, "panels/2/move", {"place": "0"}).said == "Rendering is at place 1 of 3"
    assert order(parts) == [2, 3, 1]
    assert edit(parts, "panels/2/width", {"width": "4"}).said == "Rendering is 4 of 4 wide"
    assert now(parts).view.panels[0].width == 4
    with pytest.raises(BadRequest, match="width is '5': give a whole number from 1 to 4"):
        edit(parts, "panels/2/width", {"width": "5"})


def test_a_panel_that_was_removed_comes_back_whatever_was_changed_since(parts: Parts) -> None:
    keep(parts, (CARD, CHART, TABLE))
    removed = now(parts).view.panels[1]
    done = edit(parts, "panels/2/remove")
    assert done.said == "Removed Rendering"
    assert order(parts) == [1, 3]
    edit(parts, "panels/3/move", {"place": "1"})
    assert done.undo is not None
    assert act(parts, done.undo.path, done.undo.fields).said == "Rendering is back"
    assert order(parts) == [3, 2, 1]
    assert now(parts).view.panels[1] == removed


def test_a_view_is_renamed_and_keeps_its_address(parts: Parts) -> None:
    keep(parts)
    edit(parts, "about", {"name": "The checkout", "description": "Ask dana."})
    view = now(parts).view
    assert (view.name, view.description) == ("The checkout", "Ask dana.")
    assert "Ask dana." in page(parts).text


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("about", {"name": "Mine"}),
        ("look", {}),
        ("panels", {"metric": "api.errorRate"}),
        ("panels/1", {"metric": "api.errorRate"}),
        ("panels/1/move", {"place": "2"}),
        ("panels/1/width", {"width": "2"}),
        ("panels/1/remove", {}),
    ],
)
def test_no_edit_overwrites_what_was_not_seen(parts: Parts, what: str, fields: dict[str, str]) -> None:
    keep(parts, (CARD, CHART))
    edit(parts, "about", {"name": "Theirs"})
    theirs = now(parts)
    with pytest.raises(Conflict, match="nothing of yours was kept; look at it as it is"):
        edit(parts, what, fields, revision=1)
    assert now(parts) == theirs


def test_each_form_is_for_the_revision_that_is_shown(parts: Parts) -> None:
    keep(parts, (CARD, CHART))
    edit(parts, "about", {"name": "Checkout"})
    html = render_page(parts, f"{VIEW}?edit=1&window=300000").html
    assert set(re.findall(r'name="revision" value="(\d+)"', html)) == {"2"}
    forms = re.findall(r'<form[^>]* method="post" action="([^"]+)".*?</form>', html, re.DOTALL)
    without = [one for one in forms if "copy" not in one and "logout" not in one]
    assert html.count('name="revision"') == len(without) > 8


def test_what_is_only_looked_at_has_no_tools(parts: Parts) -> None:
    keep(parts)
    html = render_page(parts, VIEW).html
    assert "data-handle" not in html
    assert 'id="metrics"' not in html
    assert f'href="{VIEW}?edit=1"' in html


def test_a_metric_that_is_gone_is_said_and_can_be_removed(parts: Parts) -> None:
    keep(parts, (CARD, CHART))
    with patch.dict("chatvitals.catalogue.metrics.METRICS_BY_PATH"):
        from chatvitals.catalogue.metrics import METRICS_BY_PATH

        del METRICS_BY_PATH[CARD.metric]
        seen = page(parts, edit="1")
        assert f"There is no metric {CARD.metric} any more: edit this panel, or remove it." in seen.text


def test_there_is_an_end_to_panels(parts: Parts) -> None:
    keep(parts, (Panel(metric="api.totalCalls"),) * MOST_PANELS)
    assert "The view has 40 panels, which is the most there can be" in page(parts, edit="1").text
    with pytest.raises(Conflict, match="40 panels at most"):
        edit(parts, "panels", {"metric": "api.errorRate"})


def test_a_view_that_is_not_there_is_said(parts: Parts) -> None:
    with pytest.raises(NotFound, match="there is no view 'checkout': /dashboard/views lists those there are"):
        page(parts)
    with pytest.raises(NotFound):
        act(parts, f"{VIEW}/about", {"name": "x", "revision": "0"})
    with pytest.raises(NotFound):
        act(parts, f"{PATH}/a\0b/about", {"name": "x", "revision": "0"})


def test_a_view_without_panels_says_how_to_add_some(parts: Parts) -> None:
    keep(parts, ())
    assert page(parts).links["Edit the view"] == f"{VIEW}?edit=1"
    assert "Add the first one below." in page(parts, edit="1").text
