"""The system page says what is wrong, what came and what became of it, and what is kept about people."""

from collections import Counter
from dataclasses import replace

import pytest
from tests.contract.telling import WINDOW
from tests.support.dashboard import render_page
from tests.support.reading import Read, read
from tests.support.system_state import system_state, writing

from chatvitals.dashboard.parts import Parts
from chatvitals.dashboard.system_state import AlertingState, SystemState
from chatvitals.ingest.outcomes import OutcomeCounts, outcome_key
from chatvitals.ingest.writer import Content, write_content
from chatvitals.settings import Settings

NOW_MS = WINDOW.end_ms


def page(parts: Parts, state: SystemState | None = None, query: str = "") -> Read:
    over = parts if state is None else replace(parts, system=lambda: state)
    return read(render_page(over, f"/dashboard/system?{query}").html)


def test_of_a_server_that_fares_well_nothing_is_wrong(parts: Parts) -> None:
    found = page(parts)
    assert "Broken" not in found.text
    assert "Look at this" not in found.text
    assert "420 events/s" in found.text
    assert found.tables["Tables of the events store"].column("Table") == [
        "raw events",
        "hourly sums",
        "what became of received events",
    ]
    assert found.tables["Raw events by day"].column("Day (UTC)") == ["2026-09-21", "2026-09-20"]
    assert found.tables["Evaluations of this server"].column("Took") == ["12.3 ms", "340 ms"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            replace(system_state(NOW_MS), writing=replace(writing(NOW_MS), store_failure="no space left")),
            "The events store takes no writes: no space left",
        ),
        (
            replace(system_state(NOW_MS), writing=replace(writing(NOW_MS), spool_failure="read-only")),
            "The spool can't be written: read-only",
        ),
        (
            replace(system_state(NOW_MS), writing=replace(writing(NOW_MS), waiting_bytes=1 << 30)),
            "The spool is 100 % full",
        ),
        (
            replace(system_state(NOW_MS), writing=replace(writing(NOW_MS), oldest_ms=NOW_MS - 60_000)),
            "Events have waited 1 min to be written",
        ),
        (replace(system_state(NOW_MS), damaged=("events/20260920_1_1_0",)), "1 part of the events store could not be"),
        (replace(system_state(NOW_MS), disk_free_bytes=4_000_000_000), "The disk has 4 GB left"),
        (
            replace(
                system_state(NOW_MS),
                alerting=AlertingState(here=False, holder="", epoch=2, expires_ms=None, failures=1, ticked=()),
            ),
            "No server evaluates alerts",
        ),
    ],
)
def test_what_is_wrong_is_said(parts: Parts, state: SystemState, said: str) -> None:
    found = page(parts, state)
    assert said in found.text
    assert "Broken" in found.text or "Look at this" in found.text


def test_outcomes_say_what_they_mean_and_what_to_do(parts: Parts) -> None:
    counts: OutcomeCounts = Counter(
        {
            outcome_key("system-page", WINDOW.start_ms, "stored"): 90,
            outcome_key("system-page", WINDOW.start_ms, "folded", "page"): 6,
            outcome_key("system-page", WINDOW.start_ms, "rejected", "too_old"): 4,
        }
    )
    write_content(parts.source.engine, "system-page", Content(0, set(), [], counts), WINDOW.start_ms)
    found = page(parts, query="site=system-page&window=600000")
    table = found.tables["What became of received events"]
    assert table.column("Outcome") == ["rejected", "stored", "folded"]
    assert table.column("Events") == ["4", "90", "6"]
    assert "raise max_event_age_hours" in table.rows[0]["What to do"]
    assert "__other__ for a value of page" in table.rows[2]["What it means"]
    assert "Of system-page only" in found.text
    assert found.links["Show all sites"] == "/dashboard/system?window=600000"


def test_secrets_are_not_shown(parts: Parts) -> None:
    settings = Settings(api_token="cvt_secret", control="postgresql://user:hunter2@db/cv", raw_retention_days=7)
    html = render_page(replace(parts, settings=settings), "/dashboard/system").html
    assert "cvt_secret" not in html
    assert "hunter2" not in html
    changed = read(html).tables["Settings that differ from the default"]
    values = {row["Setting"]: row["Value"] for row in changed.rows}
    assert values == {"control": "set, and not shown", "raw_retention_days": "7", "api_token": "set, and not shown"}
    assert "single events: 7 days" in read(html).text


def test_what_is_kept_about_a_person_is_said(parts: Parts) -> None:
    text = page(parts).text
    for said in (
        "Never kept",
        "IP addresses",
        "message: conversationId",
        "error: type, fingerprint, message",
        "Names of people are not recognised",
        "48 hours",
    ):
        assert said in text
