"""A bar that shows of what a whole is made: its parts side by side, in percent of the whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chatvitals.dashboard.saying import count, share

Tone = Literal["good", "warning", "bad", "unknown", "accent"]


@dataclass(frozen=True, slots=True)
class Segment:
    """From `start` on, `width` long, both in percent; `words` say name, number and share."""

    name: str
    start: float
    width: float
    tone: Tone
    words: str


def stack(parts: Iterable[tuple[str, float, Tone]]) -> tuple[Segment, ...]:
    """The parts that there are, by name, number and tone; nothing of nothing."""
    there = [part for part in parts if part[1] > 0]
    whole = sum(number for _, number, _ in there)
    segments: list[Segment] = []
    start = 0.0
    for name, number, tone in there:
        width = 100 * number / whole
        segments.append(
            Segment(name, round(start, 3), round(width, 3), tone, f"{name}: {count(number)}, {share(width)} %")
        )
        start += width
    return tuple(segments)
