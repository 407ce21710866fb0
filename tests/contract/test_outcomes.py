"""Outcomes are counted as they were written, by site and reason, and in steps of time."""

from collections import Counter

import pytest

from chatvitals.ingest.outcomes import Outcome, OutcomeCounts, outcome_key
from chatvitals.ingest.writer import Content, write_content
from chatvitals.query.outcomes import MINUTE_MS, OutcomeCount, OutcomeSteps, count_outcomes, outcome_steps
from chatvitals.query.request import Question, Scope, Window
from chatvitals.store.events.embedded import EmbeddedEngine

START_MS = 1_790_000_040_000
"""The start of a minute."""
TOLD: tuple[tuple[str, int, Outcome, str, int], ...] = (
    ("ours", 0, "stored", "", 100),
    ("ours", 0, "rejected", "malformed", 2),
    ("ours", 1, "stored", "", 50),
    ("ours", 1, "folded", "page", 5),
    ("ours", 3, "limited", "key_rate", 7),
    ("others", 3, "stored", "", 1_000),
)


@pytest.fixture(scope="module")
def told(engine: EmbeddedEngine) -> EmbeddedEngine:
    counts: OutcomeCounts = Counter(
        {
            outcome_key(f"outcomes-{site}", START_MS + minute * MINUTE_MS, outcome, reason): n
            for site, minute, outcome, reason, n in TOLD
        }
    )
    write_content(engine, "outcomes", Content(0, set(), [], counts), START_MS)
    return engine


def about(minutes: int, *sites: str, scope: tuple[str, ...] | None = None, late_ms: int = 0) -> Question:
    window = Window(START_MS + late_ms, START_MS + minutes * MINUTE_MS)
    names = tuple(f"outcomes-{site}" for site in sites)
    return Question(
        window, {"site": names}, Scope(None if scope is None else tuple(f"outcomes-{one}" for one in scope))
    )


def test_a_site_s_outcomes_are_counted(told: EmbeddedEngine) -> None:
    counted = count_outcomes(told, about(5, "ours"))
    assert (counted.received, counted.kept) == (164, 155)
    assert counted.outcomes == [
        OutcomeCount("outcomes-ours", "folded", "page", 5),
        OutcomeCount("outcomes-ours", "limited", "key_rate", 7),
        OutcomeCount("outcomes-ours", "rejected", "malformed", 2),
        OutcomeCount("outcomes-ours", "stored", "", 150),
    ]


def test_steps_hold_what_came_in_them(told: EmbeddedEngine) -> None:
    assert outcome_steps(told, about(5, "ours"), MINUTE_MS) == OutcomeSteps(
        START_MS, MINUTE_MS, (102, 55, 0, 7, 0), (100, 55, 0, 0, 0)
    )
    assert outcome_steps(told, about(5, "ours"), 2 * MINUTE_MS).received == (157, 7, 0)
    assert outcome_steps(told, about(5, "ours", "others"), 5 * MINUTE_MS).received == (1_164,)


def test_a_minute_that_the_window_begins_in_counts_whole(told: EmbeddedEngine) -> None:
    assert outcome_steps(told, about(2, "ours", late_ms=30_000), MINUTE_MS) == OutcomeSteps(
        START_MS, MINUTE_MS, (102, 55), (100, 55)
    )


def test_nobody_sees_beyond_their_scope(told: EmbeddedEngine) -> None:
    asked = about(5, "ours", "others", scope=("ours",))
    assert count_outcomes(told, asked).received == 164
    assert sum(outcome_steps(told, asked, MINUTE_MS).received) == 164
