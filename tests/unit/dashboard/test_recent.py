from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from chatvitals.dashboard.recent import Recent, fresh_for_s


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_shared_while_it_is_fresh() -> None:
    watch = Watch()
    recent, made = Recent(watch), iter(range(9))
    assert recent.get("a", 5, lambda: next(made)) == 0
    watch.now = 4.9
    assert recent.get("a", 5, lambda: next(made)) == 0
    assert recent.get("b", 5, lambda: next(made)) == 1
    watch.now = 5.0
    assert recent.get("a", 5, lambda: next(made)) == 2


def test_threads_that_ask_at_once_share_one_making() -> None:
    recent, go, made = Recent(), Event(), iter(range(9))

    def make() -> int:
        assert go.wait(10)
        return next(made)

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(recent.get, "a", 60, make) for _ in range(4)]
        go.set()
        assert [one.result(10) for one in asked] == [0, 0, 0, 0]


def test_an_error_is_told_and_not_kept() -> None:
    recent = Recent()

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        recent.get("a", 60, fail)
    assert recent.get("a", 60, lambda: 7) == 7


def test_what_is_kept_is_bounded() -> None:
    watch = Watch()
    recent = Recent(watch)
    for number in range(2_000):
        recent.get(number, 60, lambda: 0)
    assert len(recent._made) <= 500


def test_what_is_not_fresh_any_more_is_let_go_of() -> None:
    watch = Watch()
    recent = Recent(watch)
    recent.get("large", 5, lambda: bytes(1_000))
    watch.now = 5.0
    recent.get("another", 5, lambda: 0)
    assert list(recent._made) == ["another"]


def test_what_takes_long_to_make_is_made_once_and_fresh_when_it_is_there() -> None:
    watch = Watch()
    recent, started, go, made = Recent(watch), Event(), Event(), iter(range(9))

    def make() -> int:
        started.set()
        assert go.wait(10)
        return next(made)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(recent.get, "a", 5, make)
        assert started.wait(10)
        watch.now = 60.0
        second = pool.submit(recent.get, "a", 5, make)
        go.set()
        assert [first.result(10), second.result(10)] == [0, 0]
    watch.now = 64.9
    assert recent.get("a", 5, make) == 0
    watch.now = 65.0
    assert recent.get("a", 5, make) == 1


@pytest.mark.parametrize(
    ("window_ms", "fresh_s"), [(300_000, 2), (3_600_000, 3.6), (86_400_000, 30), (30 * 86_400_000, 30)]
)
def test_the_longer_the_window_the_longer_an_answer_is_fresh(window_ms: int, fresh_s: float) -> None:
    assert fresh_for_s(window_ms) == fresh_s


@pytest.mark.parametrize(("took_s", "fresh_s"), [(0.0, 0), (0.5, 5), (3, 30), (20, 60)])
def test_an_answer_by_its_cost_is_fresh_for_ten_times_as_long_as_it_took(took_s: float, fresh_s: float) -> None:
    watch = Watch()
    recent, made = Recent(watch), iter(range(9))

    def make() -> int:
        watch.now += took_s
        return next(made)

    assert recent.by_cost("a", make) == 0
    there = watch.now
    if fresh_s:
        watch.now = there + fresh_s - 0.1
        assert recent.by_cost("a", make) == 0
    watch.now = there + fresh_s
    assert recent.by_cost("a", make) == 1
