"""Settings of the channel `database`."""

from chatvitals.notify.channels.channel import Channel
from chatvitals.notify.channels.settings import ChannelSettings
from chatvitals.notify.surroundings import Surroundings


class DatabaseSettings(ChannelSettings, tag="database", frozen=True, kw_only=True):
    """There is nothing to set."""

    @property
    def target(self) -> str:
        return "the control store"

    def open(self, surroundings: Surroundings) -> Channel:
        from chatvitals.notify.channels.database.channel import DatabaseChannel

        return DatabaseChannel(surroundings)
