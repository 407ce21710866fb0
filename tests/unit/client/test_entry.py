"""What is wrong with an event is found where it is recorded, as the server would find it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from tests.unit.events import NOW_MS, events

from chatvitals.catalogue.dimensions import Context
from chatvitals.catalogue.kinds import KINDS, AnyEvent
from chatvitals.client.entry import encode_entry

GOOD = {"timestamp": NOW_MS, "stage": "acked", "ordinal": 4}


def check(fields: dict[str, Any], context: dict[str, Any] | None = None, kind: str = "message") -> None:
    encode_entry(kind, fields, context or {})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (GOOD | {"ordinal": -1}, "ordinal"),
        (GOOD | {"ordinal": "4"}, "ordinal"),
        (GOOD | {"stage": "seen"}, "stage"),
        (GOOD | {"conversation_id": ""}, "conversationId"),
        (GOOD | {"conversation_id": b"\xff".decode(errors="surrogateescape")}, "surrogates"),
        (GOOD | {"latency": float("inf")} | {"ordinal": None}, "ordinal"),
        (GOOD | {"latency": object()}, "object"),
        (GOOD | {"colour": "red"}, "colour"),
        ({"timestamp": NOW_MS}, "stage"),
    ],
)
def test_what_the_server_would_reject_is_told(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check(fields)


def test_an_unknown_kind_is_told_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'mesage'; known ones are .*message"):
        check(GOOD, kind="mesage")


@pytest.mark.parametrize("context", [{"session_id": 5}, {"customer": "x" * 4_001}, {"colour": "red"}])
def test_a_wrong_context_is_told(context: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"sessionId|customer|colour"):
        check(GOOD, context)


def test_no_field_of_a_kind_has_the_name_of_a_dimension() -> None:
    """`record` takes both by their names."""
    for kind in KINDS.values():
        assert not set(kind.__struct_fields__) & set(Context.__struct_fields__)


@given(events())
def test_every_event_travels_unchanged(event: dict[str, Any]) -> None:
    kind = KINDS[event["kind"]]
    names = dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
    fields = {names[name]: value for name, value in event.items() if name != "kind"}
    entry = encode_entry(event["kind"], fields, {"session_id": "s", "customer": "acme"})
    assert msgspec.json.decode(entry.event, type=AnyEvent) == msgspec.convert(event, kind)
    assert msgspec.json.decode(entry.context, type=Context) == Context(session_id="s", customer="acme")
