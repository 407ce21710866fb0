"""Curves and trends have in every step what the figures of that step alone are."""

import pytest
from tests.contract.history import LENGTH_MS, Event, random_events, store
from tests.unit.events import NOW_MS

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.query.curves import relatives, take_curves, take_curves_of
from chatvitals.query.figures import Source
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import Rollups
from chatvitals.query.series import series
from chatvitals.query.snapshot import take_picture, tidy
from chatvitals.query.trends import take_trends, trend_window
from chatvitals.store.events.embedded import EmbeddedEngine

WINDOW = Window(NOW_MS, NOW_MS + LENGTH_MS)
RENDER = METRICS_BY_PATH["performance.renders.p95Time"]
SOME = [
    RENDER,
    METRICS_BY_PATH["persistence.operations.successRate"],
    METRICS_BY_PATH["persistence.dataLoss.incidents"],
    METRICS_BY_PATH["memory.peak"],
    METRICS_BY_PATH["errors.sessionRate"],
]


@pytest.fixture(scope="module")
def source(engine: EmbeddedEngine) -> Source:
    return Source(engine, Rollups(engine, lambda: WINDOW.end_ms, raw_retention_days=30))


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return random_events(57, 2_000, samples=(1.0, 0.5))


@pytest.fixture(scope="module")
def question(engine: EmbeddedEngine, events: list[Event]) -> Question:
    return Question(WINDOW, {"site": (store(engine, events),)})


def test_a_trend_has_the_figure_of_each_step(source: Source, question: Question) -> None:
    window, step = trend_window(WINDOW)
    trends = take_trends(source, question.over(window), step, METRICS)
    assert len(trends.times) == 40
    for place in (0, 17, 39):
        start = trends.times[place]
        figures = take_picture(source, question.over(Window(start, start + step))).figures
        told = {path: values[place] for path, values in trends.values.items()}
        assert told == {path: figure.value for path, figure in figures.items()}


def test_where_nobody_was_a_trend_has_a_gap_and_no_0(source: Source, question: Question) -> None:
    before = Window(NOW_MS - LENGTH_MS // 2, NOW_MS + LENGTH_MS // 2)
    window, step = trend_window(before)
    losses = take_trends(source, question.over(window), step, SOME).values["persistence.dataLoss.incidents"]
    assert set(losses[: len(losses) // 2]) == {None}
    assert None not in losses[len(losses) // 2 :]


@pytest.mark.parametrize("metric", SOME, ids=lambda metric: metric.path)
def test_a_curve_is_the_series_of_its_metric(source: Source, question: Question, metric: Metric) -> None:
    curves = take_curves(source, question, metric, None)
    asked = series(source, question, metric.path, curves.step_ms, None)
    assert list(curves.times) == asked.times
    assert list(curves.own.values) == asked.lines[0].values
    assert list(curves.own.n) == asked.lines[0].n
    assert curves.compared is None


def test_relatives_are_the_percentiles_and_the_mean_of_the_same(source: Source, question: Question) -> None:
    curves = take_curves(source, question, RENDER, None)
    assert [curve.statistic for curve in curves.relatives] == ["p50", "p99", "mean"]
    for curve, path in zip(curves.relatives, ("p50Time", "p99Time", "avgTime"), strict=True):
        asked = series(source, question, f"performance.renders.{path}", curves.step_ms, None)
        assert list(curve.values) == asked.lines[0].values
    assert [one.statistic for one in relatives(METRICS_BY_PATH["memory.peak"])] == ["p50", "p99"]
    size = relatives(METRICS_BY_PATH["performance.bundle.avgSize"])
    assert [one.statistic for one in size] == ["p50", "p95", "p99"]
    assert relatives(METRICS_BY_PATH["persistence.dataLoss.messages"]) == ()
    assert relatives(METRICS_BY_PATH["api.errorRate"]) == ()


def test_the_window_compared_with_stands_step_by_step(source: Source, question: Question) -> None:
    later = Window(NOW_MS + LENGTH_MS // 2, WINDOW.end_ms)
    curves = take_curves(source, question.over(later), RENDER, later.previous())
    assert curves.compared is not None
    alone = take_curves(source, question.over(later.previous()), RENDER, None)
    assert (curves.compared, curves.compared_times) == (alone.own, alone.times)
    assert len(curves.compared_times) == len(curves.times)


def test_several_metrics_together_are_as_each_alone(source: Source, question: Question) -> None:
    together = take_curves_of(source, question, SOME, WINDOW.previous())
    assert together == {metric.path: take_curves(source, question, metric, WINDOW.previous()) for metric in SOME}


def test_curves_begin_with_the_step_that_the_window_begins_in(source: Source, question: Question) -> None:
    ragged = Window(NOW_MS + 123_457, WINDOW.end_ms - 1)
    curves = take_curves(source, question.over(ragged), RENDER, None)
    assert curves.times[0] % curves.step_ms == 0
    assert curves.times[0] <= ragged.start_ms < curves.times[0] + curves.step_ms
    whole = take_picture(source, question.over(Window(curves.times[0], ragged.end_ms))).figures
    assert sum(curves.own.n) == whole[RENDER.path].n
    assert tidy(whole[RENDER.path].value) is not None


@pytest.mark.parametrize("length_ms", [60_000, 300_000, 3_600_000, 86_400_000, 30 * 86_400_000])
def test_trends_are_the_same_until_the_next_step_is_over(length_ms: int) -> None:
    end = NOW_MS + 1
    window, step = trend_window(Window(end - length_ms, end))
    assert window.start_ms % step == window.end_ms % step == 0
    assert end - length_ms <= window.start_ms
    assert end - step < window.end_ms <= end
    later = end + step - (end % step) - 1
    assert trend_window(Window(later - length_ms, later))[0].end_ms == window.end_ms


def test_a_window_within_a_step_has_no_trend(source: Source, question: Question) -> None:
    window, step = trend_window(Window(NOW_MS + 100, NOW_MS + 900))
    assert window.length_ms == 0
    assert take_trends(source, question.over(window), step, METRICS).values[RENDER.path] == ()
