"""A funnel: steps that follow each other, how many came to each, and how many were lost on the way to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.saying import plural, show


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `width` is the bar's, in percent of the first step's; the first has no step before, and lost nobody."""

    name: str
    what: str
    number: Shown
    of_all: Shown
    of_before: Shown | None
    lost: Shown | None
    width: float
    words: str


def make_funnel(steps: Sequence[tuple[str, str]], numbers: Sequence[float], noun: str) -> tuple[Step, ...]:
    """The steps by name and meaning, with the number of each; `noun` is what is counted."""
    made: list[Step] = []
    first = numbers[0] if numbers else 0.0
    before: float | None = None
    for (name, what), number in zip(steps, numbers, strict=True):
        of_all = 100 * number / first if first else None
        of_before = None if not before else 100 * number / before
        words = f"{name}: {plural(number, noun)}"
        if before is not None:
            words += f", {show(of_before, '%').said} of the step before, {show(of_all, '%').said} of all"
        made.append(
            Step(
                name,
                what,
                show(number, "count"),
                show(of_all, "%"),
                None if before is None else show(of_before, "%"),
                None if before is None else show(before - number, "count"),
                round(of_all or 0.0, 2),
                words,
            )
        )
        before = number
    return tuple(made)
