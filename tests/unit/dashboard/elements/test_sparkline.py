import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard.elements.sparkline import HEIGHT, WIDTH, draw_sparkline

POINTS = st.lists(st.none() | st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=70)
PLACE = re.compile(r"(-?[\d.]+) (-?[\d.]+)")


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in PLACE.findall(path)]


def subpaths(path: str) -> list[str]:
    return path.split("M")[1:]


@given(POINTS, st.booleans())
def test_every_measured_point_is_drawn_within_bounds(points: list[float | None], zero_based: bool) -> None:
    drawn = draw_sparkline(points, "ms", zero_based=zero_based)
    if drawn is None:
        assert not any(point is not None for point in points)
        return
    assert len(places(drawn.path)) == sum(point is not None for point in points)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places(drawn.path))
    assert [x for x, _ in places(drawn.path)] == sorted(x for x, _ in places(drawn.path))


@given(POINTS)
def test_gaps_stay_gaps(points: list[float | None]) -> None:
    drawn = draw_sparkline(points, "ms")
    runs = "".join("." if point is None else "x" for point in points).split(".")
    lengths = [len(run) for run in runs if run]
    assert [len(places(subpath)) for subpath in subpaths(drawn.path if drawn else "")] == lengths


@given(POINTS)
def test_what_is_greater_is_not_lower(points: list[float | None]) -> None:
    drawn = draw_sparkline(points, "ms")
    known = [point for point in points if point is not None]
    heights = [-y for _, y in places(drawn.path)] if drawn else []
    pairs = sorted(zip(known, heights, strict=True))
    assert all(left <= right for (_, left), (_, right) in pairwise(pairs))


def test_a_lone_point_is_a_dot() -> None:
    drawn = draw_sparkline([None, 3.0, None], "ms")
    assert drawn is not None
    assert subpaths(drawn.path) == [f"{WIDTH / 2:.1f} {HEIGHT / 2:.1f}h0"]


def test_a_count_that_stays_at_zero_lies_on_the_ground() -> None:
    drawn = draw_sparkline([0.0, 0.0], "count", zero_based=True)
    assert drawn is not None
    assert {y for _, y in places(drawn.path)} == {HEIGHT - 2.0}


def test_from_zero_a_small_change_is_small() -> None:
    zoomed, whole = (draw_sparkline([99.0, 100.0], "%", zero_based=zero) for zero in (False, True))
    assert zoomed is not None
    assert whole is not None
    (_, low), (_, high) = places(whole.path)
    assert abs(low - high) < 1
    (_, low), (_, high) = places(zoomed.path)
    assert low - high == HEIGHT - 4


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([8.25, None, 18.52, 14.2], "between 8.25 ms and 18.5 ms, last 14.2 ms"),
        ([5.0, 5.0], "5 ms all the time"),
    ],
)
def test_it_says_the_same_in_words(points: list[float | None], words: str) -> None:
    drawn = draw_sparkline(points, "ms")
    assert drawn is not None
    assert drawn.words == words
