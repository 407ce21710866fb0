"""What channels over HTTP have in common: a URL and headers, both of which may be secret."""

from collections.abc import Iterator, Mapping

from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.settings import Flaw
from chatvitals.notify.outgoing.url import BadUrl, parse_url
from chatvitals.notify.secrets import Secret, is_plain, reveal

_OURS = frozenset(
    (
        *("host", "content-length", "content-type", "transfer-encoding", "connection", "te", "trailer", "upgrade"),
        *("expect", "keep-alive", "proxy-authorization", "proxy-connection"),
    )
)


def check_url(field: str, url: Secret) -> Iterator[Flaw]:
    """What is wrong with a URL, as far as it stands in the settings."""
    if isinstance(url, str) and is_plain(url):
        try:
            parse_url(url)
        except BadUrl as error:
            yield Flaw((field,), f"{field} {error}")


def show_url(url: Secret) -> str:
    """Scheme, host and port of a URL, or where it is kept."""
    if not isinstance(url, str):
        return f"a URL in {url.file}"
    if not is_plain(url):
        return "a URL in the environment"
    try:
        return parse_url(url).origin
    except BadUrl:
        return "not a URL"


def check_headers(headers: Mapping[str, Secret]) -> Iterator[Flaw]:
    """What is wrong with headers that people want to be sent along."""
    for name, value in headers.items():
        if not name.isascii() or not name.replace("-", "a").replace("_", "a").isalnum():
            yield Flaw(("headers", name), f"{name[:40]!r} is not the name of a header")
        elif name.lower() in _OURS or name.lower().startswith("webhook-"):
            yield Flaw(("headers", name), f"the header {name} is not yours to set")
        elif isinstance(value, str) and not _sendable(value):
            yield Flaw(("headers", name), f"the header {name} has characters that headers can't have")


def reveal_headers(headers: Mapping[str, Secret], environment: Mapping[str, str]) -> dict[str, str]:
    """The headers as they are sent. Raises NoSecret, and NotTaken for a secret that no header can have."""
    revealed = {name: reveal(value, environment) for name, value in headers.items()}
    for name, value in revealed.items():
        if not _sendable(value):
            raise NotTaken(f"the secret for the header {name} has characters that headers can't have")
    return revealed


def _sendable(value: str) -> bool:
    return value.isascii() and value.isprintable() and value.strip() == value
