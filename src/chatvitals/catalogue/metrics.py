"""The metrics: each a path in the API, a unit, and a figure made of measures. Everything else is derived from here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chatvitals.catalogue.bands import Bands

Unit = Literal["%", "ms", "bytes", "fps", "count", "messages", "per 1,000 sessions"]
Category = Literal["persistence", "performance", "memory", "api", "delivery", "boot", "host"]
Statistic = Literal["count", "sum", "mean", "min", "max", "p50", "p95", "p99", "ratio", "sum_ratio", "session_ratio"]

QUANTILES: dict[str, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

_MEGABYTE = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure.

    `statistic` of `measure`: a count, the sum, mean, least, greatest or percentile of its values, a `ratio` of its
    count to that of `over`, a `sum_ratio` of their sums, or a `session_ratio` of the sessions that have events of their
    kinds; ratios are percentages. `target` and `bands` are in `unit`.
    """

    path: str
    title: str
    unit: Unit
    statistic: Statistic
    measure: str
    over: str | None = None
    target: float | None = None
    higher_is_better: bool | None = None
    bands: Bands | None = None
    per_session: bool = False

    @property
    def category(self) -> str:
        return self.path.split(".", 1)[0]


def _timing(prefix: str, noun: str, title: str, measure: str, **of: Metric | None) -> Iterator[Metric]:
    """The mean and the percentiles of a duration; `of` replaces single ones by their full description."""
    for statistic, name in (("mean", "avg"), ("p50", "p50"), ("p95", "p95"), ("p99", "p99")):
        yield of.get(name) or Metric(
            f"{prefix}.{name}{noun}",
            f"{title}, {'mean' if name == 'avg' else name}",
            "ms",
            statistic,  # type: ignore[arg-type]  # the four names above are all of type Statistic
            measure,
            higher_is_better=False,
        )


def _sizes(path: str, title: str, measure: str, *statistics: Statistic, per_session: bool = False) -> Iterator[Metric]:
    """Percentiles of sizes, whose names stand in path and title for `{}`."""
    for name in statistics:
        yield Metric(
            path.format(name),
            title.format(name),
            "bytes",
            name,
            measure,
            per_session=per_session,
            higher_is_better=False,
        )


def _rate(
    path: str,
    title: str,
    measure: str,
    over: str,
    *,
    target: float | None = None,
    good: bool = True,
    bands: Bands | None = None,
) -> Metric:
    return Metric(path, title, "%", "ratio", measure, over, target, good, bands)


def _count(path: str, title: str, measure: str, *, target: float | None = None) -> Metric:
    return Metric(
        path,
        title,
        "count",
        "count",
        measure,
        target=target,
        higher_is_better=None if target is None else False,
    )


