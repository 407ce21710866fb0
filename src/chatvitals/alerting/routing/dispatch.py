"""The dispatcher: about once a second, what is due to be told becomes letters in the outbox."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import structlog

from chatvitals.alerting.routing.grouping import review
from chatvitals.alerting.routing.matchers import BadMatcher, Matcher, parse_matcher
from chatvitals.alerting.routing.notifications import linked
from chatvitals.alerting.routing.placing import Placer
from chatvitals.alerting.routing.routes import Routing
from chatvitals.notify.letters import letters_of
from chatvitals.notify.message import Notification
from chatvitals.store.control.dispatches import Dispatches
from chatvitals.store.control.incidents import Entry, EntryKind
from chatvitals.store.control.leases import Lease
from chatvitals.store.control.silences import Silence

log = structlog.get_logger()


class Dispatcher:
    """Dispatches for whoever has the lease. All that it goes by is in the control store and the configuration."""

    def __init__(self, dispatches: Dispatches, routing: Callable[[], Routing], public_url: str = "") -> None:
        """`public_url` is where people open this server; without it notifications have no links."""
        self._dispatches = dispatches
        self._routing = routing
        self._public_url = public_url
        self._silences: Sequence[Silence] = ()
        self._placer = Placer(routing(), ())

    def dispatch(self, lease: Lease, now_ms: int) -> int:
        """Write the letters that are due, and return how many. Raises LeaseLost."""
        standing = self._dispatches.read(now_ms)
        placer = self._place(self._routing(), standing.silences)
        done = review(placer, standing.incidents, standing.groups, now_ms)
        letters = [
            letter
            for notification in done.notifications
            for letter in letters_of(
                self._linked(notification), placer.routing.receivers[notification.receiver], now_ms
            )
        ]
        if done.groups or letters:
            self._dispatches.write(lease, done.groups, letters, list(_entries(done.notifications)))
        return len(letters)

    def _linked(self, notification: Notification) -> Notification:
        return linked(notification, self._public_url) if self._public_url else notification

    def _place(self, routing: Routing, silences: Sequence[Silence]) -> Placer:
        """A placer for these; the one before, which knows most incidents already, where they are the same."""
        if routing is not self._placer.routing or silences != self._silences:
            self._placer = Placer(routing, list(_matchers(silences)))
            self._silences = silences
        return self._placer


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
