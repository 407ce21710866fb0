"""Recurring times, such as office hours, in the local time of a zone.

A moment is turned into the zone's local time and compared with what is on its clock. So an hour that is skipped when
clocks go forward never comes, and one that comes twice when they go back counts both times.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chatvitals.errors import ChatvitalsError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip

Range = tuple[int, int]
"""Both ends are within it."""


class BadInterval(ChatvitalsError):
    """A text is no time, day, month, year or zone; the message says how it is written."""


@dataclass(frozen=True, slots=True)
class Span:
    """Times that are within each of these that is given; what is empty says nothing.

    `times` are minutes of the day, without the last one. `weekdays` count from 0 for Monday, `months` from 1,
    `days_of_month` from 1, or from -1 for the last one backwards.
    """

    times: tuple[Range, ...] = ()
    weekdays: tuple[Range, ...] = ()
    days_of_month: tuple[Range, ...] = ()
    months: tuple[Range, ...] = ()
    years: tuple[Range, ...] = ()
    zone: ZoneInfo | None = None

    def holds(self, at_ms: int) -> bool:
        """Whether the moment is within it."""
        local = datetime.fromtimestamp(at_ms / 1_000, self.zone or UTC)
        minute = local.hour * 60 + local.minute
        return (
            (not self.times or any(start <= minute < end for start, end in self.times))
            and _within(local.weekday(), self.weekdays)
            and _within(local.month, self.months)
            and _within(local.year, self.years)
            and (not self.days_of_month or self._holds_day(local))
        )

    def _holds_day(self, local: datetime) -> bool:
        length = monthrange(local.year, local.month)[1]
        return any(_day(first, length) <= local.day <= _day(last, length) for first, last in self.days_of_month)


TimeInterval = tuple[Span, ...]
"""What a name stands for: any of these."""


def holds(interval: TimeInterval, at_ms: int) -> bool:
    """Whether a moment is within an interval."""
    return any(span.holds(at_ms) for span in interval)


def _within(value: int, ranges: tuple[Range, ...]) -> bool:
    return not ranges or any(first <= value <= last for first, last in ranges)


def _day(day: int, length: int) -> int:
    return day if day > 0 else length + 1 + day


def parse_times(text: str) -> Range:
    """Minutes of the day from a text such as 09:00-17:30. Raises BadInterval."""
    start, _, end = text.partition("-")
    try:
        minutes = _minute(start.strip()), _minute(end.strip())
    except ValueError as error:
        raise BadInterval(f"{text[:40]!r} is no time of day: write it as 09:00-17:30; a day ends at 24:00") from error
    if minutes[0] >= minutes[1]:
        raise BadInterval(
            f"{text[:40]!r} ends before it begins: write what goes past midnight as two, until 24:00 and from 00:00"
        )
    return minutes


def _minute(text: str) -> int:
    hours, minutes = text[:-3], text[-2:]
    if not (len(text) == 5 and text[2] == ":" and text.isascii() and hours.isdigit() and minutes.isdigit()):
        raise ValueError(text)
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > 24 * 60:
        raise ValueError(text)
    return minute


def parse_weekdays(text: str) -> Range:
    """From a text such as monday:friday. Raises BadInterval."""
    return _range(text, WEEKDAYS.index, "a weekday, as monday, or several, as monday:friday")


def parse_months(text: str) -> Range:
    """From a text such as may, march:may or 3:5. Raises BadInterval."""
    return _range(text, _month, "a month, as may, or several, as march:may or 3:5")


def parse_years(text: str) -> Range:
    """From a text such as 2030 or 2030:2032. Raises BadInterval."""
    return _range(text, lambda word: _whole(word, 1970, 9999), "a year, as 2030, or several, as 2030:2032")


def parse_days_of_month(text: str) -> Range:
    """From a text such as 15, 1:7 or -3:-1, which is the last three. Raises BadInterval."""
    what = "a day of the month, as 15, or several, as 1:7 or -3:-1 for the last three"
    first, last = _range(text, lambda word: _whole(word, -31, 31), what, ordered=False)
    if 0 in (first, last) or (first < 0 < last) or (first > last and not last < 0 < first):
        raise BadInterval(f"{text[:40]!r} is not {what}")
    return first, last


def parse_zone(text: str) -> ZoneInfo:
    """The time zone of an IANA name such as Europe/Berlin. Raises BadInterval."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInterval(f"there is no time zone {text[:40]!r}: give an IANA name, as Europe/Berlin") from error


def _range(text: str, read: Callable[[str], int], what: str, *, ordered: bool = True) -> Range:
    first, colon, last = text.strip().lower().partition(":")
    try:
        ends = read(first), read(last if colon else first)
    except ValueError as error:
        raise BadInterval(f"{text[:40]!r} is not {what}") from error
    if ordered and ends[0] > ends[1]:
        raise BadInterval(f"{text[:40]!r} ends before it begins: write what goes past the end as two")
    return ends


def _month(word: str) -> int:
    return MONTHS.index(word) + 1 if word in MONTHS else _whole(word, 1, 12)


def _whole(word: str, least: int, most: int) -> int:
    if not word.removeprefix("-").isdecimal() or not word.isascii() or len(word) > 5 or not least <= int(word) <= most:
        raise ValueError(word)
    return int(word)
