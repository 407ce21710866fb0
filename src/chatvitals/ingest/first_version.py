"""The single form of the first version, `{"type": "render", "metric": {…}}`, and the names that it used."""

from typing import Any

import msgspec

from chatvitals.catalogue.kinds import KINDS, AnyEvent, Event

FIRST_VERSION_TYPES: tuple[str, ...] = (
    "persistence",
    "restoration",
    "navigation",
    "render",
    "scroll",
    "memory",
    "tabSync",
    "api",
    "bundle",
)

_RENAMED: dict[str, dict[str, str]] = {
    "restoration": {
        "restoreTime": "duration",
        "messagesRestored": "restored",
        "messagesExpected": "expected",
    },
    "navigation": {
        "success": "preserved",
        "sessionPreserved": "preserved",
        "fromPage": "from",
        "toPage": "to",
    },
    "scroll": {
        "avgFps": "fps",
        "frameCount": "frames",
        "totalFrames": "frames",
        "droppedFrames": "lateFrames",
        "jankFrames": "lateFrames",
    },
    "memory": {"usedJSHeapSize": "usedBytes", "heapUsed": "usedBytes", "jsHeapSizeLimit": "limitBytes"},
    "tabSync": {"syncLatency": "latency", "tabCount": "tabs"},
    "api": {
        "url": "endpoint",
        "path": "endpoint",
        "statusCode": "status",
        "cacheHit": "cached",
        "responseTime": "duration",
    },
    "bundle": {"bundleSize": "size", "duration": "loadTime", "fromCache": "cached"},
}
"""Names of the first version's fields that are different now."""


def single_event(type: str, metric: dict[str, Any], now_ms: int) -> Event:
    """The event that a single metric is; `now_ms` where it has no timestamp. Raises msgspec.ValidationError."""
    renamed = _RENAMED.get(type, {})
    fields = {renamed.get(name, name): value for name, value in metric.items() if value is not None}
    fields.setdefault("timestamp", now_ms)
    if type == "api" and "success" not in fields and isinstance(fields.get("status"), int):
        fields["success"] = fields["status"] < 400
    if type == "tabSync":
        fields.setdefault("success", True)
    event: Event = msgspec.convert({**fields, "kind": type}, AnyEvent)
    return event


assert all(type in KINDS for type in FIRST_VERSION_TYPES)
