"""What isn't measured, and what the widget needs to measure it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """`what` wasn't told of; `code` is what tells of it, a line or a few of the script at `place`."""

    what: str
    code: str
    note: str = ""
    place: str = "in the widget's own script"
