"""What a new view starts with: a few panels that belong together, to be changed from there."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.dashboard.saved.document import Panel, PanelKind


@dataclass(frozen=True, slots=True)
class Starter:
    """Panels, and what they are about in a few words."""

    words: str
    panels: tuple[Panel, ...]


def _cards(*paths: str) -> tuple[Panel, ...]:
    return tuple(Panel(metric=path) for path in paths)


def _chart(path: str) -> Panel:
    return Panel(metric=path, kind=PanelKind.CHART, width=2)


def _table(path: str, by: str) -> Panel:
    return Panel(metric=path, kind=PanelKind.TABLE, width=2, by=by)


STARTERS: Mapping[str, Starter] = {
    "overview": Starter(
        "An overview: conversations, speed, memory and API",
        (
            *_cards(
                "persistence.dataLoss.incidents",
                "persistence.operations.successRate",
                "performance.renders.p95Time",
                "api.errorRate",
            ),
            _chart("performance.renders.p95Time"),
            _chart("api.p95Duration"),
            _table("persistence.operations.successRate", "browser"),
            _table("persistence.dataLoss.incidents", "customer"),
        ),
    ),
    "conversations": Starter(
        "Conversations: are any lost, and where",
        (
            *_cards(
                "persistence.dataLoss.incidents",
                "persistence.dataLoss.messages",
                "persistence.restoration.successRate",
                "persistence.navigation.successRate",
            ),
            _chart("persistence.dataLoss.incidents"),
            _chart("persistence.operations.successRate"),
            _table("persistence.dataLoss.incidents", "release"),
            _table("persistence.operations.successRate", "storage"),
        ),
    ),
    "speed": Starter(
        "Speed: rendering, scrolling, tabs and API",
        (
            *_cards(
                "performance.renders.p95Time",
                "performance.scroll.avgFps",
                "performance.tabSync.p95Latency",
                "api.p95Duration",
            ),
            _chart("performance.renders.p95Time"),
            _chart("performance.scroll.avgFps"),
            _table("performance.renders.p95Time", "release"),
            _table("api.p95Duration", "endpoint"),
        ),
    ),
    "empty": Starter("Nothing yet", ()),
}
"""By the value of the form's field; the first one is offered first."""
