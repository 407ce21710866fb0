from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.alerting.backtest.rules import BY_CUSTOMER, MINUTE, SLOW, START_MS

from chatvitals.alerting.backtest.accuracy import Labelled
from chatvitals.alerting.backtest.backtest import MAX_TICKS, Backtest, Moment, RuleBacktest, firing_ms, ticks_of
from chatvitals.alerting.backtest.episodes import Episode
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Rule
from chatvitals.catalogue.severities import Severity
from chatvitals.errors import BadRequest
from chatvitals.query.request import Window

HOUR = 60 * MINUTE
GOOD, BAD, FEW = Observation(10.0, 100, 10), Observation(20.0, 100, 10), Observation(20.0, 1, 1)


class History:
    """A rule sees what a function says of the minutes since the start."""

    def __init__(self, at_minute: Callable[[int], Mapping[Key, Observation]]) -> None:
        self._at_minute = at_minute
        self.asked: list[tuple[str, int, int, int]] = []

    def read_range(self, rule: Rule, from_ms: int, to_ms: int, step_ms: int) -> Iterator[Moment]:
        self.asked.append((rule.name, from_ms, to_ms, step_ms))
        for at_ms in range(from_ms, to_ms + 1, step_ms):
            yield at_ms, self._at_minute((at_ms - START_MS) // MINUTE)


def bad_from_to(*spans: tuple[int, int]) -> History:
    """One site, bad in these minutes."""
    return History(lambda minute: {("demo",): BAD if any(a <= minute < b for a, b in spans) else GOOD})


def run(backtest: Backtest, history: History) -> tuple[RuleBacktest, ...]:
    *progress, done = backtest.run(history)
    assert isinstance(done, tuple)
    fractions = [one for one in progress if isinstance(one, float)]
    assert fractions == sorted(fractions)
    assert len(fractions) == len(progress)
    return done


def over(hours: float, **more: object) -> Backtest:
    window = Window(START_MS, START_MS + round(hours * HOUR))
    return Backtest([SLOW], window, **more)  # type: ignore[arg-type]  # the tests' own words


def test_it_tells_when_a_rule_would_have_fired_how_long_and_how_often() -> None:
    (found,) = run(over(24 * 7), bad_from_to((60, 70), (600, 660)))
    assert (found.rule, found.ticks, found.fired, found.fired_per_week) == ("slow", 24 * 7 * 60 + 1, 2, 2)
    assert (found.firing_ms, found.firing_at_end, found.unknown, found.accuracy) == (70 * MINUTE, 0, 0, None)
    assert [(one.start_ms - START_MS) // MINUTE for one in found.episodes] == [60, 600]


def test_what_fires_at_the_end_is_told_and_counts_until_then() -> None:
    (found,) = run(over(2), bad_from_to((100, 10_000)))
    assert (found.firing_at_end, found.firing_ms, found.fired_per_week) == (1, 20 * MINUTE, 84)


def test_the_share_that_could_not_be_judged_is_told() -> None:
    rule = replace(SLOW, min_samples=30)
    backtest = Backtest([rule], Window(START_MS, START_MS + HOUR - 1))
    (found,) = run(backtest, History(lambda minute: {("demo",): FEW if minute < 15 else GOOD}))
    assert found.unknown == 25


def test_where_nothing_was_measured_nothing_is_known() -> None:
    (found,) = run(over(1), History(lambda _: {}))
    assert (found.fired, found.unknown, found.ticks) == (0, None, 61)


def test_labelled_incidents_measure_it_with_the_rules_window_as_tolerance() -> None:
    labelled = [
        Labelled(START_MS + 58 * MINUTE, START_MS + 59 * MINUTE),
        Labelled(START_MS + 200 * MINUTE, START_MS + 201 * MINUTE),
        Labelled(START_MS - HOUR, START_MS - 1),
    ]
    (found,) = run(over(5, labelled=labelled), bad_from_to((60, 70)))
    assert found.accuracy is not None
    assert (found.accuracy.tolerance_ms, found.accuracy.precision, found.accuracy.recall) == (300_000, 100, 50)
    (strict,) = run(over(5, labelled=labelled, tolerance_ms=0), bad_from_to((60, 70)))
    assert strict.accuracy is not None
    assert (strict.accuracy.precision, strict.accuracy.recall) == (0, 0)


def test_two_rules_stand_side_by_side() -> None:
    slower = replace(SLOW, name="slower", for_ms=15 * MINUTE)
    one, other = run(Backtest([SLOW, slower], over(2).window), bad_from_to((10, 20), (60, 90)))
    assert [(found.rule, found.fired) for found in (one, other)] == [("slow", 2), ("slower", 1)]


def test_alerts_that_have_no_data_any_more_go_on() -> None:
    history = History(lambda minute: {("demo", "a"): BAD} if minute < 5 else {})
    (found,) = run(Backtest([BY_CUSTOMER], over(1).window), history)
    assert found.firing_at_end == 1


@pytest.mark.parametrize(("every_ms", "offset_ms"), [(MINUTE, 1), (MINUTE, 59_999), (5_000, 1), (7_000, 0)])
def test_it_evaluates_when_it_would_have_live(every_ms: int, offset_ms: int) -> None:
    rule = replace(SLOW, every_ms=every_ms)
    window = Window(START_MS + offset_ms, START_MS + offset_ms + HOUR)
    ticks = ticks_of(rule, window)
    assert all(at_ms % every_ms == 0 for at_ms in ticks)
    assert window.start_ms <= ticks[0] < window.start_ms + every_ms
    assert window.end_ms - every_ms < ticks[-1] <= window.end_ms
    history = bad_from_to()
    run(Backtest([rule], window), history)
    assert history.asked == [("slow", ticks[0], ticks[-1], every_ms)]


def test_a_window_without_a_tick_has_nothing() -> None:
    history = bad_from_to()
    (found,) = run(Backtest([SLOW], Window(START_MS + 1, START_MS + 2)), history)
    assert (found.ticks, found.fired, history.asked) == (0, 0, [])


def test_more_than_a_server_does_at_a_time_is_refused_with_what_it_does() -> None:
    backtest = over(24 * 70)
    with pytest.raises(BadRequest, match=r"100,801 evaluations.*50,000.*choose 34d17h19m at most"):
        backtest.check()
    with pytest.raises(BadRequest, match="evaluations"):
        next(backtest.run(bad_from_to()))
    Backtest([SLOW], Window(START_MS, START_MS + (MAX_TICKS - 1) * MINUTE)).check()


def test_it_may_evaluate_less_often_than_live() -> None:
    quick = replace(SLOW, every_ms=1_000)
    day = Window(START_MS, START_MS + 24 * HOUR)
    with pytest.raises(BadRequest, match="86,401 evaluations"):
        Backtest([quick], day).check()
    (found,) = run(Backtest([quick], day, every_ms=MINUTE), bad_from_to((60, 70)))
    assert (found.every_ms, found.ticks, found.fired, found.firing_ms) == (MINUTE, 1_441, 1, 10 * MINUTE)
    (usual,) = run(Backtest([SLOW], day, every_ms=1_000), bad_from_to((60, 70)))
    assert usual.every_ms == MINUTE
    with pytest.raises(BadRequest, match="every is longer than the window of slow, 5m"):
        Backtest([quick], day, every_ms=6 * MINUTE).check()


def episode(start: int, length: int | None) -> Episode:
    end_ms = None if length is None else start + length
    return Episode(labels={}, start_ms=start, end_ms=end_ms, severity=Severity.WARNING)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20) | st.none()), max_size=10))
def test_time_in_which_several_fire_counts_once(spans: list[tuple[int, int | None]]) -> None:
    episodes = [episode(start, length) for start, length in sorted(spans, key=lambda span: span[0])]
    covered = {moment for start, length in spans for moment in range(start, 100 if length is None else start + length)}
    assert firing_ms(episodes, 100) == len(covered)
