"""The open alerts of the main page, and its tab Alerts."""

import pytest
from tests.contract.dashboard.alerts import OPENED_MS, Desk
from tests.support.dashboard import act, render_page, visit_of
from tests.support.reading import Read, read

from chatvitals.alerting.handling import acknowledge, resolve
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.pages.alerts import HISTORY_ROWS, active_alerts
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest

TAB = "/dashboard/performance?tab=alerts"
MINUTE_MS = 60_000


def tab(parts: Parts, more: str = "") -> Read:
    parts.book.look()
    return read(render_page(parts, TAB + more).html)


def titles(read: Read) -> list[str]:
    table = read.tables.get("History")
    return table.column("Where") if table else []


def test_open_alerts_are_shown_with_what_can_be_done(parts: Parts, desk: Desk) -> None:
    desk.open("a", severity=Severity.CRITICAL)
    html = render_page(parts, "/dashboard/performance").html
    seen = read(html)
    assert "◆ critical Slow Message Renders on shop, customer acme" in seen.text
    assert "1 of 400 customers, 2 releases, 63 of 400 sessions" in seen.text
    assert seen.links["Slow Message Renders"] == "/dashboard/alerts/a"
    assert seen.links["Silence"] == "/dashboard/silences/new?alert=a"
    for action in ("acknowledge", "resolve"):
        assert f'method="post" action="/dashboard/alerts/a/{action}"' in html


def test_filters_leave_out_what_is_about_others(parts: Parts, desk: Desk) -> None:
    desk.open("shop")
    desk.open("other", site="blog", labels={"site": "blog"})

    def ids(query: str) -> list[str]:
        return [row.id for row in active_alerts(visit_of(parts, f"/dashboard/performance?{query}", {}))]

    assert ids("") == ["other", "shop"]
    assert ids("site=blog") == ["other"]
    assert ids("customer=globex") == ["other"]  # it says nothing of customers, so it is about all
    assert ids("customer=acme&site=shop") == ["shop"]


def test_hostile_texts_are_shown_as_text(parts: Parts, desk: Desk) -> None:
    evil = '"><script>alert(1)</script>'
    desk.open("a", title=evil, message=evil, labels={"site": evil, "customer": "javascript:alert(1)"})
    html = render_page(parts, TAB).html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_history_is_filtered(parts: Parts, desk: Desk) -> None:
    desk.open("one", labels={"site": "one"}, severity=Severity.ERROR)
    desk.open("two", labels={"site": "two"}, category="memory", rule="high-memory")
    parts.incidents.change("two", lambda incident: resolve(incident, "kim", "", OPENED_MS + MINUTE_MS))
    assert sorted(titles(tab(parts))) == ["one", "two"]
    for query, found in (
        ("&status=resolved", ["two"]),
        ("&status=open", ["one"]),
        ("&severity=error", ["one"]),
        ("&category=memory", ["two"]),
        ("&rule=high-memory", ["two"]),
        ("&rule=high-memory&severity=error", []),
    ):
        assert titles(tab(parts, query)) == found, query
    resolved = tab(parts, "&status=resolved").tables["History"].rows[0]
    assert (resolved["Lasted"], resolved["Status"]) == ("1 min", "resolved by kim")
    assert "No alert is like this." in tab(parts, "&rule=none").text


@pytest.mark.parametrize("query", ["status=gone", "severity=awful", "category=none"])
def test_a_filter_that_there_is_not_is_refused(parts: Parts, query: str) -> None:
    with pytest.raises(BadRequest, match="is one of"):
        render_page(parts, f"{TAB}&{query}")


def test_the_history_is_leafed_through_both_ways(parts: Parts, desk: Desk) -> None:
    for number in range(HISTORY_ROWS + 2):
        desk.open(f"i{number:02}", OPENED_MS + number, labels={"site": f"s{number:02}"})
    first = tab(parts)
    assert (len(titles(first)), titles(first)[0], "Previous" in first.links) == (HISTORY_ROWS, "s51", False)
    second = read(render_page(parts, first.links["Next"]).html)
    assert (titles(second), "Next" in second.links) == (["s01", "s00"], False)
    back = read(render_page(parts, second.links["Previous"]).html)
    assert (titles(back), "Previous" in back.links) == (titles(first), False)


def test_statistics_count_and_lead_to_what_they_count(parts: Parts, desk: Desk) -> None:
    for id in ("a", "b", "c"):
        desk.open(id)
    parts.incidents.change("a", lambda incident: acknowledge(incident, "kim", "", OPENED_MS + MINUTE_MS))
    parts.incidents.change("b", lambda incident: resolve(incident, "kim", "", OPENED_MS + 3 * MINUTE_MS))
    seen = tab(parts)
    assert "Alerts 3 Mean time to acknowledge 1 min Mean time to resolve 3 min" in seen.text
    assert seen.links["slow-renders"] == "/dashboard/performance?tab=alerts&rule=slow-renders"
    assert seen.links["warning"] == "/dashboard/performance?tab=alerts&severity=warning"


def test_rules_say_how_they_stand(parts: Parts) -> None:
    table = tab(parts).tables["How rules stand, those first that want to be looked at"]
    assert set(table.column("State")) == {"not evaluated yet"}
    assert table.links["Data Loss Detected"] == "/dashboard/rules/data-loss"
    act(parts, "/dashboard/rules/data-loss/switch", {"enabled": ""})
    states = tab(parts).tables["How rules stand, those first that want to be looked at"]
    assert {row["Rule"]: row["State"] for row in states.rows}["Data Loss Detected"] == "off"


def test_silences_are_listed_until_they_end(parts: Parts) -> None:
    assert "None: everybody is told of everything." in tab(parts).text
    done = act(parts, "/dashboard/silences", {"matchers": "site=shop", "lasts": "2h", "reason": "deploying"})
    assert "active site=shop deploying (tester) ends in 2 h" in tab(parts).text
    assert done.undo is not None
    act(parts, done.undo.path, done.undo.fields)
    seen = tab(parts)
    assert "None: everybody is told of everything." in seen.text
    assert "ended site=shop deploying (tester)" in seen.text
    assert seen.links["Again"].startswith("/dashboard/silences/new?like=")


def test_what_is_silenced_says_so_and_comes_last(parts: Parts, desk: Desk) -> None:
    desk.open("loud", severity=Severity.INFO)
    quiet = desk.open("quiet", severity=Severity.CRITICAL, site="blog", labels={"site": "blog"})
    act(parts, "/dashboard/silences", {"matchers": f"site={quiet.site}", "lasts": "2h", "reason": "known"})
    rows = active_alerts(visit_of(parts, "/dashboard/performance", {}))
    assert [(row.id, row.silenced_until_ms is not None) for row in rows] == [("loud", False), ("quiet", True)]
    assert "silenced until" in render_page(parts, "/dashboard/performance").html


def test_of_very_many_the_page_shows_some_and_leads_to_all(parts: Parts, desk: Desk) -> None:
    for number in range(60):
        desk.open(f"i{number:02}", OPENED_MS + number)
    html = render_page(parts, "/dashboard/performance").html
    assert html.count('<li id="alert-') == 56
    seen = read(html)
    assert "54 more open alerts" in seen.text
    assert seen.links["All open alerts"] == "/dashboard/performance?tab=alerts&status=open"
