"""Every figure is that of a plain computation over the very events, for any window, filter and split."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from tests.contract.history import LENGTH_MS, VALUES, Event, random_events, store
from tests.support.figures import count, differences, expected_figures
from tests.unit.events import NOW_MS

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.query.figures import Source
from chatvitals.query.request import Filters, Question, Scope, Window
from chatvitals.query.rollups import Rollups
from chatvitals.query.series import breakdown, series
from chatvitals.query.snapshot import take_picture, take_pictures
from chatvitals.server.api.widget import WidgetPictures, widget_answer
from chatvitals.server.api.widget_alerts import AlertStats, WidgetAlerts
from chatvitals.settings import Settings
from chatvitals.store.events.embedded import EmbeddedEngine

END_MS = NOW_MS + LENGTH_MS
WHOLE = Window(NOW_MS, END_MS)
LAST_FIVE = Window(END_MS - 300_000, END_MS)
RAGGED = Window(NOW_MS + 123_457, END_MS - 234_567)
FILTERS: list[Filters] = [
    {},
    *({name: values[:1]} for name, values in VALUES.items()),
    {"customer": ("acme", "initech"), "release": ("2.4",)},
    {"customer": ("",)},
    {"browser": ("Chrome 143",), "device": ("phone",), "os": ("macOS", "Windows")},
    {"customer": ("nobody",)},
]
SPLIT = ["api.totalCalls", "performance.renders.slowRenders", "persistence.operations.total", "api.errorRate"]


@pytest.fixture(scope="module")
def source(engine: EmbeddedEngine) -> Source:
    return Source(engine, Rollups(engine, lambda: END_MS, raw_retention_days=30))


@pytest.fixture(scope="module")
def even() -> list[Event]:
    return random_events(1, 4_000)


@pytest.fixture(scope="module")
def even_site(engine: EmbeddedEngine, even: list[Event]) -> str:
    return store(engine, even)


def answer_of(source: Source, question: Question) -> dict[str, Any]:
    """The widget's answer as the API encodes it."""
    quiet = WidgetAlerts((), AlertStats(0, {}, {}))
    answer = widget_answer(WidgetPictures(question, *take_pictures(source, question), quiet), Settings())
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
    return decoded


def assert_near(found: float | None, expected: Any, tolerance: float = 1e-6) -> None:
    """Both unknown, or near each other; figures are told with seven digits."""
    assert (found is None) == (expected is None)
    if expected is not None:
        assert found == pytest.approx(expected, rel=tolerance)


def within(events: Sequence[Event], window: Window, filters: Filters | None = None) -> list[Event]:
    return [
        event
        for event in events
        if window.start_ms <= event["timestamp"] < window.end_ms
        and all(event[name] in values for name, values in (filters or {}).items())
    ]


@pytest.mark.parametrize("window", [WHOLE, LAST_FIVE, RAGGED], ids=["whole", "last five minutes", "ragged"])
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_every_figure_is_that_of_its_events(
    source: Source, even: list[Event], even_site: str, filters: Filters, window: Window
) -> None:
    answer = answer_of(source, Question(window, {"site": (even_site,), **filters}))
    assert differences(answer, within(even, window, filters), window.end_ms) == []


def test_a_window_has_its_start_and_not_its_end(source: Source, even: list[Event], even_site: str) -> None:
    for event in even[:100:10]:
        moment = event["timestamp"]
        for window in (Window(moment, moment + 1), Window(moment - 1, moment)):
            picture = take_picture(source, Question(window, {"site": (even_site,)}))
            assert picture.coverage.events == len(within(even, window)) == (window.start_ms == moment)


@pytest.mark.parametrize("window", [LAST_FIVE, RAGGED], ids=["last five minutes", "ragged"])
def test_the_window_before_is_answered_as_if_it_were_asked_for(
    source: Source, even: list[Event], even_site: str, window: Window
) -> None:
    previous = answer_of(source, Question(window, {"site": (even_site,)}))["previous"]
    before = window.previous()
    assert differences(previous, within(even, before), before.end_ms) == []


@pytest.mark.parametrize("filters", FILTERS[:4], ids=str)
def test_sampled_events_count_for_those_that_they_stand_for(
    engine: EmbeddedEngine, source: Source, filters: Filters
) -> None:
    events = random_events(2, 4_000, samples=(1.0, 0.5, 0.1))
    site = store(engine, events)
    answer = answer_of(source, Question(WHOLE, {"site": (site,), **filters}))
    assert differences(answer, within(events, WHOLE, filters), END_MS) == []


def test_percentiles_of_evenly_sampled_events_are_exact(engine: EmbeddedEngine, source: Source) -> None:
    events = random_events(3, 2_000, samples=(0.1,))
    site = store(engine, events)
    found = take_picture(source, Question(WHOLE, {"site": (site,)})).figures
    expected = expected_figures(events, END_MS)
    for path in ("api.p50Duration", "performance.renders.p95Time", "persistence.operations.p99Duration"):
        assert_near(found[path].value, expected[path])


def test_telemetry_loss_is_what_is_missing_between_the_ordinals(
    source: Source, even: list[Event], even_site: str
) -> None:
    tabs: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for event in even:
        tabs[event["sessionId"], event["tabId"]].append(event["seq"])
    expected = sum(max(ordinals) - min(ordinals) + 1 for ordinals in tabs.values())
    coverage = take_picture(source, Question(WHOLE, {"site": (even_site,)})).coverage
    assert (coverage.telemetry_loss.expected, coverage.telemetry_loss.received) == (expected, len(even))
    assert coverage.telemetry_loss.rate == pytest.approx(100 * (expected - len(even)) / expected)
    assert (coverage.tabs, coverage.sessions) == (120, 60)


