"""How bad it is: four severities, each graver than the one before."""

from enum import StrEnum


class Severity(StrEnum):
    """From something to know about to something to get up for."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least grave."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
