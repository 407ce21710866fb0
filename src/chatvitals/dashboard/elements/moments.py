"""The moments of a session's story as a list. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from chatvitals.dashboard.saying import clock_time, duration
from chatvitals.dashboard.story.lanes import Lane
from chatvitals.dashboard.story.moment import Grade, Moment


@dataclass(frozen=True, slots=True)
class ListedMoment:
    """A moment as the list has it: its anchor, its time to the millisecond, the same after the session's start, what
    happened and what follows from it, and where."""

    id: str
    at_ms: int
    clock: str
    after: str
    lasted: str
    lane: str
    page: str
    sort: str
    grade: Grade
    words: str
    meaning: str


def moment_id(place: int) -> str:
    """The anchor of a moment in the list."""
    return f"moment-{place}"


def list_moments(
    moments: Sequence[Moment], first: int, most: int, lanes: Sequence[Lane], zone: tzinfo
) -> tuple[ListedMoment, ...]:
    """At most so many moments from the one at `first` on; clock times are those of `zone`."""
    return tuple(
        _listed(place, moment, lanes[moment.lane - 1], zone)
        for place, moment in enumerate(moments[first : first + most], first)
    )


def _listed(place: int, moment: Moment, lane: Lane, zone: tzinfo) -> ListedMoment:
    lasted_ms = moment.until_ms - moment.at_ms
    return ListedMoment(
        id=moment_id(place),
        at_ms=moment.at_ms,
        clock=f"{clock_time(moment.at_ms, zone)}.{moment.at_ms % 1_000:03}",
        after=stopwatch(moment.after_ms),
        lasted=f"over {duration(lasted_ms)}" if lasted_ms else "",
        lane=lane.name,
        page=moment.page,
        sort=moment.sort.value,
        grade=moment.grade,
        words=moment.words[:1].upper() + moment.words[1:],
        meaning=moment.meaning,
    )


def stopwatch(after_ms: int) -> str:
    """As a stopwatch has it: +1:06.042."""
    seconds, ms = divmod(after_ms, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{seconds:02}.{ms:03}" if hours else f"+{minutes}:{seconds:02}.{ms:03}"
