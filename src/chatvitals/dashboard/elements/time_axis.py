"""A time axis on which long idle times take little room. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

IDLE_MS = 120_000
"""When nothing happens for longer than this, the axis has a break."""
MOST_BREAKS = 6
BREAK_WIDTH = 36.0
"""How wide a break is drawn, in the units of the drawing."""
TICK_WIDTH = 96.0
"""Ticks are at least so far apart, so that their times can be read."""

_TICK_STEPS_MS = (
    *(1, 10, 100, 250, 500),
    *(1_000, 2_000, 5_000, 10_000, 15_000, 30_000),
    *(60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time without a break, and where it is drawn."""

    starts_ms: int
    ends_ms: int
    left: float
    right: float

    def x(self, at_ms: int) -> float:
        """Where a time is drawn; times outside of the stretch are at its ends."""
        length_ms = self.ends_ms - self.starts_ms
        share = min(max((at_ms - self.starts_ms) / length_ms, 0.0), 1.0) if length_ms else 0.0
        return self.left + share * (self.right - self.left)


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Stretches from left to right, with a break between each two."""

    stretches: tuple[Stretch, ...]

    def x(self, at_ms: int) -> float:
        """Where a time is drawn; one in a break is where that begins."""
        place = bisect_right(self.stretches, at_ms, key=lambda stretch: stretch.starts_ms)
        return round(self.stretches[max(place - 1, 0)].x(at_ms), 1)

    def breaks(self) -> list[tuple[float, int]]:
        """The middle of each break, and how long nothing happened, in ms."""
        return [
            (round((before.right + after.left) / 2, 1), after.starts_ms - before.ends_ms)
            for before, after in pairwise(self.stretches)
        ]

    def ticks(self) -> list[tuple[float, int]]:
        """Where round times are, at least a tick's width apart, each stretch's beginning among them."""
        ticks: list[tuple[float, int]] = []
        for stretch in self.stretches:
            for at_ms in (stretch.starts_ms, *_round_times(stretch)):
                x = round(stretch.x(at_ms), 1)
                if not ticks or x - ticks[-1][0] >= TICK_WIDTH:
                    ticks.append((x, at_ms))
        return ticks


def _round_times(stretch: Stretch) -> Sequence[int]:
    length_ms, width = stretch.ends_ms - stretch.starts_ms, stretch.right - stretch.left
    step_ms = next((step for step in _TICK_STEPS_MS if step * width >= TICK_WIDTH * length_ms), _TICK_STEPS_MS[-1])
    first = -(-stretch.starts_ms // step_ms) * step_ms
    return range(first, stretch.ends_ms + 1, step_ms)


def make_axis(times_ms: Sequence[int], left: float, right: float) -> TimeAxis:
    """An axis for times in order, of which there is at least one, between two ends of a drawing."""
    idle = sorted((pair for pair in pairwise(times_ms) if pair[1] - pair[0] > IDLE_MS), key=lambda p: p[0] - p[1])
    breaks = sorted(idle[:MOST_BREAKS])
    starts = [times_ms[0], *(after for _, after in breaks)]
    ends = [*(before for before, _ in breaks), times_ms[-1]]
    room = right - left - BREAK_WIDTH * len(breaks)
    least = room / 4 / len(starts)
    busy_ms = sum(ends) - sum(starts)
    stretches: list[Stretch] = []
    for start, end in zip(starts, ends, strict=True):
        share = (end - start) / busy_ms if busy_ms else 1 / len(starts)
        width = least + share * (room - least * len(starts))
        stretches.append(Stretch(start, end, left, left + width))
        left += width + BREAK_WIDTH
    return TimeAxis(tuple(stretches))
