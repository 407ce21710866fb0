"""Deliveries for the tests of the ingest steps."""

from typing import Any

import msgspec
from tests.unit.events import NOW_MS

from chatvitals.catalogue.dimensions import Context
from chatvitals.catalogue.kinds import AnyEvent, Event
from chatvitals.ingest.delivery import Delivery
from chatvitals.store.control.sites import Site

SITE = Site("acme", bytes(range(32)), ("*",))
OTHER_SITE = Site("globex", bytes(range(1, 33)), ("*",))


def event_of(kind: str = "render", **fields: Any) -> Event:
    """An event of a kind, `timestamp` NOW_MS unless given, a render by default."""
    if kind == "render":
        fields.setdefault("renderTime", 8.0)
    event: Event = msgspec.convert({"kind": kind, "timestamp": NOW_MS, **fields}, AnyEvent)
    return event


def renders_at(*times: float) -> list[Event]:
    return [event_of(timestamp=time) for time in times]


def delivery_of(*events: Event, context: dict[str, Any] | None = None, **fields: Any) -> Delivery:
    """A delivery of these events, received as soon as it was sent."""
    head: dict[str, Any] = {"received_ms": NOW_MS, "sent_ms": NOW_MS, "sample": 1.0}
    return Delivery(
        site=fields.pop("site", SITE),
        batch=fields.pop("batch", b"b" * 16),
        context=Context(**(context or {})),
        events=list(events),
        **(head | fields),
    )
