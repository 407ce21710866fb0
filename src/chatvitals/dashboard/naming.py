"""What the values of dimensions are called, where they don't say it themselves. Pure."""

from chatvitals.catalogue.dimensions import DIMENSIONS, OVERFLOW

_CAPS = {dimension.name: dimension.cap for dimension in DIMENSIONS}
_MANY = {"country": "countries", "os": "systems"}


def name_of(dimension: str, value: str) -> str:
    """A value for people: itself, "no customer named" where there is none, "other customers" for those past the cap."""
    if value == OVERFLOW:
        return f"other {_many(dimension)}"
    return value or f"no {dimension} named"


def explain(dimension: str, value: str) -> str:
    """What stands behind a value that is none of a page's own; empty for all others."""
    if value == OVERFLOW:
        return f"Of a site's {_many(dimension)} the first {_CAPS[dimension]:,} are told apart; these are all others."
    return "" if value else f"Events that came without a {dimension}."


def _many(dimension: str) -> str:
    return _MANY.get(dimension, f"{dimension}s")
