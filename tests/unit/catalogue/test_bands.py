import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS

SUCCESS = Bands(99.5, 98, 95)
RENDER = Bands(10, 16, 25)
BANDS = [pytest.param(metric.bands, id=metric.path) for metric in METRICS if metric.bands]
VALUES = st.floats(-1e6, 1e9)


@pytest.mark.parametrize(
    ("value", "score"),
    [(100, 100), (99.5, 100), (98.75, 95), (98, 90), (96.5, 75), (95, 60), (93.5, 30), (92, 0), (0, 0)],
)
def test_a_success_rate_scores_linearly_between_its_bounds(value: float, score: float) -> None:
    assert SUCCESS.score(value) == pytest.approx(score)


@pytest.mark.parametrize(
    ("value", "score"),
    [(0, 100), (10, 100), (13, 95), (16, 90), (20.5, 75), (25, 60), (29.5, 30), (34, 0), (1_000, 0)],
)
def test_a_duration_scores_linearly_between_its_bounds(value: float, score: float) -> None:
    assert RENDER.score(value) == pytest.approx(score)


def test_the_score_reaches_zero_at_the_natural_limit_where_that_comes_first() -> None:
    assert Bands(50, 30, 10).zero == 0
    assert Bands(50, 30, 10).score(5) == pytest.approx(30)
    assert Bands(50, 30, 10, natural_limit=5).zero == 5


@pytest.mark.parametrize("bands", BANDS)
@given(value=VALUES)
def test_every_score_lies_between_0_and_100(bands: Bands, value: float) -> None:
    assert 0 <= bands.score(value) <= 100


@pytest.mark.parametrize("bands", BANDS)
@given(one=VALUES, other=VALUES)
def test_a_better_value_never_scores_less(bands: Bands, one: float, other: float) -> None:
    worse, better = sorted((one, other), reverse=not bands.higher_is_better)
    assert bands.score(worse) <= bands.score(better)


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        (99.6, "excellent"),
        (99.5, "good"),
        (98, "good"),
        (97.9, "degraded"),
        (95, "degraded"),
        (94.9, "critical"),
    ],
)
def test_a_success_rate_is_graded_by_the_baselines(value: float, grade: str) -> None:
    assert SUCCESS.grade(value) == grade


@pytest.mark.parametrize(
    ("value", "grade"),
    [(9.9, "excellent"), (10, "good"), (16, "good"), (16.1, "degraded"), (25, "degraded"), (25.1, "critical")],
)
def test_a_duration_is_graded_by_the_baselines(value: float, grade: str) -> None:
    assert RENDER.grade(value) == grade
