from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events import NOW_MS

from chatvitals.errors import BadRequest
from chatvitals.query.request import (
    FILTERABLE,
    MAX_FILTER_VALUES,
    MAX_WINDOW_MS,
    Question,
    Window,
    parse_filters,
    parse_time,
    parse_whole,
    parse_window,
    refuse_unknown,
)

NOON = "2026-01-01T12:00:00Z"


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0", 0),
        (str(NOW_MS), NOW_MS),
        (NOON, NOW_MS),
        ("2026-01-01T12:00:00+00:00", NOW_MS),
        ("2026-01-01T13:30:00+01:30", NOW_MS),
        ("2026-01-01T12:00:00.250Z", NOW_MS + 250),
        ("2026-01-01 12:00:00Z", NOW_MS),
        ("2026-01-01T12:00:00", NOW_MS),
        ("2026-01-01", NOW_MS - 12 * 3_600_000),
    ],
)
def test_times_are_milliseconds_or_rfc_3339(text: str, moment: int) -> None:
    assert parse_time(text, "from") == moment


@pytest.mark.parametrize(
    "text", ["", "now", "noon", "1e12", "12.5", "-1", "2026-13-01", "9" * 16, "٣", "9999-12-31", "x" * 999]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse_time(text, "from")
    assert refusal.value.field == "from"
    assert len(str(refusal.value)) < 200


@given(moment=st.integers(0, 4_102_444_800_000_000).map(_moment), minutes=st.integers(-720, 720))
def test_every_rfc_3339_time_is_read(moment: datetime, minutes: int) -> None:
    zoned = moment.astimezone(timezone(timedelta(minutes=minutes)))
    exact = (zoned - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)
    assert abs(parse_time(zoned.isoformat(), "to") - exact) <= 0.5


def test_the_window_is_the_last_five_minutes_by_default() -> None:
    assert parse_window({}, NOW_MS) == Window(NOW_MS - 300_000, NOW_MS)


@pytest.mark.parametrize(
    ("parameters", "window"),
    [
        ({"window": "60000"}, Window(NOW_MS - 60_000, NOW_MS)),
        ({"from": str(NOW_MS - 5)}, Window(NOW_MS - 5, NOW_MS)),
        ({"to": str(NOW_MS - 5)}, Window(NOW_MS - 300_005, NOW_MS - 5)),
        ({"from": "2026-01-01T11:00:00Z", "to": NOON}, Window(NOW_MS - 3_600_000, NOW_MS)),
        ({"from": str(NOW_MS - MAX_WINDOW_MS), "to": NOON}, Window(NOW_MS - MAX_WINDOW_MS, NOW_MS)),
    ],
)
def test_a_window_is_a_length_or_two_times(parameters: dict[str, str], window: Window) -> None:
    assert parse_window(parameters, NOW_MS) == window


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"window": "999"}, "window"),
        ({"window": "-300000"}, "window"),
        ({"window": "5m"}, "window"),
        ({"window": ""}, "window"),
        ({"window": str(MAX_WINDOW_MS + 1)}, "window"),
        ({"window": "60000", "from": "0"}, "window"),
        ({"window": "60000", "to": NOON}, "window"),
        ({"from": NOON, "to": NOON}, "from"),
        ({"from": NOON, "to": "0"}, "from"),
        ({"from": str(NOW_MS - MAX_WINDOW_MS - 1), "to": NOON}, "from"),
        ({"from": "", "to": NOON}, "from"),
        ({"to": "soon"}, "to"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(parameters: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse_window(parameters, NOW_MS)
    assert refusal.value.field == field


@given(text=st.text(max_size=20))
def test_any_text_as_a_window_is_read_or_refused(text: str) -> None:
    for name in ("window", "from", "to"):
        try:
            window = parse_window({name: text}, NOW_MS)
        except BadRequest:
            continue
        assert window.start_ms < window.end_ms


def test_the_window_before_ends_where_this_one_starts() -> None:
    assert Window(100, 130).previous() == Window(70, 100)


def test_the_same_filter_several_times_means_any_of_its_values() -> None:
    pairs = [("customer", "acme"), ("window", "5"), ("customer", "globex"), ("release", ""), ("site", "demo")]
    assert parse_filters(pairs) == {"customer": ("acme", "globex"), "release": ("",), "site": ("demo",)}


def test_filters_have_an_end() -> None:
    parse_filters([("page", str(number)) for number in range(MAX_FILTER_VALUES)])
    with pytest.raises(BadRequest):
        parse_filters([("page", str(number)) for number in range(MAX_FILTER_VALUES + 1)])


def test_a_misspelt_parameter_does_not_pass_for_none() -> None:
    refuse_unknown(["window", *FILTERABLE], ("window",))
    with pytest.raises(BadRequest, match="customer"):
        refuse_unknown(["custommer"], ("window",))


@pytest.mark.parametrize("text", ["1", "50", "-3"])
def test_a_whole_number_within_its_bounds_is_read(text: str) -> None:
    assert parse_whole(text, "limit", -3, 50) == int(text)


@pytest.mark.parametrize("text", ["-4", "51", "1.5", "", " 1", "1_0", "0x1", "9" * 30])
def test_another_number_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_whole(text, "limit", -3, 50)


def test_a_question_can_be_asked_of_another_window_and_without_a_filter() -> None:
    question = Question(Window(0, 1), {"page": ("/",), "site": ("demo",)})
    assert question.over(Window(5, 6)) == Question(Window(5, 6), question.filters)
    assert question.without("page").filters == {"site": ("demo",)}
