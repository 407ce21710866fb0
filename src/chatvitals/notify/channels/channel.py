"""What every channel is: something that takes a notification, or says why not."""

from typing import Protocol

from chatvitals.errors import ChatvitalsError
from chatvitals.notify.message import Notification


class Channel(Protocol):
    """Sends to one place. Each is used by one task at a time."""

    async def send(self, notification: Notification) -> None:
        """Deliver it, or raise NotTaken. Anything else that is raised counts as NotTaken that may pass."""

    async def close(self) -> None:
        """Let go of connections."""


class NotTaken(ChatvitalsError):
    """It was not delivered. `final`: trying again is no use; else not before `after_s`, where it is given."""

    def __init__(self, message: str, *, final: bool = False, after_s: float | None = None) -> None:
        super().__init__(message)
        self.final = final
        self.after_s = after_s
