from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.alerting.routing.intervals import (
    BadInterval,
    Range,
    Span,
    holds,
    parse_days_of_month,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
    parse_zone,
)

BERLIN = parse_zone("Europe/Berlin")


def moment(text: str) -> int:
    """Of a time in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


def span(**parts: str) -> Span:
    read: dict[str, Callable[[str], Range]] = {
        "times": parse_times,
        "weekdays": parse_weekdays,
        "days_of_month": parse_days_of_month,
        "months": parse_months,
        "years": parse_years,
    }
    zone = parse_zone(parts.pop("zone", "UTC"))
    return Span(zone=zone, **{name: tuple(map(read[name], text.split())) for name, text in parts.items()})


OFFICE = span(weekdays="monday:friday", times="09:00-17:30", zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("utc", "inside"),
    [
        ("2026-01-05 08:00", True),  # a Monday in winter: 09:00 in Berlin
        ("2026-01-05 07:59:59.999", False),
        ("2026-01-05 16:29:59.999", True),
        ("2026-01-05 16:30", False),
        ("2026-07-06 07:00", True),  # in summer
        ("2026-07-06 06:59", False),
        ("2026-01-03 10:00", False),  # a Saturday
        ("2026-01-04 23:30", False),  # Monday in Berlin already, but night
    ],
)
def test_office_hours_are_in_local_time(utc: str, inside: bool) -> None:
    assert OFFICE.holds(moment(utc)) is inside


def test_an_hour_that_is_skipped_never_comes() -> None:
    skipped = span(times="02:00-03:00", days_of_month="29", months="march", zone="Europe/Berlin")
    day = range(moment("2026-03-28 22:00"), moment("2026-03-29 23:00"), 60_000)
    assert not any(skipped.holds(at) for at in day)  # clocks went from 02:00 to 03:00
    assert sum(span(times="00:00-24:00", days_of_month="29", zone="Europe/Berlin").holds(at) for at in day) == 23 * 60


def test_an_hour_that_comes_twice_counts_twice() -> None:
    twice = span(times="02:00-03:00", days_of_month="25", months="10", zone="Europe/Berlin")
    day = range(moment("2026-10-24 22:00"), moment("2026-10-25 23:00"), 60_000)
    inside = [at for at in day if twice.holds(at)]
    assert inside == list(range(moment("2026-10-25 00:00"), moment("2026-10-25 02:00"), 60_000))


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])
@given(minutes=st.integers(0, 2 * 366 * 24 * 60))
def test_it_is_what_a_clock_on_the_wall_says(zone: str, minutes: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = at.astimezone(parse_zone(zone))
    written = span(times="06:30-22:15", weekdays="tuesday:thursday saturday", months="2:11", zone=zone)
    expected = "06:30" <= f"{local:%H:%M}" < "22:15" and local.weekday() in (1, 2, 3, 5) and 2 <= local.month <= 11
    assert written.holds(round(at.timestamp() * 1_000)) is expected


@pytest.mark.parametrize(
    ("days", "utc", "inside"),
    [
        ("1:5", "2026-02-05", True),
        ("1:5", "2026-02-06", False),
        ("-1", "2026-02-28", True),
        ("-1", "2028-02-28", False),
        ("-1", "2028-02-29", True),
        ("-3:-1", "2026-04-28", True),
        ("-3:-1", "2026-04-27", False),
        ("15:-1", "2026-04-15", True),
        ("31", "2026-04-30", False),
        ("30:31", "2026-02-28", False),
        ("-31", "2026-04-01", False),
    ],
)
def test_days_of_the_month_count_from_both_ends(days: str, utc: str, inside: bool) -> None:
    assert span(days_of_month=days).holds(moment(utc)) is inside


def test_all_parts_have_to_hold_and_one_of_several_spans() -> None:
    summer, winter = span(months="june:august", years="2026"), span(months="december 1:2")
    assert holds((summer, winter), moment("2026-07-01"))
    assert not holds((summer, winter), moment("2027-07-01"))
    assert holds((summer, winter), moment("2027-02-01"))
    assert holds((Span(),), moment("2027-07-01"))
    assert not holds((), moment("2027-07-01"))


@pytest.mark.parametrize(
    ("parse", "text", "read"),
    [
        (parse_times, "09:00-17:30", (540, 1_050)),
        (parse_times, " 00:00 - 24:00", (0, 1_440)),
        (parse_weekdays, "Monday:friday", (0, 4)),
        (parse_weekdays, "sunday", (6, 6)),
        (parse_months, "march:5", (3, 5)),
        (parse_years, "2030:2032", (2030, 2032)),
        (parse_days_of_month, "-3:-1", (-3, -1)),
        (parse_days_of_month, "1:-1", (1, -1)),
    ],
)
def test_how_they_are_written(parse: Callable[[str], Range], text: str, read: Range) -> None:
    assert parse(text) == read


@pytest.mark.parametrize(
    ("parse", "text", "why"),
    [
        (parse_times, "9:00-17:30", "no time of day"),
        (parse_times, "09:00", "no time of day"),
        (parse_times, "09:00-17:60", "no time of day"),
        (parse_times, "09:00-24:01", "no time of day"),
        (parse_times, "-1:00-17:00", "no time of day"),
        (parse_times, "22:00-06:00", "past midnight as two"),
        (parse_times, "22:00-22:00", "past midnight as two"),
        (parse_weekdays, "funday", "not a weekday"),
        (parse_weekdays, "monday:", "not a weekday"),
        (parse_weekdays, "friday:monday", "as two"),
        (parse_months, "13", "not a month"),
        (parse_months, "0", "not a month"),
        (parse_months, "november:february", "as two"),
        (parse_years, "30", "not a year"),
        (parse_days_of_month, "0", "not a day of the month"),
        (parse_days_of_month, "32", "not a day of the month"),
        (parse_days_of_month, "-1:5", "not a day of the month"),
        (parse_days_of_month, "5:1", "not a day of the month"),
        (parse_days_of_month, "-1:-3", "not a day of the month"),
        (parse_days_of_month, "٣", "not a day of the month"),
    ],
)
def test_what_makes_no_sense_is_refused(parse: Callable[[str], Range], text: str, why: str) -> None:
    with pytest.raises(BadInterval, match=why):
        parse(text)


@pytest.mark.parametrize("name", ["", "Europe", "Mars/Base", "../../etc/passwd", "/etc/localtime", "Europe/Berlin\0"])
def test_only_zones_that_exist_are_read(name: str) -> None:
    with pytest.raises(BadInterval, match="no time zone"):
        parse_zone(name)
