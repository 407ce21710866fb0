"""The kinds of event and their fields, against the table of the metric reference, written out here by hand."""

from typing import Any

import msgspec
import pytest

from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.catalogue.kinds import KINDS, AnyEvent, Event

# a question mark: the reference, or common sense, lets the sender leave it out
REFERENCE = {
    "persistence": "operation success duration errorType? storage? bytes? quotaUsed?",
    "restoration": "success duration expected? restored? identityMatches? cause?",
    "navigation": "preserved from? to? type? expected? found?",
    "loss": "conversationId lost firstSeq? lastSeq? hop errorType?",
    "render": "renderTime contentLength? messageCount?",
    "scroll": "fps minFps? frames? lateFrames? duration?",
    "memory": "usedBytes limitBytes? source? domNodes?",
    "tabSync": "latency success tabs?",
    "api": "endpoint method? status? duration cached? success",
    "bundle": "loadTime size? cached?",
    "message": "stage ordinal latency? duplicate? conversationId? serverOrdinal?",
    "connection": "success duration? reconnects? closeCode? gap? recovered?",
    "stream": "firstChunk? firstPaint? chunks? longestStall? lateFrames? outcome",
    "boot": "stage duration? reason?",
    "error": "type fingerprint? message? handled?",
    "host": "inp? lcp? cls? blockingTime? ownBlockingTime? holdout?",
    "storage": "available persisted? reason? quota? usage? policy?",
    "sdk": "recorded sent dropped? initMs? perEventUs?",
}

WORDS = {
    ("persistence", "operation"): {"save", "restore", "sync", "delete", "navigation"},
    ("persistence", "storage"): {"localStorage", "sessionStorage", "indexedDB", "memory", "server"},
    ("navigation", "type"): {"hard", "soft", "bfcache"},
    ("loss", "hop"): {"save", "restore", "sync", "render", "delivery"},
    ("memory", "source"): {"performance.memory", "measureUserAgentSpecificMemory"},
    ("message", "stage"): {"sent", "acked", "received", "rendered"},
    ("stream", "outcome"): {"complete", "aborted", "truncated", "orphaned", "resumed"},
    ("boot", "stage"): {"requested", "script", "frame", "ready", "failed"},
    ("boot", "reason"): {"blocked", "csp", "consent", "storage", "error"},
    ("storage", "policy"): {"persist", "session", "ephemeral"},
}

EVERY_EVENT = {"timestamp", "seq"}

LEAST: dict[str, dict[str, Any]] = {
    "persistence": {"operation": "save", "success": True, "duration": 1},
    "restoration": {"success": True, "duration": 1},
    "navigation": {"preserved": True},
    "loss": {"conversationId": "c", "lost": 1, "hop": "save"},
    "render": {"renderTime": 1},
    "scroll": {"fps": 60},
    "memory": {"usedBytes": 1},
    "tabSync": {"latency": 1, "success": True},
    "api": {"endpoint": "/", "duration": 1, "success": True},
    "bundle": {"loadTime": 1},
    "message": {"stage": "sent", "ordinal": 0},
    "connection": {"success": True},
    "stream": {"outcome": "complete"},
    "boot": {"stage": "ready"},
    "error": {"type": "TypeError"},
    "host": {},
    "storage": {"available": True},
    "sdk": {"recorded": 1, "sent": 1},
}


def test_the_kinds_are_those_of_the_reference() -> None:
    assert KINDS.keys() == REFERENCE.keys()


@pytest.mark.parametrize("kind", REFERENCE)
def test_a_kind_has_the_fields_of_the_reference(kind: str) -> None:
    fields = {
        f"{field.encode_name}{'' if field.required else '?'}"
        for field in msgspec.structs.fields(KINDS[kind])
        if field.encode_name not in EVERY_EVENT
    }
    assert fields == set(REFERENCE[kind].split())


@pytest.mark.parametrize("kind", REFERENCE)
def test_an_event_with_nothing_but_its_required_fields_is_taken(kind: str) -> None:
    event: Event = msgspec.convert({"kind": kind, "timestamp": 1, **LEAST[kind]}, AnyEvent)
    assert type(event) is KINDS[kind]
    assert event.seq == -1


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind in LEAST for field in LEAST[kind]])
def test_an_event_without_one_of_its_required_fields_is_refused(kind: str, field: str) -> None:
    fields = {name: value for name, value in LEAST[kind].items() if name != field}
    with pytest.raises(msgspec.ValidationError, match="missing required field"):
        msgspec.convert({"kind": kind, "timestamp": 1, **fields}, AnyEvent)


@pytest.mark.parametrize("kind", REFERENCE)
def test_an_event_without_a_timestamp_is_refused(kind: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="timestamp"):
        msgspec.convert({"kind": kind, **LEAST[kind]}, AnyEvent)


@pytest.mark.parametrize(("kind", "field"), WORDS)
def test_a_field_of_words_takes_those_of_the_reference_and_no_other(kind: str, field: str) -> None:
    for word in WORDS[kind, field]:
        msgspec.convert({"kind": kind, "timestamp": 1, **LEAST[kind], field: word}, AnyEvent)
    with pytest.raises(msgspec.ValidationError, match="enum value"):
        msgspec.convert({"kind": kind, "timestamp": 1, **LEAST[kind], field: "other"}, AnyEvent)


def test_the_dimensions_are_those_of_the_reference() -> None:
    assert DIMENSION_NAMES == ("customer", "release", "variant", "page", "browser", "os", "device", "country")
