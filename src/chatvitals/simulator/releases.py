"""Which version of the widget a visitor gets: two that everybody has, and one that is being rolled out."""

from bisect import bisect_right
from dataclasses import dataclass

from chatvitals.simulator.dice import Dice


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the widget."""

    version: str
    script_bytes: int


PINNED = Release("2.3.2", 138_400)
STABLE = Release("2.4.0", 141_900)
NEXT = Release("2.4.1", 142_600)

RELEASES = (PINNED, STABLE, NEXT)

PINNED_SHARE = 0.12
"""Of the sessions that don't get the next release yet: pages that ask for one version by name."""

_HOUR_MS = 3_600_000
ROLLOUT_MS = (-24 * _HOUR_MS, -12 * _HOUR_MS, -4 * _HOUR_MS, 1 * _HOUR_MS, 4 * _HOUR_MS)
ROLLOUT_SHARES = (0.0, 0.01, 0.10, 0.30, 0.60, 1.0)
"""The next release's share before, between and after the stages; times from the start of the simulation."""


def next_share(at_ms: float) -> float:
    """The share of new sessions that get the next release."""
    return ROLLOUT_SHARES[bisect_right(ROLLOUT_MS, at_ms)]


def draw_release(at_ms: float, dice: Dice) -> Release:
    """Draw the version that a session starting now gets."""
    if dice.chance(next_share(at_ms)):
        return NEXT
    return PINNED if dice.chance(PINNED_SHARE) else STABLE
