import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.alerting.trial.values import MAX_VALUES, parse_values
from chatvitals.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("12", (12,)),
        ("12x3 20.5 _ 10x2", (12, 12, 12, 20.5, None, 10, 10)),
        ("_x2 -1 0x1", (None, None, -1, 0)),
        ("  1\n 2  ", (1, 2)),
    ],
)
def test_values_are_numbers_or_nothing_and_may_be_repeated(text: str, values: tuple[float | None, ...]) -> None:
    assert parse_values(text) == values


@pytest.mark.parametrize("text", ["", "  ", "x3", "12y3", "1x", "nan", "inf", "1e400", "1,5", "12x3x4", "__", "1 two"])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="value"):
        parse_values(text)


@pytest.mark.parametrize("text", [f"1x{MAX_VALUES + 1}", "1x60000 1x60000", "1x999999 2x999999"])
def test_values_are_bounded(text: str) -> None:
    with pytest.raises(BadRequest, match="more than 100,000 values"):
        parse_values(text)
    assert len(parse_values(f"1x{MAX_VALUES}")) == MAX_VALUES


@given(st.lists(st.tuples(st.none() | st.integers(-1000, 1000), st.integers(1, 20)), min_size=1, max_size=20))
def test_written_values_are_read_as_they_were_meant(parts: list[tuple[int | None, int]]) -> None:
    text = " ".join(f"{'_' if value is None else value}x{count}" for value, count in parts)
    assert parse_values(text) == tuple(value for value, count in parts for _ in range(count))
