"""Rollups give the figures of the raw events: whole hours, ragged edges, filters, and hours written to since."""

import asyncio
from pathlib import Path

import pytest
from bench.history import fill
from msgspec import structs

from chatvitals.alerting.reading import Reader
from chatvitals.alerting.rule import Rule, Side, Threshold
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, QUANTILES
from chatvitals.catalogue.severities import Severity
from chatvitals.query import figures
from chatvitals.query import rollups as rollups_module
from chatvitals.query.buckets import Steps
from chatvitals.query.build import WHOLE, Grouping
from chatvitals.query.figures import Figure, Source, ask, reads_rollups
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import HOUR_MS, Rollups
from chatvitals.query.snapshot import take_picture
from chatvitals.store.control.baselines import Baselines
from chatvitals.store.control.database import open_database
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
    made = Rollups(history, lambda: END_MS + HOUR_MS, raw_retention_days=30)
    made.take_stock()
    asyncio.run(made.roll_up_sealed())
    return Source(history, made)


def raw(source: Source) -> Source:
    """The same engine, with nothing rolled up."""
    return Source(source.engine, Rollups(source.engine, lambda: END_MS, raw_retention_days=30))


DIGEST_ERROR = 0.1
"""Of the thousand values that some figures have here; where digests are used, from FEW_VALUES on, it is held below."""


def assert_same(statistic: str, found: Figure, expected: Figure, digest_error: float = 1e-6) -> None:
    assert (found.n, found.sessions) == (expected.n, expected.sessions)
    if expected.value is None:
        assert found.value is None
    else:
        close = digest_error if statistic in QUANTILES else 1e-6
        assert found.value == pytest.approx(expected.value, rel=close)


