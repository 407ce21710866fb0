from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard import saying

NOW_MS = 1_790_000_000_000


@pytest.mark.parametrize(
    ("value", "unit", "said", "exact"),
    [
        (18.523, "ms", "18.5 ms", "18.523 ms"),
        (0.00421, "ms", "0.0042 ms", "0.00421 ms"),
        (999.4, "ms", "999 ms", "999.4 ms"),
        (1_234.5, "ms", "1.23 s", "1,234.5 ms"),
        (62_447_000, "bytes", "62.4 MB", "62,447,000 bytes"),
        (0, "bytes", "0 B", "0 bytes"),
        (999, "bytes", "999 B", "999 bytes"),
        (99.8412, "%", "99.84 %", "99.8412 %"),
        (100.0, "%", "100 %", "100 %"),
        (1_234, "count", "1,234", "1,234"),
        (0, "count", "0", "0"),
        (58.25, "fps", "58.2 fps", "58.25 fps"),
        (None, "ms", "–", "not measured"),
    ],
)
def test_values_are_short_and_whole(value: float | None, unit: str, said: str, exact: str) -> None:
    shown = saying.show(value, unit)
    assert (shown.said, shown.exact) == (said, exact)


def test_what_was_not_measured_is_unknown_never_good() -> None:
    assert saying.show(None, "%").grade == "unknown"


@given(st.floats(0, 100, exclude_min=True, exclude_max=True))
def test_what_is_not_all_is_never_called_all_nor_some_none(value: float) -> None:
    assert saying.share(value) not in ("0", "100", "-0")


@given(st.floats(-1e12, 1e12, allow_nan=False))
def test_digits_say_the_value_to_a_half_percent(value: float) -> None:
    said = float(saying.digits(value).replace(",", ""))
    assert abs(said - value) <= max(abs(value) * 0.0051, 0.00005)


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (18, "18 ms"),
        (1_200, "1.2 s"),
        (59_999, "60 s"),
        (60_000, "1 min"),
        (3_660_000, "1 h 1 min"),
        (3_605_000, "1 h"),
        (273_600_000, "3 d 4 h"),
    ],
)
def test_lengths_of_time_have_two_units_at_most(ms: float, said: str) -> None:
    assert saying.duration(ms) == said


@pytest.mark.parametrize(
    ("distance_ms", "said"),
    [(500, "just now"), (-500, "just now"), (65_000, "1 min ago"), (-7_200_000, "in 2 h"), (3 * 86_400_000, "3 d ago")],
)
def test_times_are_told_from_now(distance_ms: int, said: str) -> None:
    assert saying.ago(NOW_MS - distance_ms, NOW_MS) == said


def test_exact_times_name_their_zone() -> None:
    assert saying.exact_time(1_767_225_600_000, ZoneInfo("Europe/Berlin")) == "2026-01-01 01:00:00 CET"
    assert saying.iso_time(1_767_225_600_001) == "2026-01-01T00:00:00.001Z"


@pytest.mark.parametrize(("number", "said"), [(1, "1 session"), (0, "0 sessions"), (1_234.4, "1,234 sessions")])
def test_one_is_no_plural(number: float, said: str) -> None:
    assert saying.plural(number, "session") == said


@pytest.mark.parametrize(("number", "said"), [(12_345, "12.3 k"), (999, "999"), (1_500_000, "1.5 M"), (2e9, "2 G")])
def test_axes_have_short_numbers(number: float, said: str) -> None:
    assert saying.short_count(number) == said
