"""The channel `database`."""

import asyncio

from chatvitals.notify.message import Notification
from chatvitals.notify.surroundings import Surroundings
from chatvitals.notify.writing import encode
from chatvitals.store.control.notifications import KeptNotification


class DatabaseChannel:
    """Keeps each notification once."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._notifications = surroundings.notifications

    async def send(self, notification: Notification) -> None:
        """Keep it, unless it is there."""
        kept = KeptNotification(notification.id, notification.receiver, notification.created_ms, encode(notification))
        await asyncio.to_thread(self._notifications.keep, kept)

    async def close(self) -> None:
        """There is nothing to let go of."""
