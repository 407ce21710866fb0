"""What is wrong with a server now: what happened, what was kept, and what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatvitals.dashboard.saying import duration, plural, show
from chatvitals.dashboard.system_state import SystemState
from chatvitals.store.control.outbox import ChannelHealth

LATE_MS = 10_000
"""Events are seen about a second after they came; with this delay somebody notices."""
FULL = 0.8
"""Share of the spool, or of the disk, from which on it is time to do something."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """`grade` is warning or bad; `href` is where it can be handled, if there is such a place."""

    grade: str
    what: str
    todo: str
    href: str = ""


def troubles_of(
    state: SystemState, channels: Sequence[ChannelHealth], failing_rules: int, now_ms: int
) -> tuple[Trouble, ...]:
    """The worst first."""
    found = [*_writing(state, now_ms), *_disk(state), *_alerting(state, channels, failing_rules)]
    return tuple(sorted(found, key=lambda one: one.grade != "bad"))


def _writing(state: SystemState, now_ms: int) -> Iterator[Trouble]:
    writing = state.writing
    if writing.store_failure:
        yield Trouble(
            "bad",
            f"The events store takes no writes: {writing.store_failure}",
            "What comes is accepted and kept in the spool, and will be written once the store takes it again.",
        )
    if writing.spool_failure:
        yield Trouble(
            "bad",
            f"The spool can't be written: {writing.spool_failure}",
            "Batches are refused with 503; browsers keep them and try again. Look at the data directory's disk.",
        )
    used = writing.waiting_bytes / writing.waiting_most_bytes
    if used >= FULL:
        yield Trouble(
            "bad" if used >= 1 else "warning",
            f"The spool is {show(used * 100, '%').text} % full",
            "When it is full, batches are refused with 503. More room: max_spool_bytes.",
        )
    if not writing.store_failure and writing.oldest_ms is not None and now_ms - writing.oldest_ms > LATE_MS:
        yield Trouble(
            "warning",
            f"Events have waited {duration(now_ms - writing.oldest_ms)} to be written",
            "More comes than the store takes: is the machine busy with something else?",
        )
    if state.damaged:
        yield Trouble(
            "bad",
            f"{plural(len(state.damaged), 'part')} of the events store could not be read at the start and"
            f" {'was' if len(state.damaged) == 1 else 'were'} set aside: {', '.join(state.damaged[:5])}",
            "Their events are missing from every answer. They lie in the detached folders of the data directory; check"
            " the disk, and restore them from a backup.",
        )


def _disk(state: SystemState) -> Iterator[Trouble]:
    used = 1 - state.disk_free_bytes / state.disk_bytes
    if used >= FULL:
        yield Trouble(
            "bad" if used >= 0.95 else "warning",
            f"The disk has {show(state.disk_free_bytes, 'bytes').said} left",
            "When it is full, batches are refused. Free some, or keep raw events for fewer days: raw_retention_days.",
        )


def _alerting(state: SystemState, channels: Sequence[ChannelHealth], failing_rules: int) -> Iterator[Trouble]:
    if not state.alerting.holder:
        yield Trouble("bad", "No server evaluates alerts", "One takes it on within seconds; if none does, see its log.")
    if failing_rules:
        yield Trouble(
            "bad",
            f"{plural(failing_rules, 'alert rule')} can't be evaluated",
            "Their alerts stay as they were.",
            "/dashboard/rules",
        )
    dead = sum(channel.dead for channel in channels)
    if dead:
        yield Trouble(
            "bad",
            f"{plural(dead, 'notification')} could not be delivered and {'was' if dead == 1 else 'were'} given up",
            "They can be sent again.",
            "/dashboard/outbox?status=dead",
        )
