"""A moment of a story: an event, or many alike, in plain words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Grade = Literal["", "good", "warning", "bad"]
"""How a moment is: good is worth to be seen, and nothing at all is what happens all the time."""


FRAME_MS = 16.0
"""A render that takes longer is slow, as the metric of slow renders has it."""


class Sort(StrEnum):
    """What a moment is about; each has a lane's mark of its own."""

    START = "start"
    STORAGE = "storage"
    RESTORE = "restore"
    NAVIGATION = "navigation"
    MESSAGE = "message"
    SCREEN = "screen"
    CONNECTION = "connection"
    API = "api"
    TABS = "tabs"
    LOSS = "loss"
    GAP = "gap"
    ERROR = "error"
    LEFT = "left"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one event says. `many` names those that are alike, as in "38 renders"; `value` is what they measure.

    A value in `unit` "ms" has a middle and extremes; counts ("messages", "events") are added up.
    """

    sort: Sort
    words: str
    many: str
    grade: Grade = ""
    meaning: str = ""
    value: float | None = None
    unit: Literal["ms", "messages", "events", ""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`count` events alike from `at_ms` to `until_ms` (Unix ms), in the lane of a browser tab.

    `after_ms` is the time since the session's start; `words` say what happened, `meaning` what follows from it.
    """

    at_ms: int
    until_ms: int
    after_ms: int
    lane: int
    page: str
    sort: Sort
    grade: Grade
    words: str
    meaning: str = ""
    count: int = 1
