"""What can go wrong in a session, gravest first. Sessions are ranked by it: this order says which is worse."""

from dataclasses import dataclass

from chatvitals.catalogue.measures import MEASURES_BY_NAME


@dataclass(frozen=True, slots=True)
class Trouble:
    """Events of `kind` for which `where` is true; one and many of them in words.

    `counted` is SQL of how many things one event stands for, where that isn't one; `why` is the column that names its
    reason.
    """

    name: str
    kind: str
    where: str
    one: str
    many: str
    why: str = ""
    counted: str = ""

    @property
    def sql(self) -> str:
        """SQL that is true for the events."""
        return f"kind = '{self.kind}' AND {self.where}"

    @property
    def count_sql(self) -> str:
        """SQL of how many things of some events went wrong so."""
        return f"sumIf({self.counted}, {self.sql})" if self.counted else f"countIf({self.sql})"


def _measured(name: str, measure: str, one: str, many: str, why: str = "", counted: str = "") -> Trouble:
    """The events of a measure of the catalogue."""
    known = MEASURES_BY_NAME[measure]
    return Trouble(name, known.kind, known.where, one, many, why, counted)


TROUBLES: tuple[Trouble, ...] = (
    _measured("loss", "loss.incidents", "message lost", "messages lost", "error_type", "greatest(count1, 0)"),
    _measured("identity", "restoration.wrongIdentity", "wrong conversation restored", "wrong conversations restored"),
    Trouble("restore", "restoration", "success = 0 AND flag != 0", "failed restore", "failed restores", "detail"),
    Trouble("navigation", "navigation", "success = 0", "page change not survived", "page changes not survived"),
    Trouble("storage", "persistence", "success = 0", "failed operation", "failed operations", "error_type"),
    _measured("boot", "boot.failed", "failed start", "failed starts", "detail"),
    _measured("connection", "connection.unrecovered", "gap not recovered", "gaps not recovered"),
    _measured("stream", "stream.truncated", "answer cut off", "answers cut off"),
    _measured("error", "error.all", "error", "errors", "error_type"),
    _measured("api", "api.failed", "failed call", "failed calls", "detail"),
    _measured("sync", "tabSync.failed", "change not seen in another tab", "changes not seen in another tab"),
    _measured("render", "render.slow", "slow render", "slow renders"),
)
"""A session with more of one trouble is worse than any with fewer of it, whatever of those below it they have."""

TROUBLES_BY_NAME: dict[str, Trouble] = {trouble.name: trouble for trouble in TROUBLES}
