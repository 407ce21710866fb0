"""The metrics, against the tables of the metric reference, written out here by hand."""

import pytest

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.measures import MEASURES_BY_NAME
from chatvitals.catalogue.metrics import HEALTH_WEIGHTS, METRICS, METRICS_BY_PATH, Metric

PRIMARY = {
    # path: number in the reference, unit, target
    "persistence.operations.successRate": (1, "%", 99),
    "persistence.operations.avgDuration": (2, "ms", None),
    "persistence.operations.p50Duration": (3, "ms", None),
    "persistence.operations.p95Duration": (3, "ms", None),
    "persistence.operations.p99Duration": (3, "ms", None),
    "persistence.dataLoss.incidents": (4, "count", 0),
    "persistence.restoration.successRate": (5, "%", 99),
    "persistence.restoration.avgDuration": (5, "ms", 200),
    "persistence.restoration.p95Duration": (5, "ms", None),
    "persistence.navigation.successRate": (6, "%", 99),
    # 7, persistence.errorsByType, is a table and not a figure
    "performance.renders.avgTime": (8, "ms", None),
    "performance.renders.p95Time": (8, "ms", 16),
    "performance.renders.slowRenders": (9, "count", None),
    "performance.renders.slowRenderRate": (9, "%", None),
    "performance.scroll.avgFps": (10, "fps", 55),
    "performance.scroll.minFps": (10, "fps", None),
    "performance.scroll.jankPercentage": (11, "%", 10),
    "performance.tabSync.avgLatency": (12, "ms", None),
    "performance.tabSync.p95Latency": (12, "ms", 50),
    "performance.tabSync.failureRate": (13, "%", 1),
    "performance.bundle.avgLoadTime": (14, "ms", None),
    "performance.bundle.p95LoadTime": (14, "ms", None),
    "performance.bundle.avgSize": (15, "bytes", None),
    "performance.bundle.maxSize": (15, "bytes", None),
    "memory.current": (16, "bytes", 50_000_000),
    "memory.peak": (17, "bytes", 50_000_000),
    "memory.average": (18, "bytes", None),
    "api.totalCalls": (19, "count", None),
    "api.avgDuration": (20, "ms", None),
    "api.p95Duration": (21, "ms", 500),
    "api.errorRate": (22, "%", 1),
    "api.cacheHitRate": (23, "%", None),
}

BASELINES = {
    "persistence.operations.successRate": Bands(99.5, 98, 95),
    "persistence.restoration.avgDuration": Bands(100, 200, 300),
    "performance.renders.p95Time": Bands(10, 16, 25),
    "performance.scroll.avgFps": Bands(58, 55, 45),
    "memory.peak": Bands(25_000_000, 40_000_000, 60_000_000),
    "api.p95Duration": Bands(300, 500, 800),
}

MADE_OF_SESSIONS = {"memory.last", "memory.peak"}


def test_all_23_primary_metrics_are_there() -> None:
    assert {number for number, _, _ in PRIMARY.values()} == set(range(1, 24)) - {7}
    assert PRIMARY.keys() <= METRICS_BY_PATH.keys()


@pytest.mark.parametrize("path", PRIMARY)
def test_a_primary_metric_has_the_unit_and_target_of_the_reference(path: str) -> None:
    metric = METRICS_BY_PATH[path]
    assert (metric.unit, metric.target) == PRIMARY[path][1:]


def test_the_bands_are_those_of_the_baselines() -> None:
    assert {metric.path: metric.bands for metric in METRICS if metric.bands} == BASELINES


def test_the_categories_weigh_what_the_reference_says() -> None:
    assert HEALTH_WEIGHTS == {"persistence": 0.40, "performance": 0.30, "memory": 0.15, "api": 0.15}


def test_every_path_is_there_once() -> None:
    assert len(METRICS) == len(METRICS_BY_PATH)


def test_no_path_is_the_beginning_of_another() -> None:
    parents = {".".join(path.split(".")[:depth]) for path in METRICS_BY_PATH for depth in range(1, path.count(".") + 1)}
    assert not parents & METRICS_BY_PATH.keys()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
def test_a_metric_is_made_of_measures_that_give_its_statistic(metric: Metric) -> None:
    if metric.per_session:
        assert metric.measure in MADE_OF_SESSIONS
        return
    measure = MEASURES_BY_NAME[metric.measure]
    if metric.statistic in ("p50", "p95", "p99"):
        assert measure.distribution
    if metric.statistic not in ("count", "ratio", "session_ratio"):
        assert measure.value is not None
    assert (metric.over is not None) == metric.statistic.endswith("ratio")
    if metric.over is not None:
        of_one_kind = MEASURES_BY_NAME[metric.over].kind == measure.kind
        assert of_one_kind == (metric.statistic != "session_ratio"), "sessions can be counted across kinds"


@pytest.mark.parametrize("metric", [metric for metric in METRICS if metric.bands], ids=lambda metric: metric.path)
def test_a_metrics_bands_point_the_way_that_it_says(metric: Metric) -> None:
    assert metric.bands is not None
    assert metric.bands.higher_is_better == metric.higher_is_better
