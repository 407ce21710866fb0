"""What events of the stored conversation say: operations, restores, page changes, losses, the probe of the storage."""

from chatvitals.catalogue.kinds import Loss, Navigation, Persistence, Restoration, Storage
from chatvitals.dashboard.saying import duration, plural
from chatvitals.dashboard.story.ledger import lost_in_words, span_of
from chatvitals.dashboard.story.moment import Sort, Told
from chatvitals.dashboard.story.reasons import because

_DONE = {"save": "saved", "restore": "read", "sync": "synchronised", "delete": "deleted", "navigation": "taken along"}
_WAY = {"save": "to", "restore": "from", "delete": "from"}


def persistence(event: Persistence) -> Told:
    """One operation on the storage."""
    place = f" {_WAY.get(event.operation, 'in')} {event.storage}" if event.storage else ""
    if not event.success:
        why = because(event.error_type)
        return Told(
            sort=Sort.STORAGE,
            words=f"{event.operation}{place} failed{why}",
            many=f"failed {event.operation}s{place}{why}",
            grade="bad",
        )
    return Told(
        sort=Sort.STORAGE,
        words=f"conversation {_DONE[event.operation]}{place} in {duration(event.duration)}",
        many=f"{event.operation}s{place}",
        value=event.duration,
        unit="ms",
    )


def restoration(event: Restoration) -> Told:
    """What a start found of the conversation."""
    counts = ""
    if event.expected is not None and event.restored is not None:
        counts = f": {event.restored} of {plural(event.expected, 'message')} found"
    if event.identity_matches is False:
        return Told(
            sort=Sort.RESTORE,
            words=f"somebody else's conversation was restored{counts}",
            many="times somebody else's conversation was restored",
            grade="bad",
            meaning="A visitor may have seen what another one wrote.",
        )
    if not event.success:
        return Told(
            sort=Sort.RESTORE,
            words=f"restore failed{because(event.cause)}{counts}",
            many=f"restores failed{because(event.cause)}",
            grade="bad",
        )
    return Told(
        sort=Sort.RESTORE,
        words=f"conversation restored in {duration(event.duration)}{counts}",
        many="times the conversation was restored",
        grade="good",
        value=event.duration,
        unit="ms",
    )


def navigation(event: Navigation) -> Told:
    """A page change."""
    way = f"{f' from {event.origin}' if event.origin else ''}{f' to {event.target}' if event.target else ''}"
    how = f" ({event.type})" if event.type else ""
    if event.preserved:
        return Told(
            sort=Sort.NAVIGATION,
            words=f"page changed{way}{how}; the conversation came along",
            many="page changes that the conversation survived",
            grade="good",
        )
    counts = ""
    if event.expected is not None and event.found is not None:
        counts = f": {event.found} of {plural(event.expected, 'message')} found"
    return Told(
        sort=Sort.NAVIGATION,
        words=f"page changed{way}{how}; the conversation did not come along{counts}",
        many="page changes that the conversation did not survive",
        grade="bad",
    )


def loss(event: Loss) -> Told:
    """Messages that are missing."""
    span = span_of(event)
    ordinals = f" ({'' if span.size == event.lost else 'among '}{span.named})" if span else ""
    lost = lost_in_words(event.hop, event.lost)
    return Told(
        sort=Sort.LOSS,
        words=f"lost: {plural(event.lost, 'message')}{ordinals} {lost}{because(event.error_type)}",
        many=f"losses at {event.hop}{because(event.error_type)}",
        grade="bad",
        meaning="" if span else "Which ordinals these have isn't told: the storage knows only how many are missing.",
        value=event.lost,
        unit="messages",
    )


_PROMISES = {
    "persist": "the widget promises to keep conversations",
    "session": "the widget promises to keep conversations for this visit",
    "ephemeral": "the widget promises to keep nothing",
}


def storage(event: Storage) -> Told:
    """The probe of what may be stored."""
    policy = f"; {_PROMISES[event.policy]}" if event.policy else ""
    if event.available:
        return Told(sort=Sort.STORAGE, words=f"storage is there{policy}", many="times storage was there")
    return Told(
        sort=Sort.STORAGE,
        words=f"storage is denied{because(event.reason)}{policy}",
        many="times storage was denied",
        grade="bad",
        meaning="Nothing that is said from here on can be kept on this device.",
    )
