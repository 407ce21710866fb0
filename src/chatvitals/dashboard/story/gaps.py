"""What a session's record lacks: ordinals that are missing in a tab."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chatvitals.query.session_events import SessionEvent


@dataclass(frozen=True, slots=True)
class Gap:
    """`missing` events of a tab, between `from_ms` and `until_ms` (Unix ms), with the ordinals `first` to `last`."""

    tab: int
    page: str
    from_ms: int
    until_ms: int
    first: int
    last: int

    @property
    def missing(self) -> int:
        """How many events are missing."""
        return self.last - self.first + 1


def find_gaps(events: Sequence[SessionEvent], *, from_the_start: bool = True) -> list[Gap]:
    """The gaps in each tab's ordinals, in the order of time; `from_the_start` says that 0 should be there.

    What is missing after the last event that came, nobody can see.
    """
    by_tab: dict[int, dict[int, SessionEvent]] = {}
    for event in events:
        if event.seq >= 0:
            by_tab.setdefault(event.tab, {}).setdefault(event.seq, event)
    gaps: list[Gap] = []
    for tab, own in by_tab.items():
        ordinals = sorted(own)
        if from_the_start and ordinals[0] > 0:
            first = own[ordinals[0]]
            gaps.append(Gap(tab, first.page, first.at_ms, first.at_ms, 0, ordinals[0] - 1))
        for before, after in pairwise(ordinals):
            if after > before + 1:
                last, following = own[before], own[after]
                until = max(last.at_ms, following.at_ms)
                gaps.append(Gap(tab, last.page, last.at_ms, until, before + 1, after - 1))
    return sorted(gaps, key=lambda gap: (gap.from_ms, gap.tab, gap.first))
