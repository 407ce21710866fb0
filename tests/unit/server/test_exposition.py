import re

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.query.figures import Figure
from chatvitals.query.health import Health
from chatvitals.query.outcomes import OutcomeCount, Outcomes
from chatvitals.query.snapshot import Coverage, KindCoverage, Picture, TelemetryLoss
from chatvitals.server.exposition import alerting_families, expose, metric_name, own_families, widget_families
from chatvitals.store.control.outbox import ChannelHealth

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
COVERAGE = Coverage(5, 2, 1, TelemetryLoss(5, 5, 0.0), {"render": KindCoverage(5, 2, 100.0)})
HEALTH = Health(95, {"persistence": 99, "api": None}, "healthy", None, [])
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def picture_of(**values: float | None) -> Picture:
    figures = {path: Figure(values.get(path.replace(".", "_")), 5, 2) for path in METRICS_BY_PATH}
    return Picture(figures, {"persistence": {}, "loss": {}}, COVERAGE)


PICTURE = picture_of(
    api_p95Duration=250.0, api_errorRate=2.5, memory_peak=5e7, api_totalCalls=0, performance_scroll_avgFps=58.5
)


def samples(text: str) -> dict[tuple[str, str], float]:
    """Values by name and site."""
    return {
        (sample.name, sample.labels.get("site", "")): sample.value
        for family in parse_text(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
def test_every_name_is_good_for_prometheus(metric: Metric) -> None:
    name = metric_name(metric.path)
    assert NAME.fullmatch(name)
    assert name.startswith("chatvitals_widget_")


def test_no_two_metrics_share_a_name() -> None:
    assert len({metric_name(path) for path in METRICS_BY_PATH}) == len(METRICS)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("persistence.operations.successRate", "chatvitals_widget_persistence_operations_success_ratio"),
        ("performance.scroll.jankPercentage", "chatvitals_widget_performance_scroll_jank_ratio"),
        ("performance.renders.p95Time", "chatvitals_widget_performance_renders_p95_time_seconds"),
        ("performance.scroll.avgFps", "chatvitals_widget_performance_scroll_avg_fps"),
        ("memory.peak", "chatvitals_widget_memory_peak_bytes"),
        ("api.totalCalls", "chatvitals_widget_api_total_calls"),
    ],
)
def test_a_name_ends_in_its_base_unit(path: str, name: str) -> None:
    assert metric_name(path) == name


def test_figures_are_in_base_units_and_unknown_ones_are_left_out() -> None:
    text, media_type = expose(widget_families([("acme", PICTURE, HEALTH)]))
    told = samples(text.decode())
    assert media_type.startswith("text/plain; version=0.0.4")
    assert told["chatvitals_widget_api_p95_duration_seconds", "acme"] == pytest.approx(0.25)
    assert told["chatvitals_widget_api_error_ratio", "acme"] == pytest.approx(0.025)
    assert told["chatvitals_widget_memory_peak_bytes", "acme"] == 5e7
    assert told["chatvitals_widget_performance_scroll_avg_fps", "acme"] == 58.5
    assert told["chatvitals_widget_api_total_calls", "acme"] == 0
    assert told["chatvitals_widget_health_score", "acme"] == 95
    assert told["chatvitals_widget_events", "acme"] == 5
    assert ("chatvitals_widget_memory_current_bytes", "acme") not in told


def test_sites_are_told_apart() -> None:
    other = picture_of(api_p95Duration=500.0)
    text, _ = expose(widget_families([("acme", PICTURE, HEALTH), ('a "b"\n\\', other, HEALTH)]))
    told = samples(text.decode())
    name = "chatvitals_widget_api_p95_duration_seconds"
    assert (told[name, "acme"], told[name, 'a "b"\n\\']) == (0.25, 0.5)


def test_the_programs_own_state_is_told() -> None:
    outcomes = Outcomes(7, 5, [OutcomeCount("acme", "stored", "", 5), OutcomeCount("", "rejected", "bad_request", 2)])
    text, _ = expose(own_families(outcomes, 1_234, 99, writing=False, damaged_parts=1), with_process=True)
    told = samples(text.decode())
    assert told["chatvitals_ingest_events", "acme"] == 5
    assert told["chatvitals_ingest_events", ""] == 2
    assert told["chatvitals_spool_bytes", ""] == 1_234
    assert told["chatvitals_written_events_total", ""] == 99
    assert told["chatvitals_store_writable", ""] == 0
    assert told["chatvitals_store_damaged_parts", ""] == 1


def test_how_alerting_fares_is_told() -> None:
    channel = ChannelHealth(
        receiver="on-call", channel="webhook", waiting=3, dead=1, delivered_ms=None, failed_ms=None, error=""
    )
    text, _ = expose(alerting_families(True, 2, {"critical": 4}, [channel]))
    told = samples(text.decode())
    assert told["chatvitals_alerting_active", ""] == 1
    assert told["chatvitals_alerting_failures_total", ""] == 2
    assert 'chatvitals_incidents_open{severity="critical"} 4.0' in text.decode()
    assert 'chatvitals_incidents_open{severity="info"} 0.0' in text.decode()
    assert 'chatvitals_outbox_letters{channel="webhook",receiver="on-call",status="waiting"} 3.0' in text.decode()
    assert 'chatvitals_outbox_letters{channel="webhook",receiver="on-call",status="dead"} 1.0' in text.decode()


def test_openmetrics_is_given_to_who_asks_for_it() -> None:
    outcomes = Outcomes(0, 0, [])
    families = [*widget_families([("acme", PICTURE, HEALTH)]), *own_families(outcomes, 0, 0, True, 0)]
    text, media_type = expose(families, OPENMETRICS)
    assert media_type.startswith("application/openmetrics-text")
    parsed = parse_openmetrics(text.decode())  # type: ignore[no-untyped-call]  # it has no types
    assert len(list(parsed)) == len(families)
