"""The one source of time. Everything that needs the time gets a `Clock`; tests pass one that stands still."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns the time as Unix milliseconds."""


def system_clock() -> int:
    """The machine's time, Unix milliseconds."""
    return time.time_ns() // 1_000_000
