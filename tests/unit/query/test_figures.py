import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.query.figures import Figure, Group, Statistics
from chatvitals.query.snapshot import tidy


def group_of(**measures: Statistics) -> Group:
    group = Group()
    group.measures = {name.replace("_", "."): statistics for name, statistics in measures.items()}
    return group


def value(path: str, group: Group) -> float | None:
    return group.figure(METRICS_BY_PATH[path]).value


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
def test_nothing_measured_is_no_value_and_only_counts_are_0(metric: Metric) -> None:
    figure = Group().figure(metric)
    assert figure == Figure(0 if metric.statistic in ("count", "sum") else None, 0, 0)


def test_a_ratio_is_a_percentage_of_what_the_events_stand_for() -> None:
    group = group_of(persistence_ok=Statistics(3, 30), persistence_all=Statistics(4, 120))
    assert group.figure(METRICS_BY_PATH["persistence.operations.successRate"]) == Figure(25.0, 4, 0)


def test_no_success_of_some_is_0_and_not_unknown() -> None:
    group = group_of(persistence_ok=Statistics(0, 0), persistence_all=Statistics(4, 4))
    assert value("persistence.operations.successRate", group) == 0


def test_a_count_is_what_the_events_stand_for() -> None:
    assert value("api.totalCalls", group_of(api_all=Statistics(3, 29.9999))) == 30


def test_a_sum_and_a_mean_are_weighted() -> None:
    group = group_of(loss_incidents=Statistics(2, 20, 50), render_all=Statistics(2, 20, 50))
    assert value("persistence.dataLoss.messages", group) == 50
    assert value("performance.renders.avgTime", group) == 2.5


def test_a_ratio_of_sums_is_of_the_sums() -> None:
    group = group_of(scroll_late=Statistics(5, 5, 30), scroll_frames=Statistics(5, 5, 600))
    assert value("performance.scroll.jankPercentage", group) == 5
    assert value("performance.scroll.jankPercentage", group_of(scroll_frames=Statistics(5, 5, 0))) is None


def test_extremes_and_percentiles_are_those_told() -> None:
    quantiles = {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    group = group_of(
        scroll_minFps=Statistics(1, 1, 9, least=9, greatest=60),
        bundle_size=Statistics(1, 1, 9, least=9, greatest=60),
        api_all=Statistics(1, 1, 9, quantiles=quantiles),
    )
    assert value("performance.scroll.minFps", group) == 9
    assert value("performance.bundle.maxSize", group) == 60
    assert [value(f"api.{name}Duration", group) for name in quantiles] == [1, 2, 3]


def test_the_samples_are_those_behind_the_figure() -> None:
    group = group_of(api_cacheHits=Statistics(2, 2), api_cacheKnown=Statistics(5, 5), api_all=Statistics(9, 9))
    group.sessions = {"api": 4}
    assert group.figure(METRICS_BY_PATH["api.cacheHitRate"]) == Figure(40.0, 5, 4)


def test_a_ratio_of_sessions_counts_each_once_and_only_those_it_is_of() -> None:
    metric, group = METRICS_BY_PATH["errors.sessionRate"], Group()
    group.sessions = {"boot": 40}
    assert group.figure(metric) == Figure(0.0, 40, 40)
    group.sessions = {"boot": 40, "error": 10}
    assert group.figure(metric) == Figure(25.0, 40, 40)
    group.sessions = {"boot": 2, "error": 3}  # two of them started before the window
    assert group.figure(metric) == Figure(100.0, 2, 2)
    group.sessions = {"error": 3}
    assert group.figure(metric) == Figure(None, 0, 0)


@given(figure=st.floats(allow_nan=False, allow_infinity=False))
def test_a_tidy_figure_has_seven_digits(figure: float) -> None:
    assert tidy(figure) == pytest.approx(figure, rel=1e-6)


@pytest.mark.parametrize(("figure", "tidied"), [(None, None), (0.1 + 0.2, 0.3), (5.0, 5), (10**9 + 1, 10**9 + 1)])
def test_unknown_stays_unknown_and_counts_stay_exact(figure: float | None, tidied: float | None) -> None:
    assert tidy(figure) == tidied


@pytest.mark.parametrize("total", [float("nan"), float("inf")])
def test_what_no_finite_sum_is_made_of_is_not_known(total: float) -> None:
    group = group_of(
        render_all=Statistics(3, 3.0, total),
        scroll_late=Statistics(3, 3.0, total),
        scroll_frames=Statistics(3, 3.0, 9.0),
    )
    assert value("performance.renders.avgTime", group) is None
    assert value("performance.scroll.jankPercentage", group) is None
