"""How far back a rule of what arrives looks. Pure.

Losses that came while nobody evaluated are to be told by whoever evaluates next, so its first window begins where the
last one that was looked at ended. What happened long ago is no news to rules by the time of events: those don't.
"""

from msgspec import structs

from chatvitals.alerting.rule import Rule

LONGEST_MS = 86_400_000
OVERLAP_MS = 10_000
"""What came just before the last evaluation may not have been readable then. It is at most a window, whose events that
evaluation saw: so nothing is told again that was over."""
_SECOND_MS = 1_000


def reaching_back(rule: Rule, last_ms: int | None, now_ms: int) -> Rule:
    """The rule as it is evaluated now, having been evaluated last at `last_ms`, None for never."""
    if not rule.by_arrival or last_ms is None or now_ms - last_ms <= rule.window_ms:
        return rule
    length_ms = now_ms - last_ms + min(OVERLAP_MS, rule.window_ms)
    whole_ms = -(-length_ms // _SECOND_MS) * _SECOND_MS
    return structs.replace(rule, window_ms=max(rule.window_ms, min(whole_ms, LONGEST_MS)))