def test_a_page_filter_tells_no_loss_of_its_own(source: Source, even_site: str) -> None:
    whole = take_picture(source, Question(WHOLE, {"site": (even_site,)})).coverage
    page = take_picture(source, Question(WHOLE, {"site": (even_site,), "page": ("/help",)})).coverage
    assert page.events < whole.events
    assert page.telemetry_loss == whole.telemetry_loss


def test_a_scope_is_a_wall(source: Source, even_site: str) -> None:
    question = Question(WHOLE, {"site": (even_site,)}, Scope(("another",)))
    picture = take_picture(source, question)
    assert picture.coverage.events == 0
    assert all(figure.n == 0 and figure.value in (0, None) for figure in picture.figures.values())
    assert breakdown(source, question, "api.totalCalls", "customer", 10).parts == []
    assert sum(series(source, question, "api.totalCalls", 60_000, None).lines[0].n) == 0


@pytest.mark.parametrize("path", [metric.path for metric in METRICS])
def test_every_metric_has_a_series_and_a_breakdown_of_the_whole(source: Source, even_site: str, path: str) -> None:
    question = Question(WHOLE, {"site": (even_site,)})
    whole = take_picture(source, question).figures[path]
    over_time = series(source, question, path, LENGTH_MS, None)
    assert over_time.times == [NOW_MS]
    assert_near(over_time.lines[0].values[0], whole.value)
    assert over_time.lines[0].n == [whole.n]
    by_site = breakdown(source, question, path, "site", 10)
    assert [(part.key, part.n) for part in by_site.parts if part.n] == ([(even_site, whole.n)] if whole.n else [])


@pytest.mark.parametrize("path", SPLIT)
@pytest.mark.parametrize("step_ms", [60_000, 77_777])
def test_every_point_of_a_series_is_that_of_its_events(
    source: Source, even: list[Event], even_site: str, path: str, step_ms: int
) -> None:
    answer = series(source, Question(WHOLE, {"site": (even_site,)}), path, step_ms, None)
    assert answer.times == list(range(NOW_MS, END_MS, step_ms))
    for time, value in zip(answer.times, answer.lines[0].values, strict=True):
        expected = expected_figures(within(even, Window(time, min(time + step_ms, END_MS))), END_MS)[path]
        assert_near(value, expected)


@pytest.mark.parametrize("path", SPLIT)
@pytest.mark.parametrize("by", VALUES)
def test_every_part_of_a_breakdown_is_that_of_its_events(
    source: Source, even: list[Event], even_site: str, path: str, by: str
) -> None:
    answer = breakdown(source, Question(WHOLE, {"site": (even_site,)}), path, by, 100)
    parts = {part.key: part for part in answer.parts}
    assert answer.values == len(parts)
    assert parts.keys() == set(VALUES[by])
    for key, part in parts.items():
        assert_near(part.value, expected_figures(within(even, WHOLE, {by: (key,)}), END_MS)[path])
    assert sum(part.share for part in answer.parts) == pytest.approx(100, abs=0.01)
    assert [part.n for part in answer.parts] == sorted((part.n for part in answer.parts), reverse=True)


def test_a_limit_leaves_the_parts_with_the_most_samples(source: Source, even_site: str) -> None:
    question = Question(WHOLE, {"site": (even_site,)})
    every = breakdown(source, question, "api.totalCalls", "customer", 100)
    some = breakdown(source, question, "api.totalCalls", "customer", 2)
    assert some.parts == every.parts[:2]
    assert some.values == every.values == 4


def test_a_breakdown_by_a_text_field_is_of_its_kind(source: Source, even: list[Event], even_site: str) -> None:
    question = Question(WHOLE, {"site": (even_site,)})
    parts = breakdown(source, question, "api.totalCalls", "endpoint", 10).parts

    def own(key: str) -> int:
        return count(event for event in even if event.get("endpoint") == key)

    assert {part.key: part.value for part in parts} == {key: own(key) for key in ("/v1/send", "/v1/list")}


def test_the_lines_of_a_series_add_up_to_the_whole(source: Source, even_site: str) -> None:
    question = Question(RAGGED, {"site": (even_site,)})
    whole = series(source, question, "api.totalCalls", 60_000, None).lines[0]
    lines = series(source, question, "api.totalCalls", 60_000, "release").lines
    assert {line.key for line in lines} == set(VALUES["release"])
    assert [sum(points) for points in zip(*(line.n for line in lines), strict=True)] == whole.n
    assert sum(whole.n) == take_picture(source, question).figures["api.totalCalls"].value


@pytest.mark.parametrize("window", [LAST_FIVE, RAGGED], ids=["last five minutes", "ragged"])
def test_a_picture_of_some_metrics_has_the_same_figures_as_that_of_all(
    source: Source, even_site: str, window: Window
) -> None:
    question = Question(window, {"site": (even_site,)})
    some = [METRICS_BY_PATH[path] for path in ("api.errorRate", "memory.peak", "performance.renders.p95Time")]
    for part, whole in zip(take_pictures(source, question, some), take_pictures(source, question), strict=True):
        assert part.figures == {metric.path: whole.figures[metric.path] for metric in some}
        assert (part.coverage.events, part.coverage.sessions) == (whole.coverage.events, whole.coverage.sessions)
        assert part.coverage.kinds == {kind: whole.coverage.kinds[kind] for kind in part.coverage.kinds}
