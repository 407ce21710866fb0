"""Where on the main page each metric stands: tabs, their sections, and the cards of these. Written by hand.

A test holds that every metric of the catalogue is on a card, or beside one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric


@dataclass(frozen=True, slots=True)
class Place:
    """A card: the metric that it is about, what it is called there, and the metrics that are told beside it."""

    path: str
    title: str
    beside: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Cards under one heading."""

    title: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """`name` is what the URL says."""

    name: str
    title: str
    sections: tuple[Section, ...]

    @property
    def places(self) -> Iterator[Place]:
        """All its cards."""
        for section in self.sections:
            yield from section.places

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics that its cards are about."""
        return tuple(METRICS_BY_PATH[place.path] for place in self.places)

    @property
    def told(self) -> frozenset[str]:
        """The paths of all metrics that its cards tell of."""
        return frozenset(path for place in self.places for path in (place.path, *(path for _, path in place.beside)))


_STATISTICS = (("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("mean", "avg"))
"""What they are called on cards, and in paths."""


def _timing(prefix: str, noun: str, title: str, of: str = "p95") -> Place:
    """A duration by one of its statistics, with the others beside it."""
    others = ((said, name) for said, name in _STATISTICS if name != of)
    return Place(f"{prefix}.{of}{noun}", title, tuple((said, f"{prefix}.{name}{noun}") for said, name in others))


TABS: tuple[Tab, ...] = (
    Tab(
        "persistence",
        "Persistence",
        (
            Section(
                "Data loss",
                (
                    Place(
                        "persistence.dataLoss.incidents",
                        "Data-loss incidents",
                        (("lost", "persistence.dataLoss.messages"),),
                    ),
                    Place(
                        "persistence.restoration.wrongIdentities",
                        "Restored for the wrong person",
                        (("of those known", "persistence.restoration.wrongIdentityRate"),),
                    ),
                    Place("delivery.messages.ackRate", "Messages acknowledged"),
                    Place("delivery.messages.duplicateRate", "Messages shown twice"),
                ),
            ),
            Section(
                "Operations",
                (
                    Place(
                        "persistence.operations.successRate",
                        "Operations that succeed",
                        (("operations", "persistence.operations.total"),),
                    ),
                    _timing("persistence.operations", "Duration", "Operation time, p95"),
                ),
            ),
            Section(
                "Restoration and navigation",
                (
                    Place(
                        "persistence.restoration.successRate",
                        "Sessions restored",
                        (("restorations", "persistence.restoration.total"),),
                    ),
                    _timing("persistence.restoration", "Duration", "Restore time, mean", "avg"),
                    Place(
                        "persistence.navigation.successRate",
                        "Page changes survived",
                        (("page changes", "persistence.navigation.total"),),
                    ),
                ),
            ),
            Section(
                "Delivery",
                (
                    _timing("delivery.messages", "Latency", "Message latency, p95"),
                    Place("delivery.messages.avgBehind", "Messages the screen is behind"),
                    Place("delivery.connection.successRate", "Connections established"),
                    Place("delivery.connection.unrecoveredRate", "Reconnect gaps not recovered"),
                    Place("delivery.telemetry.sentRate", "Recorded events that were sent"),
                ),
            ),
            Section(
                "Errors",
                (
                    Place(
                        "errors.sessionRate",
                        "Sessions with errors in the widget",
                        (("errors", "errors.total"), ("unhandled", "errors.unhandled")),
                    ),
                    Place("boot.storageAvailableRate", "Browsers that can store"),
                ),
            ),
        ),
    ),
    Tab(
        "performance",
        "Performance",
        (
            Section(
                "Rendering",
                (
                    _timing("performance.renders", "Time", "Render time, p95"),
                    Place(
                        "performance.renders.slowRenderRate",
                        "Renders over 16 ms",
                        (
                            ("slow", "performance.renders.slowRenders"),
                            ("messages", "performance.renders.total"),
                        ),
                    ),
                    _timing("delivery.stream", "FirstPaint", "Streamed answer, first paint, p95"),
                    Place("delivery.stream.truncatedRate", "Streamed answers cut short"),
                ),
            ),
            Section(
                "Scrolling and tab sync",
                (
                    Place(
                        "performance.scroll.avgFps",
                        "Scroll frame rate, mean",
                        (
                            ("p50", "performance.scroll.p50Fps"),
                            ("lowest", "performance.scroll.minFps"),
                            ("scrolls", "performance.scroll.total"),
                        ),
                    ),
                    Place("performance.scroll.jankPercentage", "Late frames"),
                    _timing("performance.tabSync", "Latency", "Tab-sync latency, p95"),
                    Place(
                        "performance.tabSync.failureRate",
                        "Tab syncs that fail",
                        (("syncs", "performance.tabSync.total"),),
                    ),
                ),
            ),
            Section(
                "Loading",
                (
                    _timing("performance.bundle", "LoadTime", "Bundle load time, p95"),
                    Place(
                        "performance.bundle.avgSize",
                        "Bundle size, mean",
                        (
                            ("p50", "performance.bundle.p50Size"),
                            ("p95", "performance.bundle.p95Size"),
                            ("p99", "performance.bundle.p99Size"),
                            ("greatest", "performance.bundle.maxSize"),
                            ("loads", "performance.bundle.total"),
                        ),
                    ),
                    _timing("boot", "Duration", "Time to ready, p95"),
                    Place("boot.readyRate", "Widgets that became ready"),
                    _timing("host", "BlockingTime", "Host page blocked, p95"),
                ),
            ),
        ),
    ),
    Tab(
        "memory",
        "Memory & API",
        (
            Section(
                "Memory",
                (
                    Place(
                        "memory.peak",
                        "Peak heap, p95 of sessions",
                        (
                            ("p50", "memory.p50Peak"),
                            ("p99", "memory.p99Peak"),
                            ("greatest", "memory.max"),
                        ),
                    ),
                    Place(
                        "memory.current",
                        "Heap now, median of live sessions",
                        (("p95", "memory.p95Current"), ("p99", "memory.p99Current")),
                    ),
                    Place("memory.average", "Heap, mean"),
                ),
            ),
            Section(
                "API",
                (
                    _timing("api", "Duration", "API duration, p95"),
                    Place("api.errorRate", "API calls that fail"),
                    Place("api.totalCalls", "API calls"),
                    Place("api.cacheHitRate", "Cache hits"),
                ),
            ),
        ),
    ),
    Tab("alerts", "Alerts", ()),
)

PLACES: dict[str, Place] = {place.path: place for tab in TABS for place in tab.places}
"""Cards by the metrics that they are about."""

TABS_BY_NAME: dict[str, Tab] = {tab.name: tab for tab in TABS}
