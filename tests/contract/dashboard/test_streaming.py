"""The streaming page, over events as widgets send them."""

from urllib.parse import urlencode

import pytest
from tests.contract.history import Event, store
from tests.contract.telling import LENGTH_MS, told
from tests.support.dashboard import render_page
from tests.support.reading import Read, read
from tests.unit.events import NOW_MS

from chatvitals.dashboard.parts import Parts
from chatvitals.store.events.embedded import EmbeddedEngine


def page(parts: Parts, site: str, **own: str) -> Read:
    return read(render_page(parts, f"/dashboard/streaming?{urlencode({'site': site, **own})}").html)


def answers(number: int, outcome: str = "complete", **more: object) -> list[Event]:
    fields = {"firstChunk": 400, "firstPaint": 420, "longestStall": 90, "chunks": 9, "lateFrames": 0, **more}
    return [told("stream", outcome=outcome, **fields) for _ in range(number)]


def test_answers_are_told_by_outcome_and_by_waits(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*answers(15), *answers(5, "truncated", lateFrames=4, longestStall=1_500)])
    seen = page(parts, site)
    assert "Arrived whole 75 % of 20 answers" in seen.text
    assert "Cut short 25 % 5 answers whose rest never came" in seen.text
    assert "Late frames an answer 1 25 % of answers had any" in seen.text
    outcomes = seen.tables["Outcomes"]
    assert dict(zip(outcomes.column("Outcome"), outcomes.column("Answers"), strict=True)) == {
        "complete": "15",
        "resumed": "0",
        "aborted": "0",
        "truncated": "5",
        "orphaned": "0",
    }
    waits = {row["Wait"]: row for row in seen.tables["Waits"].rows}
    assert waits["Chunk to paint"]["p95"] == "20 ms"
    assert (waits["Longest stall"]["p50"], waits["Longest stall"]["p99"]) == ("90 ms", "1.5 s")


def test_outcomes_and_waits_are_told_over_time(engine: EmbeddedEngine, parts: Parts) -> None:
    late = [event | {"timestamp": NOW_MS + LENGTH_MS - 1} for event in answers(4, "aborted", firstPaint=700)]
    site = store(engine, [*answers(4), *late])
    seen = page(parts, site, window=str(LENGTH_MS))
    course = seen.tables["Answers that didn't simply arrive over time"]
    assert (course.column("aborted")[0], course.column("aborted")[-1]) == ("0 %", "100 %")
    paint = seen.tables["First paint over time"]
    assert paint.column("p95") == ["420 ms", "700 ms"]


def test_parts_come_worst_first(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*answers(30), *answers(30, "truncated", browser="Safari 26", release="4.2.0")])
    assert page(parts, site).tables["Answers by browser"].column("Browser") == ["Safari 26", "Chrome 143"]
    releases = page(parts, site, by="release", sort="release").tables["Answers by release"]
    assert releases.column("Release") == ["4.1.0", "4.2.0"]
    filtered = page(parts, site, release="4.2.0").tables["Answers by browser"]
    assert filtered.column("Cut short") == ["100 %"]


def test_where_no_answer_was_told_the_page_says_what_tells_of_it(parts: Parts) -> None:
    seen = page(parts, "nowhere")
    assert "measureAnswer(vitals)" in seen.text
    assert seen.tables == {}


@pytest.mark.parametrize(("missing", "unsure"), [(1, True), (0, False)])
def test_figures_of_too_few_answers_are_not_sure(
    engine: EmbeddedEngine, parts: Parts, missing: int, unsure: bool
) -> None:
    site = store(engine, answers(parts.settings.min_samples - missing))
    html = render_page(parts, f"/dashboard/streaming?{urlencode({'site': site})}").html
    first_paint = html[html.index("First paint, p95") - 200 : html.index("First paint, p95")]
    assert ('data-grade="unknown"' in first_paint) == unsure
