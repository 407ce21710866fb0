"""Numbers, units and times in the words of people. Pure; the templates' filters are made of these."""

from datetime import UTC, datetime, tzinfo

from chatvitals.dashboard.elements.shown import Shown

NOTHING = "–"
"""Stands where nothing was measured."""

_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))
_TIMES = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))
_PLACES = ((99.95, 0), (9.995, 1), (0.9995, 2), (0.09995, 3))
_SHORT = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def show(value: float | None, unit: str, grade: str = "") -> Shown:
    """A metric's value, short; `exact` has all its digits. Units are those of the catalogue."""
    if value is None:
        return Shown(NOTHING, "", "not measured", grade or "unknown")
    match unit:
        case "bytes":
            size, name = next(pair for pair in _BYTES if abs(value) >= pair[0] or pair[0] == 1)
            return Shown(digits(value / size), name, f"{round(value):,} bytes", grade)
        case "ms" if abs(value) >= 1_000:
            return Shown(digits(value / 1_000), "s", f"{_exact(value)} ms", grade)
        case "%":
            return Shown(share(value), "%", f"{_exact(value)} %", grade)
        case "count":
            return Shown(count(value), "", f"{_exact(value)}", grade)
    return Shown(digits(value), unit, f"{_exact(value)} {unit}", grade)


def digits(value: float) -> str:
    """Three digits that count, and never fewer than stand before the point: 1,234, 62.4, 8.35, 0.004."""
    size = abs(value)
    places = next((places for bound, places in _PLACES if size >= bound), 4)
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def share(value: float) -> str:
    """A percentage: two places where they tell something, and never 100 for what isn't all, nor 0 for what is some."""
    if 99.995 <= value < 100:
        return "> 99.99"
    if 0 < value < 0.005:
        return "< 0.01"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def count(value: float) -> str:
    """A number of things: 1,234; what was weighed by sampling is told whole."""
    return f"{round(value):,}"


def short_count(value: float) -> str:
    """A number of things where space is short: 12.3 k."""
    for size, name in _SHORT:
        if abs(value) >= size:
            return f"{digits(value / size)} {name}"
    return count(value)


def plural(number: float, one: str, many: str = "") -> str:
    """1 session, 1,234 sessions."""
    return f"{count(number)} {one if round(number) == 1 else many or one + 's'}"


def duration(ms: float) -> str:
    """A length of time by its two greatest units: 3 d 4 h, 5 min, 1.2 s, 18 ms."""
    if abs(ms) < 1_000:
        return f"{digits(ms)} ms"
    if abs(ms) < 60_000:
        return f"{digits(ms / 1_000)} s"
    said: list[str] = []
    rest = round(ms / 1_000) * 1_000
    for size, name in _TIMES:
        number, rest = divmod(rest, size)
        if number and len(said) < 2:
            said.append(f"{number} {name}")
        elif said:
            break
    return " ".join(said)


def ago(moment_ms: int, now_ms: int) -> str:
    """How long ago, or in how long, by one unit: 3 min ago, in 2 h, just now."""
    distance = now_ms - moment_ms
    if abs(distance) < 2_000:
        return "just now"
    size, name = next(pair for pair in _TIMES if abs(distance) >= pair[0])
    said = f"{abs(distance) // size} {name}"
    return f"{said} ago" if distance > 0 else f"in {said}"


def exact_time(moment_ms: int, zone: tzinfo) -> str:
    """A moment to the second, with its zone: 2026-01-31 14:02:07 CET."""
    return datetime.fromtimestamp(moment_ms / 1_000, zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def clock_time(moment_ms: int, zone: tzinfo) -> str:
    """The time of day of a moment, to the second."""
    return datetime.fromtimestamp(moment_ms / 1_000, zone).strftime("%H:%M:%S")


def iso_time(moment_ms: int) -> str:
    """RFC 3339 in UTC, for machines."""
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _exact(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1_000 else f"{value:,.3f}".rstrip("0").rstrip(".")
