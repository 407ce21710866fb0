"""Lengths of time as people write them: `30s`, `5m`, `1h30m`, `7d`."""

import re
from typing import Annotated

from msgspec import Meta

from chatvitals.errors import BadRequest

_UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PATTERN = "".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS_MS)

_EXPECTED = "a length of time such as 30s, 5m, 1h30m or 7d"

Duration = Annotated[
    str, Meta(pattern=rf"^(?:0|(?=[0-9]){_PATTERN})(?!\n)$", description=_EXPECTED, extra={"expected": _EXPECTED})
]
"""A length of time as a field of a document: `parse_duration` reads every text that it takes."""


def parse_duration(text: str) -> int:
    """Milliseconds of a length such as 90s or 1h30m, each unit at most once, the longest first. Raises BadRequest."""
    match = re.fullmatch(_PATTERN, text)
    if text == "0":
        return 0
    if not text or match is None:
        raise BadRequest(f"{text[:40]!r} is no length of time: write it as 30s, 5m, 1h30m or 7d")
    return sum(int(number) * unit for number, unit in zip(match.groups("0"), _UNITS_MS.values(), strict=True))


def say_duration(length_ms: int) -> str:
    """The shortest text that `parse_duration` reads as this length, which is not negative."""
    parts = []
    for name, unit in _UNITS_MS.items():
        count, length_ms = divmod(length_ms, unit)
        if count:
            parts.append(f"{count}{name}")
    return "".join(parts) or "0s"