QUESTIONS = (
    Question(WINDOW, {"site": SITES}),
    Question(WINDOW, {"site": ("site-1",)}),
    Question(WINDOW, {"site": SITES, "release": ("2.3", "2.4")}),
    Question(WINDOW, {"site": SITES, "variant": ("a",)}),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_percentiles_of_digests_are_near_those_of_the_raw_events(
    rolled_up: Source, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "FEW_VALUES", 0)
    found, expected = take_picture(rolled_up, question), take_picture(raw(rolled_up), question)
    differ = 0
    for metric in METRICS:
        assert_same(metric.statistic, found.figures[metric.path], expected.figures[metric.path], DIGEST_ERROR)
        differ += found.figures[metric.path] != expected.figures[metric.path]
    assert differ, "no figure came from a digest"


@pytest.mark.parametrize("values_an_hour", [20, 200, 5_000])
def test_digests_of_many_values_are_within_half_a_percent(engine: EmbeddedEngine, values_an_hour: int) -> None:
    levels = "(0.5, 0.95, 0.99)"
    row = engine.query(
        f"""
        WITH hours AS (
            SELECT quantilesTDigestWeightedState{levels}(x, toUInt32(100)) AS digest, groupArray(x) AS xs
            FROM (
                SELECT number, (cityHash64(number) + 1) / pow(2, 64) AS u, cityHash64(number, 1) / pow(2, 64) AS v,
                       toFloat32(exp(3 + 1.2 * sqrt(-2 * log(u)) * cos(2 * pi() * v))) AS x
                FROM numbers({rollups_module.FEW_VALUES})
            )
            GROUP BY intDiv(number, {values_an_hour})
        )
        SELECT quantilesTDigestWeightedMerge{levels}(digest) AS merged,
               quantilesExactInclusiveArray{levels}(xs) AS exact
        FROM hours
        """
    )[0]
    assert row["merged"] == pytest.approx(row["exact"], rel=0.005)


def test_asked_coarsely_percentiles_of_few_values_are_those_of_digests(rolled_up: Source) -> None:
    metric, question = METRICS_BY_PATH["api.p99Duration"], Question(WINDOW, {"site": SITES})
    (exact,), (coarse,) = (
        [group.figure(metric) for group in ask(rolled_up, question, [metric], coarsely=coarsely).values()]
        for coarsely in (False, True)
    )
    assert exact == take_picture(raw(rolled_up), question).figures[metric.path]
    assert coarse != exact
    assert_same(metric.statistic, coarse, exact, DIGEST_ERROR)


def test_small_groups_of_a_breakdown_have_exact_percentiles(rolled_up: Source) -> None:
    metric = next(metric for metric in METRICS if metric.path == "api.p99Duration")
    question, by_release = (
        Question(WINDOW, {"site": SITES, "release": ("2.2", "2.3", "2.4")}),
        Grouping(columns=("release",)),
    )
    found = ask(rolled_up, question, [metric], by_release)
    expected = ask(raw(rolled_up), question, [metric], by_release)
    assert found.keys() == expected.keys() == {(0, ("2.2",)), (0, ("2.3",)), (0, ("2.4",))}
    for key, group in expected.items():
        assert_same("p99", found[key].figure(metric), group.figure(metric))


def test_hours_whose_raw_events_are_gone_are_answered_from_rollups_alone(rolled_up: Source) -> None:
    """The events outlive their retention here, so that both answers can be had."""
    later = END_MS + 31 * 86_400_000
    old = Rollups(rolled_up.engine, lambda: later, raw_retention_days=30)
    old.take_stock()
    window = Window(END_MS - 8 * HOUR_MS, END_MS - 5 * HOUR_MS)
    question = Question(window, {"site": ("site-2",)})
    expected = take_picture(raw(rolled_up), question)
    rolled_up.engine.execute(
        f"DELETE FROM events WHERE site = 'site-2' AND ts >= toDateTime({window.start_ms // 1_000})"
    )
    old.touch([window.start_ms])
    assert asyncio.run(old.roll_up_sealed()) == 0
    found = take_picture(Source(rolled_up.engine, old), question)
    assert found.coverage.events == expected.coverage.events > 0
    for metric in METRICS:
        if not metric.per_session:
            assert_same(metric.statistic, found.figures[metric.path], expected.figures[metric.path], DIGEST_ERROR)


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
    grouping = Grouping(Steps(2 * HOUR_MS), ("release",))
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
    assert plan(Question(WINDOW), Grouping(columns=("browser",))) is None
    assert plan(Question(WINDOW), Grouping(Steps(60_000))) is None
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
    expected = ask(raw(rolled_up), question, [metric], WHOLE)[0, ()].figure(metric)
    assert ask(rolled_up, question, [metric], WHOLE)[0, ()].figure(metric) == expected
    assert asyncio.run(rolled_up.rollups.roll_up_sealed()) == 1
    assert ask(rolled_up, question, [metric], WHOLE)[0, ()].figure(metric) == expected


def test_taking_stock_finds_the_hours_that_changed(rolled_up: Source) -> None:
    hour = END_MS - 7 * HOUR_MS
    rolled_up.engine.execute(
        f"INSERT INTO events SELECT * FROM events WHERE ts >= toDateTime({hour // 1_000})"
        f" AND ts < toDateTime({hour // 1_000 + 60})"
    )
    anew = Rollups(rolled_up.engine, lambda: END_MS + HOUR_MS, raw_retention_days=30)
    anew.take_stock()
    assert asyncio.run(anew.roll_up_sealed()) == 1


def test_rules_over_long_windows_read_rollups(rolled_up: Source, tmp_path: Path) -> None:
    rule = Rule(
        name="calls",
        title="Calls",
        category="api",
        metric="api.avgDuration",
        condition=Threshold(Side.ABOVE, {Severity.WARNING: 1.0}, 1.0),
        by=("release", "site"),
        filters={"variant": ("a",)},
        window_ms=20 * HOUR_MS,
    )
    short = structs.replace(rule, name="short", window_ms=HOUR_MS)
    window = Window(END_MS - rule.window_ms, END_MS)
    assert reads_rollups(rolled_up, Question(window), [METRICS_BY_PATH[rule.metric]])
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    found = Reader(rolled_up, Baselines(database))
    read = found.read([rule, short], END_MS)
    assert read == Reader(raw(rolled_up), Baselines(database)).read([rule, short], END_MS)
    assert len(read["calls"]) > len(read["short"]) > 0
    for moment, seen in found.read_range(rule, END_MS - HOUR_MS, END_MS, HOUR_MS // 2):
        assert seen == found.read([rule], moment)["calls"]
    database.dispose()
