"""Streamed answers, over events as widgets send them."""

import pytest
from tests.contract.history import store
from tests.contract.telling import LENGTH_MS, about, told
from tests.unit.events import NOW_MS

from chatvitals.query.streaming import (
    ANSWERS,
    CHUNK_TO_PAINT,
    ENDED,
    FIRST_CHUNK,
    FIRST_PAINT,
    LATE_FRAMES,
    LONGEST_STALL,
    STUTTERED,
    answers_by,
    answers_over_time,
    measure_answers,
)
from chatvitals.store.events.embedded import EmbeddedEngine

QUICK = {"outcome": "complete", "firstChunk": 400, "firstPaint": 416, "longestStall": 80, "chunks": 9, "lateFrames": 0}
SLOW = {"outcome": "truncated", "firstChunk": 800, "firstPaint": 900, "longestStall": 5_000, "lateFrames": 6}
SILENT = {"outcome": "aborted", "longestStall": 0}


def test_answers_are_told_by_how_they_ended_and_how_long_they_took(engine: EmbeddedEngine) -> None:
    site = store(engine, [told("stream", **QUICK), told("stream", **SLOW), told("stream", **SILENT)])
    answers = measure_answers(engine, about(site))
    assert {name: answers.count(ended) for name, ended in ENDED.items()} == {
        "complete": 1,
        "aborted": 1,
        "truncated": 1,
        "orphaned": 0,
        "resumed": 0,
    }
    assert answers.quantile(FIRST_CHUNK, "p50") == 600
    assert answers.quantile(CHUNK_TO_PAINT, "p50") == 58
    assert answers.quantile(LONGEST_STALL, "p50") == 80
    assert (answers[FIRST_PAINT].n, answers[ANSWERS].n) == (2, 3)
    assert answers.mean(LATE_FRAMES) == 3
    assert answers.count(STUTTERED) == 1


def test_sampled_answers_stand_for_others(engine: EmbeddedEngine) -> None:
    site = store(engine, [told("stream", sample=0.1, **SLOW), told("stream", **QUICK)])
    answers = measure_answers(engine, about(site))
    assert answers.share(ENDED["truncated"], ANSWERS) == pytest.approx(100 * 10 / 11)
    assert answers.quantile(FIRST_PAINT, "p50") == pytest.approx(900)
    assert answers.mean(LATE_FRAMES) == pytest.approx(60 / 11)


def test_every_step_tells_of_its_own_answers_and_one_without_any_of_none(engine: EmbeddedEngine) -> None:
    site = store(
        engine,
        [
            told("stream", **QUICK),
            told("stream", **SLOW | {"timestamp": NOW_MS + LENGTH_MS - 1}),
        ],
    )
    course = answers_over_time(engine, about(site))
    assert (course.times[0], course.step_ms, len(course.steps)) == (NOW_MS, 10_000, 60)
    first, *between, last = course.steps
    assert first is not None
    assert last is not None
    assert (first.count(ENDED["complete"]), last.count(ENDED["truncated"])) == (1, 1)
    assert first.quantile(FIRST_PAINT, "p95") == 416
    assert between == [None] * 58


def test_parts_and_filters_hold_their_own_answers(engine: EmbeddedEngine) -> None:
    site = store(engine, [told("stream", **QUICK), told("stream", **SLOW, release="4.2.0")])
    parts = answers_by(engine, about(site), "release")
    assert {key: part.quantile(FIRST_PAINT, "p50") for key, part in parts.items()} == {("4.1.0",): 416, ("4.2.0",): 900}
    assert measure_answers(engine, about(site, {"release": ("4.2.0",)})).count(ANSWERS) == 1
