from collections.abc import Mapping

import pytest
from msgspec.structs import replace
from tests.unit.alerting.backtest.rules import SLOW, START_MS
from tests.unit.alerting.backtest.test_backtest import GOOD, HOUR, History, bad_from_to, over, run

from chatvitals.alerting.backtest.backtest import RuleBacktest
from chatvitals.alerting.backtest.previews import MOST_KEPT, Previews, preview_of
from chatvitals.alerting.observation import Key, Observation
from chatvitals.errors import EngineError
from chatvitals.query.request import Window

DAY = Window(START_MS, START_MS + 24 * HOUR)


def patient() -> Previews:
    return Previews(lambda: 0.0)


def impatient() -> Previews:
    """Time is over after each step."""
    seconds = iter(range(1_000_000))
    return Previews(lambda: float(next(seconds)))


def test_it_is_the_backtest_of_the_same_rule_and_time() -> None:
    found = patient().look(SLOW, DAY, bad_from_to((60, 70)), 1.0)
    assert (found,) == run(over(24), bad_from_to((60, 70)))


def test_each_look_goes_on_where_the_last_one_stopped() -> None:
    previews, history = impatient(), bad_from_to((60, 70))
    looks = [previews.look(SLOW, DAY, history, 0.0)]
    while not isinstance(looks[-1], RuleBacktest):
        looks.append(previews.look(SLOW, DAY, history, 0.0))
    progress = [one for one in looks if isinstance(one, float)]
    assert len(progress) > 10
    assert progress == sorted(progress)
    assert (looks[-1],) == run(over(24), bad_from_to((60, 70)))
    assert previews.look(SLOW, DAY, history, 0.0) is looks[-1]
    assert len(history.asked) == 1


def test_another_rule_or_time_is_another_preview() -> None:
    previews, history = patient(), bad_from_to((60, 70))
    first = previews.look(SLOW, DAY, history, 1.0)
    assert previews.look(replace(SLOW, for_ms=3 * HOUR), DAY, history, 1.0) != first
    assert previews.look(SLOW, Window(START_MS, START_MS + HOUR), history, 1.0) != first
    assert len(history.asked) == 3


def test_what_failed_begins_anew() -> None:
    failures = iter([EngineError("out of memory")])

    def look_once_in_vain(_minute: int) -> Mapping[Key, Observation]:
        for failure in failures:
            raise failure
        return {("demo",): GOOD}

    previews, history = patient(), History(look_once_in_vain)
    with pytest.raises(EngineError):
        previews.look(SLOW, DAY, history, 1.0)
    assert isinstance(previews.look(SLOW, DAY, history, 1.0), RuleBacktest)


def test_only_the_last_ones_are_kept() -> None:
    previews, history = patient(), bad_from_to()
    for days in range(1, MOST_KEPT + 2):
        previews.look(SLOW, Window(START_MS, START_MS + days * HOUR), history, 1.0)
    asked = len(history.asked)
    previews.look(SLOW, Window(START_MS, START_MS + HOUR), history, 1.0)
    assert len(history.asked) == asked + 1


def test_a_long_time_is_evaluated_less_often_but_misses_nothing() -> None:
    week = Window(START_MS, START_MS + 7 * 24 * HOUR)
    assert preview_of(SLOW, DAY).every_ms == SLOW.every_ms
    coarse = preview_of(SLOW, week)
    assert SLOW.every_ms < coarse.every_ms <= SLOW.window_ms
    coarse.check()
    brief = replace(SLOW, window_ms=30_000, every_ms=10_000)
    assert preview_of(brief, DAY).every_ms == 30_000


def test_what_has_to_be_evaluated_very_often_is_tried_over_less() -> None:
    week = Window(START_MS, START_MS + 7 * 24 * HOUR)
    hasty = preview_of(replace(SLOW, window_ms=10_000, every_ms=1_000), week)
    assert (hasty.every_ms, hasty.window.end_ms) == (10_000, week.end_ms)
    assert hasty.window.length_ms == 138 * HOUR
    hasty.check()
