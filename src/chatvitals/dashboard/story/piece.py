"""A piece of a story: what an event says, with its time and place."""

from dataclasses import dataclass

from chatvitals.dashboard.story.moment import Told


@dataclass(frozen=True, slots=True)
class Piece:
    """`until_ms` is later than `at_ms` where it isn't known when within that time it happened. Unix ms."""

    at_ms: int
    until_ms: int
    lane: int
    page: str
    told: Told
