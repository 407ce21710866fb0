"""The dispatcher: about once a second, what is due to be told becomes letters in the outbox."""

from collections.abc import Callable, Iterable, Iterator

import structlog

from chatvitals.alerting.routing.grouping import review
from chatvitals.alerting.routing.matchers import BadMatcher, Matcher, parse_matcher
from chatvitals.alerting.routing.routes import Routing
from chatvitals.notify.letters import letters_of
from chatvitals.notify.message import Notification
from chatvitals.store.control.dispatches import Dispatches
from chatvitals.store.control.incidents import Entry, EntryKind
from chatvitals.store.control.leases import Lease
from chatvitals.store.control.silences import Silence

log = structlog.get_logger()


class Dispatcher:
    """Dispatches for whoever has the lease. It remembers nothing: all that it goes by is in the control store."""

    def __init__(self, dispatches: Dispatches, routing: Callable[[], Routing]) -> None:
        self._dispatches = dispatches
        self._routing = routing

    def dispatch(self, lease: Lease, now_ms: int) -> int:
        """Write the letters that are due, and return how many. Raises LeaseLost."""
        routing = self._routing()
        standing = self._dispatches.read(now_ms)
        silences = list(_matchers(standing.silences))
        done = review(routing, standing.incidents, standing.groups, silences, now_ms)
        letters = [
            letter
            for notification in done.notifications
            for letter in letters_of(notification, routing.receivers[notification.receiver], now_ms)
        ]
        if done.groups or letters:
            self._dispatches.write(lease, done.groups, letters, list(_entries(done.notifications)))
        return len(letters)


def _matchers(silences: Iterable[Silence]) -> Iterator[tuple[Matcher, ...]]:
    for silence in silences:
        try:
            yield tuple(map(parse_matcher, silence.matchers))
        except BadMatcher as error:  # checked when it was added; better told than silenced
            log.error("a silence can't be read", silence=silence.id, error=str(error))


def _entries(notifications: Iterable[Notification]) -> Iterator[tuple[str, Entry]]:
    for notification in notifications:
        words = f"{notification.receiver}: {notification.reason}"
        for told in notification.incidents:
            entry = Entry(
                at_ms=notification.created_ms,
                kind=EntryKind.NOTIFIED,
                severity=told.severity,
                value=told.value,
                threshold=told.threshold,
                words=words,
            )
            yield told.incident, entry
