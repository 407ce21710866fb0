"""The course of a metric as people write it: `12x30 20 20 _ 10x5`."""

import re

from chatvitals.errors import BadRequest

MAX_VALUES = 100_000

Values = tuple[float | None, ...]
"""A value for each interval; None where nothing was measured."""

_PART = re.compile(r"(?P<value>_|-?[0-9]{1,15}(\.[0-9]{1,15})?)(x(?P<count>[0-9]{1,6}))?")


def parse_values(text: str) -> Values:
    """The values of a text: numbers, `_` for none, each followed by `x` and how often where it is repeated.

    Raises BadRequest.
    """
    values: list[float | None] = []
    for part in text.split():
        match = _PART.fullmatch(part)
        if match is None:
            raise BadRequest(f"{part[:40]!r} is no value: write 12.5 or _ for none, and 12.5x30 for thirty of them")
        value = None if match["value"] == "_" else float(match["value"])
        values += [value] * min(int(match["count"] or 1), MAX_VALUES + 1)
        if len(values) > MAX_VALUES:
            raise BadRequest(f"more than {MAX_VALUES:,} values: choose a longer interval")
    if not values:
        raise BadRequest("there are no values: write numbers, _ for none, and 12.5x30 for thirty of them")
    return tuple(values)
