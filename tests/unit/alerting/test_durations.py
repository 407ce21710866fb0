import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatvitals.alerting.durations import Duration, parse_duration, say_duration
from chatvitals.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "length_ms"),
    [
        ("0", 0),
        ("0s", 0),
        ("250ms", 250),
        ("30s", 30_000),
        ("5m", 300_000),
        ("90m", 5_400_000),
        ("1h30m", 5_400_000),
        ("7d", 604_800_000),
        ("1d2h3m4s5ms", 93_784_005),
    ],
)
def test_lengths_are_read(text: str, length_ms: int) -> None:
    assert parse_duration(text) == length_ms


@pytest.mark.parametrize(
    "text", ["", " ", "5", "m", "-5m", "5 m", "5M", "1.5h", "30m1h", "5m5m", "5m\n", "٥m", "1w", "9" * 10 + "s"]
)
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="30s, 5m"):
        parse_duration(text)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Duration)


@given(length_ms=st.integers(0, 10**12))
@example(length_ms=0)
def test_what_is_said_is_read_again(length_ms: int) -> None:
    said = say_duration(length_ms)
    assert parse_duration(said) == length_ms
    assert msgspec.convert(said, Duration) == said


@given(text=st.text(alphabet="0123456789dhms", max_size=8))
def test_a_field_takes_the_texts_that_can_be_read(text: str) -> None:
    try:
        parse_duration(text)
    except BadRequest:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(text, Duration)
    else:
        assert msgspec.convert(text, Duration) == text
