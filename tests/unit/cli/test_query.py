import pytest

from chatvitals.cli.query import milliseconds, query, readable
from chatvitals.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("250ms", 250),
        ("30s", 30_000),
        ("5m", 300_000),
        ("1.5h", 5_400_000),
        ("24h", 86_400_000),
        ("7d", 604_800_000),
    ],
)
def test_a_length_of_time_is_a_number_and_a_unit(text: str, length: int) -> None:
    assert milliseconds(text) == length


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5 minutes", "5x", "5mm", "5sm", "m5", "five m", "nanm", "infd", "1e400d"]
)
def test_another_text_is_no_length_of_time(text: str) -> None:
    with pytest.raises(BadRequest, match="no length of time"):
        milliseconds(text)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("", "–"), ("0", "0"), ("1234567", "1,234,567"), ("99.84", "99.84"), ("12.3456", "12.35"), ("5.0", "5")],
)
def test_numbers_are_shown_as_people_read_them(number: str, shown: str) -> None:
    assert readable(number) == shown


def test_a_filter_without_a_value_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(BadRequest, match="write it as customer=acme"):
        query(where=("customer",))
