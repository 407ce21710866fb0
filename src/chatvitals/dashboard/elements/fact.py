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


MetricLink = Callable[[str], str]
"""Leads to the page of a metric, by its path."""
