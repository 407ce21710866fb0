"""What is said over the live WebSocket, each message one JSON object; `docs/reference/live.md` tells it to clients."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

MAX_PIECES = 2_000


class Look(Struct, forbid_unknown_fields=True, rename="camel"):
    """From a page: what it shows, path and query, the digests of the fragments that it has, and from when they are."""

    url: Annotated[str, Meta(max_length=8_000)]
    have: Annotated[dict[str, str], Meta(max_length=MAX_PIECES)] = {}
    at_ms: int = 0


class Pulse(Struct, tag_field="type", tag="pulse", rename="camel", frozen=True):
    """Every few seconds: the server's time, when it wrote events last, and what keeps it from being up to date."""

    at_ms: int
    written_ms: int | None
    problem: str


class Fragments(Struct, tag_field="type", tag="fragments", rename="camel", frozen=True):
    """What changed of the page at `url`: HTML by id."""

    at_ms: int
    url: str
    fragments: dict[str, str]


class Values(Struct, tag_field="type", tag="values", rename="camel", frozen=True):
    """All figures and alerts, as `GET /api/monitoring/widget` answers."""

    at_ms: int
    answer: msgspec.Raw


class Trouble(Struct, tag_field="type", tag="trouble", rename="camel", frozen=True):
    """Why what is looked at can't be made now."""

    at_ms: int
    detail: str


def encode(message: Any) -> str:
    """A message as text."""
    return msgspec.json.encode(message).decode()
