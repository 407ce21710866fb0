"""What a receiver's status means for a notification. Pure."""

from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.outgoing.client import Reply

_LATER = frozenset((408, 425, 429))
"""Refusals that pass; with them, all of 500 and above."""


def check_answer(reply: Reply) -> None:
    """Raises NotTaken unless the status is one of success."""
    status = reply.status
    if 200 <= status < 300:
        return
    if status in _LATER or status >= 500:
        raise NotTaken(f"{reply.origin} answered {status}", after_s=reply.retry_after_s)
    why = {410: ": it takes no more", 401: ": the credentials are wrong", 403: ": it is forbidden"}.get(status, "")
    if 300 <= status < 400:
        why = ": redirects are not followed, give the URL that it leads to"
    raise NotTaken(f"{reply.origin} answered {status}{why}", final=True)
