"""The channel `console`."""

from pathlib import Path

from chatvitals.notify.channels.console.settings import ConsoleSettings
from chatvitals.notify.message import Notification
from chatvitals.notify.surroundings import Surroundings
from chatvitals.notify.templates import load_text_template
from chatvitals.notify.writing import encode


class ConsoleChannel:
    """Writes each notification in one go."""

    def __init__(self, settings: ConsoleSettings, surroundings: Surroundings) -> None:
        self._json = settings.format == "json"
        self._write = surroundings.console
        self._template = load_text_template(Path(__file__).parent, "notification.txt.j2")

    async def send(self, notification: Notification) -> None:
        """Write it."""
        self._write(encode(notification) if self._json else self._template.render(notification=notification).rstrip())

    async def close(self) -> None:
        """Others write there too."""
