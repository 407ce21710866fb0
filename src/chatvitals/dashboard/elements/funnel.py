"""A funnel: steps that follow each other, how many came to each, and how many were lost on the way to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.saying import plural, show


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `width` is the bar's, in percent of the first step's; the first has no step before, and lost nobody.

    `times` are how long it took to come there, as many as the funnel has titles for.
    """

    name: str
    what: str
    number: Shown
    of_all: Shown
    of_before: Shown | None
    lost: Shown | None
    width: float
    words: str
    times: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Steps that follow each other; `times` are the titles of theirs."""

    caption: str
    steps: tuple[Step, ...]
    times: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a step is made of: its name and meaning, how many came there, and how long that took."""

    name: str
    what: str
    number: float
    times: tuple[Shown, ...]


def make_steps(stages: Sequence[Stage], noun: str) -> tuple[Step, ...]:
    """The steps of stages in their order; `noun` is what is counted."""
    made: list[Step] = []
    first = stages[0].number if stages else 0.0
    before: float | None = None
    for stage in stages:
        of_all = 100 * stage.number / first if first else None
        of_before = None if not before else 100 * stage.number / before
        words = f"{plural(stage.number, noun)}, {show(of_all, '%').said} of all"
        made.append(
            Step(
                stage.name,
                stage.what,
                show(stage.number, "count"),
                show(of_all, "%"),
                None if before is None else show(of_before, "%"),
                None if before is None else show(before - stage.number, "count"),
                round(of_all or 0.0, 2),
                words,
                stage.times,
            )
        )
        before = stage.number
    return tuple(made)
