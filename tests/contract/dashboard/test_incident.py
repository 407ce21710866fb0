"""The page of one alert, and what people do on it."""

import pytest
from tests.contract.dashboard.alerts import OPENED_MS, Desk
from tests.contract.telling import WINDOW
from tests.support.dashboard import act, render_page
from tests.support.reading import Read, read

from chatvitals.alerting.incidents import recover
from chatvitals.dashboard.page import Done
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, Conflict, NotFound
from chatvitals.store.control.incidents import EntryKind, IncidentStatus

PATH = "/dashboard/alerts/a"


def page(parts: Parts) -> Read:
    parts.book.look()
    return read(render_page(parts, PATH).html)


def undo(parts: Parts, done: Done) -> Done:
    assert done.undo is not None
    return act(parts, done.undo.path, done.undo.fields)


def kinds(parts: Parts) -> list[EntryKind]:
    found = parts.incidents.get("a")
    assert found is not None
    return [entry.kind for entry in found[1]]


def status(parts: Parts) -> IncidentStatus:
    found = parts.incidents.get("a")
    assert found is not None
    return found[0].status


def test_the_story_of_an_alert(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    seen = page(parts)
    assert "▲ warning nobody on it on shop, customer acme, team widget it is slow" in seen.text
    assert "Value 20ms Threshold 16ms Opened 10 min ago" in seen.text
    assert "Touches 1 of 400 customers, 2 releases, 63 of 400 sessions p95Time 20" in seen.text
    assert "Opened ▲ warning 10 min ago 20ms, threshold 16ms; 1 of 400 customers" in seen.text
    assert "Nobody, so far as the outbox remembers." in seen.text


def test_links_lead_to_the_same_time_and_place(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    links = page(parts).links
    assert links["Render time, p95 over that time"].startswith("/dashboard/metrics/performance.renders.p95Time?from=")
    for link in ("Render time, p95 over that time", "Sessions of that time"):
        assert "site=shop" in links[link]
        assert "customer=acme" in links[link]
    assert links["https://runbooks.example/slow"] == "https://runbooks.example/slow"
    assert links["slow-renders"] == "/dashboard/rules/slow-renders"
    assert links["The same as JSON"] == "/api/monitoring/alerts/a"


def test_a_rule_that_is_gone_leads_nowhere(parts: Parts, desk: Desk) -> None:
    desk.open("a", rule="removed-since")
    seen = page(parts)
    assert "removed-since, which is gone" in seen.text
    assert "removed-since" not in seen.links


def test_who_was_told_and_what_became_of_it(parts: Parts, desk: Desk) -> None:
    incident = desk.open("a")
    desk.write("waiting", incident)
    desk.write("dead", incident, "webhook")
    letter = parts.outbox.take("on-call", "webhook", OPENED_MS, OPENED_MS)
    assert letter is not None
    parts.outbox.fail(letter, OPENED_MS, "it answered 410", None)
    text = page(parts).text
    assert "on-call by email: opened waiting 10 min ago" in text
    assert "on-call by webhook: opened given up 10 min ago it answered 410" in text


def test_acknowledging_is_shown_and_undone(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    done = act(parts, f"{PATH}/acknowledge", {})
    assert done.said == "Slow Message Renders: acknowledged by tester"
    assert "acknowledged by tester" in page(parts).text
    assert undo(parts, done).said == "Slow Message Renders: open again"
    assert "nobody on it" in page(parts).text
    assert kinds(parts) == [EntryKind.OPENED, EntryKind.ACKNOWLEDGED, EntryKind.RELEASED]


def test_taking_over_leaves_the_first_time_and_has_no_undo(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    act(parts, f"{PATH}/acknowledge", {})
    assert act(parts, f"{PATH}/acknowledge", {}).undo is None


def test_resolving_is_shown_and_undone(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    done = act(parts, f"{PATH}/resolve", {"words": "rolled back"})
    seen = page(parts)
    assert "✓ resolved" in seen.text
    assert "rolled back" in seen.text
    assert "Silence" not in seen.links
    with pytest.raises(Conflict, match="resolved already"):
        act(parts, f"{PATH}/acknowledge", {})
    undo(parts, done)
    assert status(parts) is IncidentStatus.OPEN


def test_what_ended_by_itself_stays_ended(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    parts.incidents.change("a", lambda incident: recover(incident, None, WINDOW.end_ms))
    assert "Resolved just now by itself" in page(parts).text
    with pytest.raises(Conflict, match="by itself"):
        act(parts, f"{PATH}/reopen", {})


def test_comments_are_kept_as_text(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    act(parts, f"{PATH}/comment", {"words": " <b>the CDN</b> "})
    html = render_page(parts, PATH).html
    assert "<b>the CDN" not in html
    assert "Comment by tester just now <b>the CDN</b>" in read(html).text
    with pytest.raises(BadRequest, match="words is empty"):
        act(parts, f"{PATH}/comment", {"words": "  "})


@pytest.mark.parametrize("action", ["acknowledge", "release", "resolve", "reopen", "comment"])
def test_an_alert_that_is_not_there(parts: Parts, action: str) -> None:
    with pytest.raises(NotFound, match="there is no alert 'a'"):
        act(parts, f"{PATH}/{action}", {"words": "x"})
    with pytest.raises(NotFound, match="older than what is kept"):
        page(parts)
