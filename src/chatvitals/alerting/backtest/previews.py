"""Backtests that go on as long as somebody watches: each look does some more of the work, and nothing runs between.

So whoever leaves an editor, or changes the rule once more, leaves nothing behind that uses the machine.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from chatvitals.alerting.backtest.backtest import MAX_TICKS, Backtest, ReadsRange, RuleBacktest
from chatvitals.alerting.rule import Rule
from chatvitals.query.request import Window

MOST_KEPT = 16
"""Previews, under way or done; those that were looked at last are kept."""

MOST_TICKS = 3_000
"""A preview of a long time evaluates less often than live, as long as nothing between is missed."""

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000


class _Preview:
    """One backtest, and how far it has come."""

    def __init__(self, steps: Iterator[float | tuple[RuleBacktest, ...]]) -> None:
        self.working = threading.Lock()
        self._steps = steps
        self.so_far: float | RuleBacktest = 0.0

    def go_on(self, may: Callable[[], bool]) -> float | RuleBacktest:
        """Work as long as it may, one step at least."""
        while not isinstance(self.so_far, RuleBacktest):
            step = next(self._steps)
            self.so_far = step[0] if isinstance(step, tuple) else step
            if not may():
                break
        return self.so_far


class Previews:
    """Remembers them by rule and time. May be used from any thread; each preview is worked on by one at a time."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[object, ...], _Preview] = OrderedDict()

    def look(self, rule: Rule, window: Window, reader: ReadsRange, patience_s: float) -> float | RuleBacktest:
        """What the rule would have done, or how far that is, from 0 to 1, when patience is over.

        Raises BadRequest, and EngineError; then it begins anew at the next look.
        """
        key = (repr(rule), window)
        with self._lock:
            preview = self._known.pop(key, None) or _Preview(preview_of(rule, window).run(reader))
            self._known[key] = preview
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
        until = self._monotonic() + patience_s
        try:
            with preview.working:
                return preview.go_on(lambda: self._monotonic() < until)
        except Exception:
            with self._lock:
                if self._known.get(key) is preview:
                    del self._known[key]
            raise


def preview_of(rule: Rule, window: Window) -> Backtest:
    """A rule over a window, evaluated as often as live where that is not very often; over its end, where it is."""
    coarse_ms = -(-window.length_ms // MOST_TICKS // _MINUTE_MS) * _MINUTE_MS
    every_ms = min(max(rule.every_ms, coarse_ms), max(rule.every_ms, rule.window_ms))
    longest_ms = (MAX_TICKS - 1) * every_ms // _HOUR_MS * _HOUR_MS
    return Backtest([rule], Window(max(window.start_ms, window.end_ms - longest_ms), window.end_ms), every_ms)
