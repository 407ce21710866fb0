"""A figure with its name and what it is of: what a card is without a course."""

from collections.abc import Callable
from dataclasses import dataclass

from chatvitals.dashboard.elements.shown import Shown


@dataclass(frozen=True, slots=True)
class Fact:
    """`note` says on what the figure rests, or what it is of; `href` is where more is told."""

    title: str
    value: Shown
    note: str
    href: str = ""


def sure(n: float, few: int) -> str:
    """The grade of a figure that nothing says what is good of: unknown where it is of too few samples."""
    return "" if n >= few else "unknown"


MetricLink = Callable[[str], str]
"""Leads to the page of a metric, by its path."""
