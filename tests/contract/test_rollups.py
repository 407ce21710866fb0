"""Rollups give the figures of the raw events: whole hours, ragged edges, filters, and hours written to since."""

import asyncio

import pytest
from bench.history import fill

from chatvitals.catalogue.metrics import METRICS, QUANTILES
from chatvitals.query import rollups as rollups_module
from chatvitals.query.build import WHOLE, Grouping
from chatvitals.query.figures import Figure, Source, ask
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import HOUR_MS, Rollups
from chatvitals.query.snapshot import take_picture
from chatvitals.store.events.embedded import EmbeddedEngine

END_MS = 1_790_000_000_000 // HOUR_MS * HOUR_MS
SITES = ("site-0", "site-1", "site-2")
WINDOW = Window(END_MS - 20 * HOUR_MS + 123_456, END_MS - 654_321)


@pytest.fixture(scope="module")
def history(engine: EmbeddedEngine) -> EmbeddedEngine:
    fill(engine, 400_000, END_MS, days=1)
    return engine


@pytest.fixture
def rolled_up(history: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(rollups_module, "RAW_IS_FASTER", 0)
    made = Rollups(history, lambda: END_MS + HOUR_MS)
    made.take_stock()
    asyncio.run(made.roll_up_sealed())
    return Source(history, made)


def raw(source: Source) -> Source:
    """The same engine, with nothing rolled up."""
    return Source(source.engine, Rollups(source.engine, lambda: END_MS))


SKETCH_ERROR = 0.01
"""Rollups are used from a million events of a kind on, where percentiles differ by 0.03 %; here are 20,000."""


def assert_same(statistic: str, found: Figure, expected: Figure) -> None:
    assert (found.n, found.sessions) == (expected.n, expected.sessions)
    if expected.value is None:
        assert found.value is None
    else:
        close = SKETCH_ERROR if statistic in QUANTILES else 1e-6
        assert found.value == pytest.approx(expected.value, rel=close)


QUESTIONS = (
    Question(WINDOW, {"site": SITES}),
    Question(WINDOW, {"site": ("site-1",)}),
    Question(WINDOW, {"site": SITES, "release": ("2.3", "2.4")}),
    Question(WINDOW, {"site": SITES, "variant": ("a",)}),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_every_figure_is_that_of_the_raw_events(rolled_up: Source, question: Question) -> None:
    assert rolled_up.rollups.plan(question, WHOLE) is not None
    found, expected = take_picture(rolled_up, question), take_picture(raw(rolled_up), question)
    for metric in METRICS:
        assert_same(metric.statistic, found.figures[metric.path], expected.figures[metric.path])
    assert found.errors_by_type == expected.errors_by_type
    assert found.coverage.kinds == expected.coverage.kinds
    assert (found.coverage.events, found.coverage.sessions, found.coverage.tabs) == (
        expected.coverage.events,
        expected.coverage.sessions,
        expected.coverage.tabs,
    )


def test_a_series_by_release_is_that_of_the_raw_events(rolled_up: Source) -> None:
    question = Question(Window(END_MS - 12 * HOUR_MS, END_MS), {"site": SITES})
    grouping = Grouping(2 * HOUR_MS, "release")
    metric = next(metric for metric in METRICS if metric.path == "api.avgDuration")
    assert rolled_up.rollups.plan(question, grouping) is not None
    found = ask(rolled_up, question, [metric], grouping)
    expected = ask(raw(rolled_up), question, [metric], grouping)
    assert found.keys() == expected.keys()
    for key, group in expected.items():
        assert_same(metric.statistic, found[key].figure(metric), group.figure(metric))


def test_what_rollups_do_not_keep_is_read_raw(rolled_up: Source) -> None:
    plan = rolled_up.rollups.plan
    assert plan(Question(WINDOW, {"customer": ("customer-1",)}), WHOLE) is None
    assert plan(Question(WINDOW), Grouping(column="browser")) is None
    assert plan(Question(WINDOW), Grouping(step_ms=60_000)) is None
    assert plan(Question(Window(END_MS - 2 * HOUR_MS, END_MS)), WHOLE) is None


def test_an_hour_that_gets_late_events_is_read_raw_until_it_is_made_again(rolled_up: Source) -> None:
    hour = END_MS - 5 * HOUR_MS
    question = QUESTIONS[0]
    rolled_up.rollups.touch([hour])
    rolled_up.engine.execute(
        f"INSERT INTO events SELECT * FROM events WHERE site = 'site-0' AND ts >= toDateTime({hour // 1_000})"
        f" AND ts < toDateTime({hour // 1_000 + 3_600})"
    )
    metric = next(metric for metric in METRICS if metric.path == "api.totalCalls")
    expected = ask(raw(rolled_up), question, [metric], WHOLE)[0, ""].figure(metric)
    assert ask(rolled_up, question, [metric], WHOLE)[0, ""].figure(metric) == expected
    assert asyncio.run(rolled_up.rollups.roll_up_sealed()) == 1
    assert ask(rolled_up, question, [metric], WHOLE)[0, ""].figure(metric) == expected


def test_taking_stock_finds_the_hours_that_changed(rolled_up: Source) -> None:
    hour = END_MS - 7 * HOUR_MS
    rolled_up.engine.execute(
        f"INSERT INTO events SELECT * FROM events WHERE ts >= toDateTime({hour // 1_000})"
        f" AND ts < toDateTime({hour // 1_000 + 60})"
    )
    anew = Rollups(rolled_up.engine, lambda: END_MS + HOUR_MS)
    anew.take_stock()
    assert asyncio.run(anew.roll_up_sealed()) == 1
