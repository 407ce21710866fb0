"""Settings of the channel `apprise`."""

from chatvitals.notify.channels.channel import Channel
from chatvitals.notify.channels.settings import ChannelSettings
from chatvitals.notify.secrets import Secret, is_plain
from chatvitals.notify.surroundings import Surroundings


class AppriseSettings(ChannelSettings, tag="apprise", frozen=True, kw_only=True):
    """`url` is one of Apprise's, as `slack://…`, and a secret as a whole.

    Apprise connects by itself, past the guard of outgoing requests: its URLs are for administrators' files alone.
    """

    url: Secret

    @property
    def target(self) -> str:
        if isinstance(self.url, str) and is_plain(self.url):
            scheme, separator, _ = self.url.partition("://")
            return f"{scheme}://…" if separator and scheme.isalnum() else "not a URL"
        return "a URL in the environment" if isinstance(self.url, str) else f"a URL in {self.url.file}"

    def open(self, surroundings: Surroundings) -> Channel:
        from chatvitals.notify.channels.apprise.channel import AppriseChannel

        return AppriseChannel(self, surroundings)
