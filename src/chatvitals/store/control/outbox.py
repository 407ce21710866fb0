"""The outbox, as rows of the control store: what is to be delivered on which channel, and what became of it."""

from msgspec import Struct


class Letter(Struct, frozen=True, kw_only=True):
    """One notification for one channel of a receiver; `document` is the notification in JSON."""

    id: str
    notification: str
    receiver: str
    channel: str
    created_ms: int
    due_ms: int
    document: str
