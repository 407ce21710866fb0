"""The main page: the three questions, health, alerts, and every metric's card."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.contract.dashboard.incidents import keep_incident
from tests.contract.history import Event, random_events, store
from tests.contract.telling import WINDOW, told
from tests.support.dashboard import render_page
from tests.support.reading import read
from tests.unit.alerting.situations import incident

from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.layout import TABS
from chatvitals.dashboard.parts import Parts
from chatvitals.dashboard.recent import Recent
from chatvitals.dashboard.rendering import Rendered
from chatvitals.errors import BadRequest
from chatvitals.query.figures import Source
from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.engine import Parameter

NAUGHTY = "<script>alert('x')</script>"


def page(parts: Parts, site: str, **own: str) -> Rendered:
    return render_page(parts, f"/dashboard/performance?{urlencode({'site': site, 'window': '600000', **own})}")


def saves(number: int, *, failed: int = 0, error: str = "QuotaExceededError", **more: object) -> list[Event]:
    return [
        told("persistence", operation="save", success=place >= failed, duration=10, sessionId=f"s{place}", **more)
        | ({"errorType": error} if place < failed else {})
        for place in range(number)
    ]


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.name)
def test_every_tab_shows_its_cards_as_fragments_of_their_own(engine: EmbeddedEngine, parts: Parts, tab: object) -> None:
    site = store(engine, random_events(3, 400))
    chosen = next(one for one in TABS if one is tab)
    rendered = page(parts, site, tab=chosen.name)
    for place in chosen.places:
        card = read(rendered.fragments[f"card-{place.path.replace('.', '-')}"].html)
        assert place.title in card.text
        assert card.links[place.title].startswith(f"/dashboard/metrics/{place.path}?")
        for name, path in place.beside:
            assert name in card.text, METRICS_BY_PATH[path].title
    assert {"health", "answer-loss", "answer-speed", "answer-rollout", "alerts", "tabs"} <= rendered.fragments.keys()


def test_a_loss_is_the_first_thing_said(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*saves(30), told("loss", conversationId="c", lost=4, hop="save", errorType="SecurityError")])
    rendered = page(parts, site)
    assert "Yes: 1 incident 4 messages lost, in 1 of 31 sessions" in read(rendered.fragments["answer-loss"].html).text
    health = read(rendered.fragments["health"].html)
    assert "49 of 100" in health.text
    assert "Not above 49, since conversations were lost" in health.text
    assert health.tables["What each metric added to the health score"].rows[0] == {
        "Metric": "Persistence success",
        "Category": "Persistence",
        "Value": "100 %",
        "Band": "excellent",
        "Score": "100",
        "Counts": "100 %",
        "Samples": "30",
    }
    errors = read(rendered.fragments["errors-by-type"].html).tables
    assert errors["Data loss by error"].rows == [{"Error": "SecurityError", "Events": "1", "Share": "100 %"}]
    assert "No operation failed." in read(rendered.html).text


def test_errors_are_counted_by_type(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*saves(6, failed=3), *saves(4, failed=1, error=NAUGHTY)])
    rendered = page(parts, site)
    table = read(rendered.html).tables["Failed operations by error"]
    assert table.column("Error") == ["QuotaExceededError", NAUGHTY]
    assert table.column("Share") == ["75 %", "25 %"]
    assert NAUGHTY not in rendered.html


def test_a_rollout_is_held_against_the_release_before_it(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*saves(40, release="2.4.0"), *saves(20, failed=5, release="2.4.1")])
    said = read(page(parts, site).fragments["answer-rollout"].html)
    assert "Worse figures on 2.4.1 than on 2.4.0 75 % operations succeed against 100 %" in said.text


def test_where_nobody_was_nothing_is_good(engine: EmbeddedEngine, parts: Parts) -> None:
    store(engine, saves(1))
    rendered = page(parts, "nobody")
    assert "Nothing has come yet" not in rendered.html, "others were there"
    assert "unknown" in read(rendered.fragments["health"].html).text
    for name, fragment in rendered.fragments.items():
        assert 'data-grade="good"' not in fragment.html, name


def test_open_alerts_stand_above_the_figures_and_are_counted_on_their_tab(parts: Parts) -> None:
    assert "Open alerts" not in read(page(parts, "shop").fragments["alerts"].html).text
    opened = incident(now_ms=WINDOW.end_ms - 180_000)
    keep_incident(parts, opened)
    fragments = page(parts, "shop").fragments
    alerts = read(fragments["alerts"].html)
    assert "Open alerts" in alerts.text
    assert "3 min ago" in alerts.text
    assert alerts.links[opened.title] == f"/dashboard/alerts/{opened.id}?window=600000&site=shop"
    assert "Alerts 1" in read(fragments["tabs"].html).text
    assert "Open alerts" not in read(page(parts, "shop", customer="globex").fragments["alerts"].html).text


def test_filters_and_tabs_stay_in_the_links(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, saves(1))
    links = read(page(parts, site, tab="memory", browser="Chrome 143").html).links
    kept = urlencode({"window": "600000", "site": site, "browser": "Chrome 143"})
    assert links["Persistence"] == f"/dashboard/performance?{kept}"
    assert links["Performance"].startswith("/dashboard/performance?")
    assert links["API calls"] == f"/dashboard/metrics/api.totalCalls?{kept}"


class Slow(EmbeddedEngine):
    """An engine whose questions take a tenth of a second each, by its own clock."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine
        self.now_s = 0.0

    def query(self, sql: str, parameters: Mapping[str, Parameter] | None = None) -> list[dict[str, Any]]:
        self.now_s += 0.1
        return self._engine.query(sql, parameters)


def test_figures_of_a_day_are_shared_for_a_while_and_those_of_an_hour_are_new(
    engine: EmbeddedEngine, parts: Parts
) -> None:
    site = store(engine, saves(20))
    slow = Slow(engine)
    asked = replace(parts, source=Source(slow, parts.source.rollups), recent=Recent(lambda: slow.now_s))

    def took_s(window_ms: int) -> float:
        began_s = slow.now_s
        page(asked, site, window=str(window_ms))
        return slow.now_s - began_s

    day, hour = 86_400_000, 3_600_000
    assert took_s(day) > 0
    assert took_s(day) == 0
    slow.now_s += 60
    assert took_s(day) > 0
    assert took_s(hour) > took_s(hour) > 0


def test_a_tab_that_is_none_is_refused(parts: Parts) -> None:
    with pytest.raises(BadRequest, match="there is no tab 'memroy': give one of persistence, performance, memory"):
        page(parts, "nobody", tab="memroy")


def test_filters_keep_several_sites(parts: Parts) -> None:
    for name in ("a", "b", "c"):
        parts.sites.ensure_site(name)
    html = render_page(parts, "/dashboard/performance?site=a&site=b").html
    select = html[html.index('<select id="filters-site"') :].partition("</select>")[0]
    assert " multiple" in select.partition(">")[0]
    assert select.count(" selected") == 2
    assert " multiple" not in render_page(parts, "/dashboard/performance?site=a").html
