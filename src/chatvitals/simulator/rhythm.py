"""The daily rhythm: how busy an hour is compared with the mean of its day."""

DAY_HOURS = 24

_BUSY = (0.30, 0.18, 0.12, 0.10, 0.12, 0.20, 0.40, 0.70, 1.05, 1.35, 1.50, 1.50,
         1.40, 1.40, 1.45, 1.45, 1.40, 1.35, 1.40, 1.55, 1.60, 1.45, 1.05, 0.60)  # fmt: skip
_MEAN = sum(_BUSY) / DAY_HOURS

ACTIVITY = tuple(busy / _MEAN for busy in _BUSY)
"""By hour of the local day; its mean is 1."""


def activity(local_hour: float) -> float:
    """How busy it is at a time of day, straight between the full hours; `local_hour` may exceed 24."""
    hour, part = divmod(local_hour % DAY_HOURS, 1)
    return ACTIVITY[int(hour)] * (1 - part) + ACTIVITY[(int(hour) + 1) % DAY_HOURS] * part
