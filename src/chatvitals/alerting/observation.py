"""What was measured for one alert of a rule at one moment: values in, for the evaluation."""

from msgspec import Struct

Key = tuple[str, ...]
"""The values of a rule's `by` dimensions, in their order: which of its alerts this is."""


class Observation(Struct, frozen=True, gc=False):
    """A metric's value over the rule's window (None where nothing was measured) and what is behind it.

    `customers` is None where the rule doesn't ask for it; `reference` is the value to compare with, for degradations.
    """

    value: float | None
    n: int
    sessions: int
    customers: int | None = None
    reference: float | None = None


NOTHING = Observation(None, 0, 0, 0)
