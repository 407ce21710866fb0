"""Prometheus and OpenMetrics text: the widget's metrics, and the program's own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from prometheus_client.core import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS_TYPE
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from chatvitals import __version__
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Unit
from chatvitals.catalogue.severities import Severity
from chatvitals.ingest.outcomes import KEPT
from chatvitals.query.health import Health
from chatvitals.query.outcomes import Outcomes
from chatvitals.query.snapshot import Picture
from chatvitals.store.control.outbox import ChannelHealth

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SUFFIXES: dict[Unit, str] = {
    "%": "ratio",
    "ms": "seconds",
    "bytes": "bytes",
    "fps": "fps",
    "count": "",
    "messages": "messages",
    "per 1,000 sessions": "per_thousand_sessions",
}
_FACTORS: dict[Unit, float] = {"%": 0.01, "ms": 0.001}
"""Prometheus measures in base units: ratios up to 1, seconds."""


@lru_cache(1_000)
def metric_name(path: str) -> str:
    """The Prometheus name of a metric: `chatvitals_widget_`, its path in snake case, its base unit."""
    suffix = _SUFFIXES[METRICS_BY_PATH[path].unit]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path.replace(".", "_")).lower()
    words = re.sub(r"_(rate|percentage)$", "", words) if suffix == "ratio" else words
    return f"chatvitals_widget_{words}" + (f"_{suffix}" if suffix and not words.endswith(suffix) else "")


def widget_families(pictures: Iterable[tuple[str, Picture, Health]]) -> Iterator[Metric]:
    """Gauges of every figure that has a value, and of health, with the site as a label."""
    pictures = tuple(pictures)
    for path, metric in METRICS_BY_PATH.items():
        value_family = GaugeMetricFamily(metric_name(path), metric.title, labels=["site"])
        factor = _FACTORS.get(metric.unit, 1)
        for site, picture, _ in pictures:
            figure = picture.figures[path]
            if figure.value is not None:
                value_family.add_metric([site], figure.value * factor)
        yield value_family
    overall = GaugeMetricFamily("chatvitals_widget_health_score", "Overall health, 0 to 100", labels=["site"])
    category = GaugeMetricFamily(
        "chatvitals_widget_health_category_score",
        "Health of a category, 0 to 100",
        labels=["site", "category"],
    )
    samples = GaugeMetricFamily("chatvitals_widget_events", "Events in the window", labels=["site", "kind"])
    for site, picture, health in pictures:
        if health.overall is not None:
            overall.add_metric([site], health.overall)
        for name, score in health.scores.items():
            if score is not None:
                category.add_metric([site, name], score)
        for kind, coverage in picture.coverage.kinds.items():
            samples.add_metric([site, kind], coverage.n)
    yield from (overall, category, samples)


def own_families(
    outcomes: Outcomes, spool_bytes: int, rows_written: int, writing: bool, damaged_parts: int
) -> Iterator[Metric]:
    """The program's own state."""
    info = GaugeMetricFamily("chatvitals_build_info", "The running version", labels=["version"])
    info.add_metric([__version__], 1)
    received = GaugeMetricFamily(
        "chatvitals_ingest_events",
        "Events received in the last 24 hours, by what became of them",
        labels=["site", "outcome", "reason", "kept"],
    )
    for count in outcomes.outcomes:
        kept = "true" if count.outcome in KEPT else "false"
        received.add_metric([count.site, count.outcome, count.reason, kept], count.n)
    yield from (
        info,
        received,
        GaugeMetricFamily("chatvitals_spool_bytes", "Bytes not yet in the events store", value=spool_bytes),
        CounterMetricFamily(
            "chatvitals_written_events", "Events written to the store since the start", value=rows_written
        ),
        GaugeMetricFamily("chatvitals_store_writable", "1 while the events store takes writes", value=int(writing)),
        GaugeMetricFamily("chatvitals_store_damaged_parts", "Parts that the store set aside", value=damaged_parts),
    )


def alerting_families(
    active: bool, failures: int, open_incidents: Mapping[str, int], channels: Iterable[ChannelHealth]
) -> Iterator[Metric]:
    """How alerting fares: who watches the watcher scrapes this."""
    incidents = GaugeMetricFamily("chatvitals_incidents_open", "Incidents that are open", labels=["severity"])
    for severity in Severity:
        incidents.add_metric([severity], open_incidents.get(severity, 0))
    letters = GaugeMetricFamily(
        "chatvitals_outbox_letters",
        "Notifications not delivered: waiting for their next attempt, or dead",
        labels=["receiver", "channel", "status"],
    )
    for channel in channels:
        letters.add_metric([channel.receiver, channel.channel, "waiting"], channel.waiting)
        letters.add_metric([channel.receiver, channel.channel, "dead"], channel.dead)
    yield from (
        GaugeMetricFamily(
            "chatvitals_alerting_active", "1 where this server evaluates and notifies", value=int(active)
        ),
        CounterMetricFamily("chatvitals_alerting_failures", "What failed and was tried again", value=failures),
        incidents,
        letters,
    )


class _Given(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def expose(families: Iterable[Metric], accept: str = "", with_process: bool = False) -> tuple[bytes, str]:
    """The text and its media type: OpenMetrics where `accept` asks for it, else Prometheus' own."""
    registry = CollectorRegistry()
    registry.register(_Given(tuple(families)))
    if with_process:
        ProcessCollector(registry=registry)
    if "application/openmetrics-text" in accept:
        return generate_openmetrics(registry), OPENMETRICS_TYPE  # type: ignore[no-untyped-call]  # it has no types
    return generate_latest(registry), TEXT_TYPE
