"""When a letter that wasn't delivered is tried again: later and later, for about a day, then never. Pure."""

FIRST_MS = 5_000
LONGEST_MS = 3_600_000
JITTER = 0.25
"""How much sooner or later than planned, so that what failed together isn't tried together."""
MAX_ATTEMPTS = 33
"""5 s, 10 s and so on to 43 min, then every hour: 23 h and a half in all."""
LONGEST_ASKED_MS = 24 * 3_600_000
"""The longest that a receiver can ask to wait."""


def wait_ms(attempts: int, after_s: float | None, chance: float) -> int | None:
    """How long to wait after so many attempts, all in vain; None to give up.

    `after_s` is what the receiver asked for at least; `chance` is in [0, 1).
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    planned_ms = min(FIRST_MS << (attempts - 1), LONGEST_MS)
    asked_ms = min(1_000 * (after_s or 0.0), LONGEST_ASKED_MS)
    return round(max(planned_ms * (1 - JITTER + 2 * JITTER * chance), asked_ms))
