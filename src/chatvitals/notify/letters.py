"""A notification's letters: one for each channel of its receiver, under ids that never change. Pure."""

from uuid import UUID, uuid5

from chatvitals.notify.message import Notification
from chatvitals.notify.receivers import Receiver
from chatvitals.notify.writing import encode
from chatvitals.store.control.outbox import Letter

_LETTERS = UUID("1d3c7a86-0b6f-5a3e-9a0c-52a1a5f6f3c4")


def letters_of(notification: Notification, receiver: Receiver, now_ms: int) -> list[Letter]:
    """What goes into the outbox."""
    document = encode(notification)
    return [
        Letter(
            id=str(uuid5(_LETTERS, f"{notification.id}/{channel}")),
            notification=notification.id,
            receiver=receiver.name,
            channel=channel,
            thread=notification.thread,
            created_ms=now_ms,
            due_ms=now_ms,
            document=document,
        )
        for channel in receiver.named_channels()
    ]
