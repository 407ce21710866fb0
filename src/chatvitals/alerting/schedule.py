"""Which rules are due. Pure.

A rule is due once in each of its intervals, which are counted from the beginning of Unix time: so rules with the same
interval tick together and share their queries. Intervals that were missed are one tick, and a clock that jumps, forth
or back, is one tick too.
"""

from collections.abc import Iterable, Sequence

from chatvitals.alerting.rule import Rule


class Schedule:
    """Remembers when each rule ticked last."""

    def __init__(self) -> None:
        self._ticked: dict[str, int] = {}

    def due(self, rules: Iterable[Rule], now_ms: int) -> list[Rule]:
        """Those that haven't ticked in the interval that it is now, or never."""
        return [rule for rule in rules if self._ticked.get(rule.name) != now_ms // rule.every_ms]

    def ticked(self, rules: Iterable[Rule], now_ms: int) -> None:
        """These ticked, or tried to."""
        self._ticked |= {rule.name: now_ms // rule.every_ms for rule in rules}

    def next_ms(self, rules: Sequence[Rule], now_ms: int) -> int | None:
        """How long until one of these is due, if all that are due now tick; None where there are none."""
        return min((rule.every_ms - now_ms % rule.every_ms for rule in rules), default=None)
