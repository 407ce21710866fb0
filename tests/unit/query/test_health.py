import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import HEALTH_WEIGHTS, METRICS
from chatvitals.query.figures import Figure
from chatvitals.query.health import LOSS_PATH, Health, assess

BANDS = {metric.path: metric.bands for metric in METRICS if metric.bands}

SUCCESS = "persistence.operations.successRate"
RESTORE = "persistence.restoration.avgDuration"
RENDER = "performance.renders.p95Time"
FPS = "performance.scroll.avgFps"
HEAP = "memory.peak"
API = "api.p95Duration"


def health_of(values: dict[str, float | None], n: int = 100, lost: float | None = 0) -> Health:
    figures = {path: Figure(value, n, 5) for path, value in values.items()}
    return assess(figures | {LOSS_PATH: Figure(lost, 1, 1)}, HEALTH_WEIGHTS, BANDS, min_samples=10)


def scoring(bands: Bands, score: float) -> float:
    """A value between the excellent and the degraded bound that has this score."""
    if score >= 90:
        return bands.good + (score - 90) / 10 * (bands.excellent - bands.good)
    return bands.degraded + (score - 60) / 30 * (bands.good - bands.degraded)


def values_scoring(persistence: float, performance: float, memory: float, api: float) -> dict[str, float | None]:
    scores = dict.fromkeys((SUCCESS, RESTORE), persistence) | dict.fromkeys((RENDER, FPS), performance)
    scores |= {HEAP: memory, API: api}
    return {path: scoring(BANDS[path], score) for path, score in scores.items()}


GOOD = values_scoring(95, 95, 95, 95)


def test_the_example_of_the_reference() -> None:
    health = health_of(values_scoring(99, 92, 88, 97))
    assert health.scores == {"persistence": 99, "performance": 92, "memory": 88, "api": 97}
    assert (health.overall, health.status, health.cap) == (95, "healthy", None)


def test_a_category_is_the_mean_of_its_metrics() -> None:
    values = GOOD | {SUCCESS: scoring(BANDS[SUCCESS], 100), RESTORE: scoring(BANDS[RESTORE], 60)}
    assert health_of(values).scores["persistence"] == 80


def test_each_metric_says_what_it_adds() -> None:
    by_metric = {one.metric: one for one in health_of(GOOD | {RENDER: 25.0}).contributions}
    assert by_metric.keys() == BANDS.keys()
    render = by_metric[RENDER]
    assert (render.category, render.value, render.n, render.score, render.grade) == (
        "performance",
        25.0,
        100,
        60,
        "degraded",
    )


@pytest.mark.parametrize("unknown", [{HEAP: None}, {}])
def test_a_category_without_data_leaves_the_mean(unknown: dict[str, float | None]) -> None:
    values = {path: value for path, value in values_scoring(100, 100, 60, 60).items() if path != HEAP} | unknown
    health = health_of(values)
    assert health.scores["memory"] is None
    assert health.overall == round((0.40 * 100 + 0.30 * 100 + 0.15 * 60) / 0.85)


def test_too_few_samples_are_no_score() -> None:
    assert health_of(GOOD, n=9).scores == dict.fromkeys(HEALTH_WEIGHTS)
    assert health_of(GOOD, n=10).overall == 95
    assert {(one.score, one.grade) for one in health_of(GOOD, n=9).contributions} == {(None, None)}


@pytest.mark.parametrize("n", [0, 9])
def test_without_data_health_is_unknown_and_not_good(n: int) -> None:
    health = health_of(GOOD if n else {}, n=n)
    assert (health.overall, health.status, health.cap) == (None, "unknown", None)


@pytest.mark.parametrize("lost", [0.5, 1, 300])
def test_any_loss_caps_at_49_and_is_unhealthy(lost: float) -> None:
    health = health_of(values_scoring(100, 100, 100, 100), lost=lost)
    assert (health.overall, health.status) == (49, "unhealthy")
    assert health.cap is not None
    assert (health.cap.limit, health.cap.reason) == (49, "dataLoss")


def test_a_loss_is_unhealthy_even_where_nothing_else_is_known() -> None:
    health = health_of({}, lost=1)
    assert (health.overall, health.status) == (None, "unhealthy")


def test_a_loss_lifts_nothing() -> None:
    worst = health_of({SUCCESS: 0.0, RESTORE: 1e6, RENDER: 1e6, FPS: 1.0, HEAP: 1e12, API: 1e6}, lost=1)
    assert worst.overall == 0


def test_whether_anything_was_lost_may_be_unknown() -> None:
    assert health_of(GOOD, lost=None).status == "healthy"


def test_a_category_below_50_caps_at_69() -> None:
    weak = health_of(values_scoring(100, 100, 100, 100) | {API: 1_000.0})
    assert (weak.scores["api"], weak.overall, weak.status) == (20, 69, "unhealthy")
    assert weak.cap is not None
    assert (weak.cap.limit, weak.cap.reason) == (69, "weakCategory")
    assert "api" in weak.cap.detail
    assert health_of(values_scoring(100, 100, 100, 100) | {API: 850.0}).cap is None, (
        "a score of exactly 50 is not below"
    )


@pytest.mark.parametrize(
    ("score", "status"), [(100, "healthy"), (90, "healthy"), (89, "degraded"), (70, "degraded"), (69, "unhealthy")]
)
def test_the_status_follows_from_the_overall_score(score: float, status: str) -> None:
    health = health_of(values_scoring(score, score, score, score))
    assert (health.overall, health.status) == (score, status)


def test_weights_are_settings() -> None:
    figures = {path: Figure(value, 100, 5) for path, value in values_scoring(100, 60, 60, 60).items()}
    assert assess(figures, {"persistence": 3, "api": 1}, BANDS, 10).overall == 90
    assert assess(figures, {"persistence": 0}, BANDS, 10).overall is None


VALUES = st.dictionaries(st.sampled_from(sorted(BANDS)), st.none() | st.floats(0, 1e9), max_size=6)


@given(values=VALUES, n=st.integers(0, 20), lost=st.none() | st.integers(0, 3))
def test_every_answer_keeps_the_rules(values: dict[str, float | None], n: int, lost: int | None) -> None:
    health = health_of(values, n, lost)
    known = [score for score in health.scores.values() if score is not None]
    assert (health.overall is None) == (not known)
    if health.overall is not None:
        assert 0 <= health.overall <= max(known)
        assert health.cap is None or health.overall <= health.cap.limit
    if lost:
        assert health.status == "unhealthy"
    elif health.overall is None:
        assert health.status == "unknown"