METRICS: tuple[Metric, ...] = (
    # 1 to 3: operations on the stored conversation
    _count("persistence.operations.total", "Persistence operations", "persistence.all"),
    _rate(
        "persistence.operations.successRate",
        "Persistence success",
        "persistence.ok",
        "persistence.all",
        target=99,
        bands=Bands(99.5, 98, 95),
    ),
    *_timing("persistence.operations", "Duration", "Persistence duration", "persistence.all"),
    # 4: data loss
    _count("persistence.dataLoss.incidents", "Data-loss incidents", "loss.incidents", target=0),
    Metric(
        "persistence.dataLoss.messages",
        "Messages lost",
        "messages",
        "sum",
        "loss.incidents",
        target=0,
        higher_is_better=False,
    ),
    # 5: restoration
    _count("persistence.restoration.total", "Restorations", "restoration.all"),
    _rate(
        "persistence.restoration.successRate",
        "Session restoration success",
        "restoration.ok",
        "restoration.all",
        target=99,
    ),
    *_timing(
        "persistence.restoration",
        "Duration",
        "Restore time",
        "restoration.all",
        avg=Metric(
            "persistence.restoration.avgDuration",
            "Restore time, mean",
            "ms",
            "mean",
            "restoration.all",
            target=200,
            higher_is_better=False,
            bands=Bands(100, 200, 300),
        ),
    ),
    _rate(
        "persistence.restoration.wrongIdentityRate",
        "Restored for the wrong person",
        "restoration.wrongIdentity",
        "restoration.identityKnown",
        target=0,
        good=False,
    ),
    _count(
        "persistence.restoration.wrongIdentities",
        "Conversations restored for the wrong person",
        "restoration.wrongIdentity",
        target=0,
    ),
    # 6: navigation
    _count("persistence.navigation.total", "Page changes", "navigation.all"),
    _rate(
        "persistence.navigation.successRate",
        "Cross-page navigation success",
        "navigation.ok",
        "navigation.all",
        target=99,
    ),
    # 8 and 9: rendering
    _count("performance.renders.total", "Messages rendered", "render.all"),
    *_timing(
        "performance.renders",
        "Time",
        "Render time",
        "render.all",
        p95=Metric(
            "performance.renders.p95Time",
            "Render time, p95",
            "ms",
            "p95",
            "render.all",
            target=16,
            higher_is_better=False,
            bands=Bands(10, 16, 25),
        ),
    ),
    _count("performance.renders.slowRenders", "Slow renders (over 16 ms)", "render.slow"),
    _rate(
        "performance.renders.slowRenderRate",
        "Slow renders (over 16 ms)",
        "render.slow",
        "render.all",
        good=False,
    ),
    # 10 and 11: scrolling
    _count("performance.scroll.total", "Scrolls", "scroll.fps"),
    Metric(
        "performance.scroll.avgFps",
        "Scroll frame rate, mean",
        "fps",
        "mean",
        "scroll.fps",
        target=55,
        higher_is_better=True,
        bands=Bands(58, 55, 45),
    ),
    Metric(
        "performance.scroll.p50Fps",
        "Scroll frame rate, p50",
        "fps",
        "p50",
        "scroll.fps",
        higher_is_better=True,
    ),
    Metric(
        "performance.scroll.minFps",
        "Scroll frame rate, lowest",
        "fps",
        "min",
        "scroll.minFps",
        higher_is_better=True,
    ),
    Metric(
        "performance.scroll.jankPercentage",
        "Jank (late frames)",
        "%",
        "sum_ratio",
        "scroll.late",
        "scroll.frames",
        target=10,
        higher_is_better=False,
    ),
    # 12 and 13: tab sync
    _count("performance.tabSync.total", "Tab syncs", "tabSync.all"),
    *_timing(
        "performance.tabSync",
        "Latency",
        "Tab-sync latency",
        "tabSync.latency",
        p95=Metric(
            "performance.tabSync.p95Latency",
            "Tab-sync latency, p95",
            "ms",
            "p95",
            "tabSync.latency",
            target=50,
            higher_is_better=False,
        ),
    ),
    _rate(
        "performance.tabSync.failureRate",
        "Tab-sync failures",
        "tabSync.failed",
        "tabSync.all",
        target=1,
        good=False,
    ),
    # 14 and 15: bundle
    _count("performance.bundle.total", "Bundle loads", "bundle.all"),
    *_timing("performance.bundle", "LoadTime", "Bundle load time", "bundle.all"),
    Metric(
        "performance.bundle.avgSize",
        "Bundle size, mean",
        "bytes",
        "mean",
        "bundle.size",
        higher_is_better=False,
    ),
    *_sizes("performance.bundle.{}Size", "Bundle size, {}", "bundle.size", "p50", "p95", "p99"),
    Metric(
        "performance.bundle.maxSize",
        "Bundle size, greatest",
        "bytes",
        "max",
        "bundle.size",
        higher_is_better=False,
    ),
    # 16 to 18: memory, per session
    Metric(
        "memory.current",
        "Current heap, median of live sessions",
        "bytes",
        "p50",
        "memory.last",
        per_session=True,
        target=50 * _MEGABYTE,
        higher_is_better=False,
    ),
    *_sizes("memory.{}Current", "Current heap, {} of live sessions", "memory.last", "p95", "p99", per_session=True),
    Metric(
        "memory.peak",
        "Peak heap, p95 over sessions",
        "bytes",
        "p95",
        "memory.peak",
        per_session=True,
        target=50 * _MEGABYTE,
        higher_is_better=False,
        bands=Bands(25 * _MEGABYTE, 40 * _MEGABYTE, 60 * _MEGABYTE),
    ),
    *_sizes("memory.{}Peak", "Peak heap, {} over sessions", "memory.peak", "p50", "p99", per_session=True),
    Metric("memory.max", "Peak heap, greatest", "bytes", "max", "memory.all", higher_is_better=False),
    Metric("memory.average", "Mean heap", "bytes", "mean", "memory.all", higher_is_better=False),
    # 19 to 23: API
    _count("api.totalCalls", "API calls", "api.all"),
    *_timing(
        "api",
        "Duration",
        "API duration",
        "api.all",
        p95=Metric(
            "api.p95Duration",
            "API duration, p95",
            "ms",
            "p95",
            "api.all",
            target=500,
            higher_is_better=False,
            bands=Bands(300, 500, 800),
        ),
    ),
    _rate("api.errorRate", "API errors", "api.failed", "api.all", target=1, good=False),
    _rate("api.cacheHitRate", "Cache hits, of calls whose caching is known", "api.cacheHits", "api.cacheKnown"),
    # Beyond the 23
    _rate("delivery.messages.ackRate", "Messages acknowledged", "message.acked", "message.sent", target=99),
    _rate(
        "delivery.messages.duplicateRate",
        "Messages shown twice",
        "message.duplicates",
        "message.rendered",
        good=False,
    ),
    Metric(
        "delivery.messages.avgBehind",
        "Messages the screen is behind the server, mean",
        "messages",
        "mean",
        "message.behind",
        higher_is_better=False,
    ),
    *_timing("delivery.messages", "Latency", "Message latency", "message.latency"),
    _rate("delivery.connection.successRate", "Connections established", "connection.ok", "connection.all"),
    _rate(
        "delivery.connection.unrecoveredRate",
        "Reconnect gaps not recovered",
        "connection.unrecovered",
        "connection.gaps",
        good=False,
    ),
    Metric(
        "delivery.telemetry.sentRate",
        "Recorded events that the SDK sent",
        "%",
        "sum_ratio",
        "sdk.sent",
        "sdk.recorded",
        higher_is_better=True,
    ),
    _rate(
        "delivery.stream.truncatedRate",
        "Streamed answers cut short",
        "stream.truncated",
        "stream.all",
        good=False,
    ),
    *_timing("delivery.stream", "FirstPaint", "Streamed answer, first paint", "stream.firstPaint"),
    _rate("boot.readyRate", "Widgets that became ready", "boot.ready", "boot.requested"),
    *_timing("boot", "Duration", "Time to ready", "boot.ready"),
    _rate("boot.storageAvailableRate", "Browsers that can store", "storage.available", "storage.all"),
    *_timing("host", "BlockingTime", "Host page blocked by the widget", "host.blocking"),
    _count("errors.total", "Errors inside the widget", "error.all"),
    _count("errors.unhandled", "Unhandled errors inside the widget", "error.unhandled"),
    Metric(
        "errors.sessionRate",
        "Sessions with errors inside the widget, of those that started it",
        "%",
        "session_ratio",
        "error.all",
        "boot.requested",
        higher_is_better=False,
    ),
)

METRICS_BY_PATH: dict[str, Metric] = {metric.path: metric for metric in METRICS}

HEALTH_WEIGHTS: dict[str, float] = {"persistence": 0.40, "performance": 0.30, "memory": 0.15, "api": 0.15}
"""The share of each category in the overall health score."""
