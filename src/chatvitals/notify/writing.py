"""Notifications as JSON, as the outbox and the channel `database` keep them."""

import msgspec

from chatvitals.notify.message import Notification

_decoder = msgspec.json.Decoder(Notification)


def encode(notification: Notification) -> str:
    """The notification as a JSON document."""
    return msgspec.json.encode(notification).decode()


def decode(document: str) -> Notification:
    """The notification in a document. Raises msgspec.MsgspecError for one that nobody of ours wrote."""
    return _decoder.decode(document)
