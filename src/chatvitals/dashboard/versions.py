"""The order of releases by their names: that of Semantic Versioning 2.0.0, and a sensible one for other names."""

import re
from collections.abc import Iterable

_PIECE = re.compile(r"\d+|[^\d.\-+]+")

Piece = tuple[bool, int, str]
"""A number comes before a word."""


def newest_first(names: Iterable[str]) -> list[str]:
    """2.10.0, 2.10.0-rc.1, 2.9.4."""
    return sorted(names, key=lambda name: (_key(name), name), reverse=True)


def _key(name: str) -> tuple[list[Piece], bool, list[Piece]]:
    """The parts of a version; without a pre-release it is above those that have one."""
    version, _, pre_release = name.removeprefix("v").partition("+")[0].partition("-")
    return _pieces(version), not pre_release, _pieces(pre_release)


def _pieces(text: str) -> list[Piece]:
    return [(False, int(piece), "") if piece.isdecimal() else (True, 0, piece) for piece in _PIECE.findall(text)]
