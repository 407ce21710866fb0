"""Forgets incidents and silences that ended long ago, now and then."""

from chatvitals.store.control.leases import Lease
from chatvitals.store.control.retention import Retention

ROWS = 500
"""At a time, so that nobody waits long for the store."""
EVERY_S = 3_600.0
SOON_S = 1.0
_DAY_MS = 86_400_000


class Cleaning:
    """Of whoever has the lease."""

    def __init__(self, retention: Retention, kept_days: int) -> None:
        self._retention = retention
        self._kept_ms = kept_days * _DAY_MS

    def clean(self, lease: Lease, now_ms: int) -> float:
        """Remove some; returns in how many seconds to go on. Blocks. Raises LeaseLost."""
        return SOON_S if self._retention.clean(lease, now_ms - self._kept_ms, ROWS) else EVERY_S
