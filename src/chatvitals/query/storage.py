"""What browsers let the widget store: the census of its probes, and how operations went in each storage area.

A probe is one `storage` event; widgets send one at each start, so all figures of the census count starts.
"""

from dataclasses import dataclass

from chatvitals.catalogue.measures import Measure
from chatvitals.query.figures import Key
from chatvitals.query.request import Question
from chatvitals.query.tally import Tally, tally_all, tally_by
from chatvitals.store.events.engine import Engine

NEAR_LIMIT = 80
"""From this share of its quota on, in percent, a storage is near its limit."""

PROBES = Measure("probes", "storage")
CAN_STORE = Measure("canStore", "storage", where="success = 1")
CANNOT_STORE = Measure("cannotStore", "storage", where="success = 0")
PERSISTENCE_KNOWN = Measure("persistenceKnown", "storage", where="flag >= 0")
PERSISTED = Measure("persisted", "storage", where="flag = 1")
QUOTA = Measure("quota", "storage", "bytes_limit", "bytes_limit >= 0", distribution=True)
USAGE = Measure("usage", "storage", "bytes", "bytes >= 0", distribution=True)
_QUOTA_KNOWN = "bytes >= 0 and bytes_limit > 0"
FILLED = Measure("filled", "storage", "100. * bytes / bytes_limit", _QUOTA_KNOWN, distribution=True)
FILLED_NEAR_LIMIT = Measure(
    "filledNearLimit", "storage", where=f"{_QUOTA_KNOWN} and 100. * bytes / bytes_limit >= {NEAR_LIMIT}"
)

CENSUS = (
    PROBES,
    CAN_STORE,
    CANNOT_STORE,
    PERSISTENCE_KNOWN,
    PERSISTED,
    QUOTA,
    USAGE,
    FILLED,
    FILLED_NEAR_LIMIT,
)

OPERATIONS = Measure("operations", "persistence", "duration", distribution=True)
SUCCEEDED = Measure("succeeded", "persistence", where="success = 1")
FAILED = Measure("failed", "persistence", where="success = 0")
QUOTA_USED = Measure("quotaUsed", "persistence", "100. * number1", "not isNaN(number1)", distribution=True)
QUOTA_NEARLY_USED = Measure("quotaNearlyUsed", "persistence", where=f"100. * number1 >= {NEAR_LIMIT}")

WORK = (OPERATIONS, SUCCEEDED, FAILED, QUOTA_USED, QUOTA_NEARLY_USED)


@dataclass(frozen=True, slots=True)
class Census:
    """The probes of a window: all, by a dimension, by declared policy, and by why nothing can be stored."""

    whole: Tally
    parts: dict[Key, Tally]
    policies: dict[Key, Tally]
    refusals: dict[Key, Tally]


@dataclass(frozen=True, slots=True)
class Work:
    """The operations of a window: all, by area, by area and operation, by browser and area, by area and error."""

    whole: Tally
    areas: dict[Key, Tally]
    operations: dict[Key, Tally]
    browsers: dict[Key, Tally]
    errors: dict[Key, Tally]


def take_census(engine: Engine, question: Question, by: str) -> Census:
    """What the probes of a window found; `by` is a dimension. Raises EngineError."""
    return Census(
        tally_all(engine, question, CENSUS),
        tally_by(engine, question, CENSUS, by),
        tally_by(engine, question, (PROBES,), "label"),
        {
            key: refused
            for key, refused in tally_by(engine, question, (CANNOT_STORE,), "detail").items()
            if refused.count(CANNOT_STORE)
        },
    )


def measure_work(engine: Engine, question: Question) -> Work:
    """How the operations of a window went. Raises EngineError."""
    return Work(
        tally_all(engine, question, WORK),
        tally_by(engine, question, WORK, "detail"),
        tally_by(engine, question, (OPERATIONS, SUCCEEDED), "detail", "label"),
        tally_by(engine, question, (OPERATIONS, SUCCEEDED, FAILED), "browser", "detail"),
        {
            key: failed
            for key, failed in tally_by(engine, question, (FAILED,), "detail", "error_type").items()
            if failed.count(FAILED)
        },
    )
