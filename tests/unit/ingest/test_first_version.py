from typing import Any

import msgspec
import pytest
from tests.unit.events import NOW_MS

from chatvitals.catalogue.kinds import Event, Scroll
from chatvitals.errors import BadRequest
from chatvitals.ingest.envelope import Envelope, decode_envelope

SINGLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "persistence",
        {"operation": "save", "success": False, "duration": 12.5, "errorType": "QuotaExceededError"},
        {"operation": "save", "success": False, "duration": 12.5, "error_type": "QuotaExceededError"},
    ),
    (
        "restoration",
        {"success": True, "restoreTime": 150, "messagesRestored": 4, "messagesExpected": 5},
        {"success": True, "duration": 150, "restored": 4, "expected": 5},
    ),
    (
        "navigation",
        {"success": True, "fromPage": "/a", "toPage": "/b"},
        {"preserved": True, "origin": "/a", "target": "/b"},
    ),
    ("navigation", {"sessionPreserved": False, "from": "/a"}, {"preserved": False, "origin": "/a", "target": None}),
    (
        "render",
        {"messageId": "m1", "renderTime": 8.3, "contentLength": 120},
        {"render_time": 8.3, "content_length": 120},
    ),
    (
        "scroll",
        {"avgFps": 58, "minFps": 40, "frameCount": 100, "jankFrames": 3},
        {"fps": 58, "min_fps": 40, "frames": 100, "late_frames": 3},
    ),
    ("scroll", {"fps": 58, "totalFrames": 100, "droppedFrames": 3}, {"fps": 58, "frames": 100, "late_frames": 3}),
    (
        "memory",
        {"usedJSHeapSize": 20_000_000, "totalJSHeapSize": 30_000_000, "jsHeapSizeLimit": 4_000_000_000},
        {"used_bytes": 20_000_000, "limit_bytes": 4_000_000_000},
    ),
    ("tabSync", {"syncLatency": 20, "tabCount": 2}, {"latency": 20, "tabs": 2, "success": True}),
    ("tabSync", {"latency": 20, "success": False}, {"latency": 20, "success": False}),
    (
        "api",
        {"url": "/v1/send", "method": "POST", "statusCode": 503, "responseTime": 90, "cacheHit": False},
        {"endpoint": "/v1/send", "method": "POST", "status": 503, "duration": 90, "cached": False, "success": False},
    ),
    ("api", {"endpoint": "/v1/send", "duration": 90, "status": 204}, {"status": 204, "success": True, "cached": None}),
    ("bundle", {"loadTime": 300, "bundleSize": 90_000, "fromCache": True}, {"size": 90_000, "cached": True}),
    ("bundle", {"duration": 300, "size": 90_000}, {"load_time": 300, "size": 90_000}),
]


def decode(type: str, metric: Any) -> Envelope:
    return decode_envelope(msgspec.json.encode({"type": type, "metric": metric}), NOW_MS, 1_000)


@pytest.mark.parametrize(("type", "metric", "fields"), SINGLE)
def test_a_single_metric_is_read(type: str, metric: dict[str, Any], fields: dict[str, Any]) -> None:
    envelope = decode(type, {**metric, "timestamp": NOW_MS - 5, "sessionId": "s"})
    assert envelope.rejections == []
    (event,) = envelope.events
    assert isinstance(event, Event)
    assert event.__struct_config__.tag == type
    assert event.timestamp == NOW_MS - 5
    assert {name: getattr(event, name) for name in fields} == fields
    assert envelope.context.session_id == "s"


def test_all_nine_types_are_tried_above() -> None:
    assert {type for type, _, _ in SINGLE} == {
        *("persistence", "restoration", "navigation", "render", "scroll"),
        *("memory", "tabSync", "api", "bundle"),
    }


def test_a_metric_without_a_time_is_of_now() -> None:
    assert decode("scroll", {"fps": 60}).events == [Scroll(timestamp=NOW_MS, fps=60)]


def test_nothing_told_is_no_value() -> None:
    (event,) = decode("scroll", {"fps": 60, "minFps": None, "sessionId": None}).events
    assert event.min_fps is None


def test_every_single_metric_is_a_batch_of_its_own() -> None:
    assert decode("scroll", {"fps": 60}).batch != decode("scroll", {"fps": 60}).batch


@pytest.mark.parametrize("type", ["loss", "message", "", "Render", "x" * 5_000])
def test_a_type_that_the_first_version_did_not_have_is_refused(type: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        decode(type, {})
    assert refusal.value.field == "type"


@pytest.mark.parametrize("body", [b'{"type":"render"}', b'{"type":7,"metric":{}}', b'{"type":"render","metric":[]}'])
def test_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_envelope(body, NOW_MS, 1_000)


@pytest.mark.parametrize(
    ("metric", "field", "reason"),
    [
        ({}, "renderTime", "missing_field"),
        ({"renderTime": -1}, "renderTime", "out_of_range"),
        ({"renderTime": "fast"}, "renderTime", "wrong_type"),
        ({"renderTime": 1, "timestamp": "now"}, "timestamp", "wrong_type"),
    ],
)
def test_a_bad_metric_is_rejected_with_its_reason(metric: dict[str, Any], field: str, reason: str) -> None:
    envelope = decode("render", metric)
    assert envelope.events == []
    assert envelope.positions == [0] or envelope.positions == []
    assert [(one.index, one.field, one.reason) for one in envelope.rejections] == [(0, field, reason)]
