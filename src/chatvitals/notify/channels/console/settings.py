"""Settings of the channel `console`."""

from typing import Literal

from chatvitals.notify.channels.channel import Channel
from chatvitals.notify.channels.settings import ChannelSettings
from chatvitals.notify.surroundings import Surroundings


class ConsoleSettings(ChannelSettings, tag="console", frozen=True, kw_only=True):
    """`text` for people, `json` for whoever collects the output: one notification a line."""

    format: Literal["text", "json"] = "text"

    @property
    def target(self) -> str:
        return f"standard error, {self.format}"

    def open(self, surroundings: Surroundings) -> Channel:
        from chatvitals.notify.channels.console.channel import ConsoleChannel

        return ConsoleChannel(self, surroundings)
