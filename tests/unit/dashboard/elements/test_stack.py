import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard.elements.stack import stack


def test_parts_lie_side_by_side_and_those_of_nothing_are_left_out() -> None:
    whole, none, rest = ("whole", 3.0, "good"), ("none", 0.0, "bad"), ("rest", 1.0, "warning")
    first, second = stack([whole, none, rest])  # type: ignore[list-item]  # the tones are literals
    assert (first.start, first.width, second.start, second.width) == (0, 75, 75, 25)
    assert second.words == "rest: 1, 25 %"


@given(st.lists(st.floats(0, 1e9), max_size=8))
def test_parts_fill_the_whole(numbers: list[float]) -> None:
    segments = stack((str(place), number, "good") for place, number in enumerate(numbers))
    assert sum(segment.width for segment in segments) == pytest.approx(100 if any(numbers) else 0, abs=0.01)
