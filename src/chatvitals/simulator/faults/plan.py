"""Planted faults: which, from when, for how long, for what share of sessions, on which values of dimensions.

The one-line form is `slow-render,at=30s,for=5m,share=0.5,release=2.4.1`. A session's dice, not the other
sessions, decide whether it is among the share.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.simulator.faults.table import FAULTS, Fault
from chatvitals.simulator.fleet import Fleet

_TIMINGS = ("at", "for", "share")
UNIT_MS = {"ms": 1.0, "s": 1_000.0, "m": 60_000.0, "h": 3_600_000.0, "d": 86_400_000.0}


class FaultPlanError(ValueError):
    """A fault can't be planted as asked for. The message says what is possible."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """Times in ms from the start of the live traffic, negative in the backfill before it.

    `where` holds values of dimensions by their names; a browser without version stands for all its versions.
    """

    fault: Fault
    at_ms: float = 0.0
    for_ms: float = inf
    share: float = 1.0
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def until_ms(self) -> float:
        return self.at_ms + self.for_ms

    def active(self, at_ms: float) -> bool:
        return self.at_ms <= at_ms < self.until_ms

    def matches(self, dimensions: Mapping[str, str]) -> bool:
        """Tell whether no dimension has another value than the asked one; missing ones may still come."""
        return all(
            dimensions.get(name, value) == value or (name == "browser" and dimensions[name].rpartition(" ")[0] == value)
            for name, value in self.where.items()
        )


def parse_fault(text: str) -> PlannedFault:
    """Read the one-line form.

    Raises:
        FaultPlanError: with what is possible there.
    """
    name, *settings = (part.strip() for part in text.split(","))
    if name not in FAULTS:
        raise FaultPlanError(f"unknown fault {name!r}: possible are {', '.join(FAULTS)}")
    values: dict[str, str] = {}
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not equals or not value or (key not in _TIMINGS and key not in DIMENSION_NAMES):
            raise FaultPlanError(
                f"{name}: {setting!r} is not understood; possible are at=TIME, for=TIME, share=0..1, "
                f"and DIMENSION=VALUE with {', '.join(DIMENSION_NAMES)}"
            )
        if key in values:
            raise FaultPlanError(f"{name}: {key} is given twice")
        values[key] = value
    return PlannedFault(
        FAULTS[name],
        at_ms=_milliseconds(name, "at", values.pop("at", "0s")),
        for_ms=_duration(name, values.pop("for", "")),
        share=_share(name, values.pop("share", "1")),
        where=values,
    )


def _milliseconds(name: str, key: str, text: str) -> float:
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?)(ms|s|m|h|d)", text)
    if not match:
        raise FaultPlanError(f"{name}: {key}={text} is not a time; possible are numbers with {', '.join(UNIT_MS)}")
    return float(match[1]) * UNIT_MS[match[2]]


def _duration(name: str, text: str) -> float:
    if not text:
        return inf
    duration = _milliseconds(name, "for", text)
    if duration <= 0:
        raise FaultPlanError(f"{name}: for={text} has to be longer than 0")
    return duration


def _share(name: str, text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise FaultPlanError(f"{name}: share={text} has to be above 0 and at most 1")
    return share


def check_values(plan: PlannedFault, fleet: Fleet) -> None:
    """Refuse a plan for a value that this fleet doesn't have.

    Raises:
        FaultPlanError: with the values that it has.
    """
    for dimension, value in plan.where.items():
        possible = fleet.values(dimension)
        if value not in possible:
            raise FaultPlanError(
                f"{plan.fault.name}: this fleet has no {dimension} {value!r}; possible are {', '.join(possible)}"
            )
