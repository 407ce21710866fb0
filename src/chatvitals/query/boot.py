"""The start-up funnel: how many starts of the widget came how far, why some failed, and how long they took.

A start is one page that asked for the widget. The SDK tells `requested` with the session's other events; where the
widget's script never came, the host page's stub tells `requested` and `failed` instead, with no session, customer or
release. So starts are counted by events, and sessions only where there are any.
"""

from dataclasses import dataclass
from itertools import accumulate

from chatvitals.catalogue.measures import Measure
from chatvitals.query.figures import Key
from chatvitals.query.request import Question
from chatvitals.query.tally import Tally, tally_by
from chatvitals.store.events.engine import Engine

STAGES = ("requested", "script", "frame", "ready")

TOLD = Measure("told", "boot", "duration", "not isNaN(duration)", distribution=True)
EVENTS = Measure("events", "boot")
BY_HOST = Measure("byHost", "boot", where="session = 0")
READY_TIME = Measure("readyTime", "boot", "duration", "label = 'ready' and not isNaN(duration)", distribution=True)
REACHED = {stage: Measure(stage, "boot", where=f"label = '{stage}'") for stage in STAGES}
FAILED = Measure("failed", "boot", where="label = 'failed'")


@dataclass(frozen=True, slots=True)
class Funnel:
    """Starts by stage reached, and those that said they failed.

    `reached` holds for each stage the starts that came that far: whoever told a later stage has passed it, as a widget
    without a frame has no stage `frame`. `told` are the events of each stage themselves.
    """

    told: tuple[float, ...]
    failed: float

    @property
    def reached(self) -> tuple[float, ...]:
        return tuple(accumulate(reversed(self.told), max))[::-1]

    @property
    def requested(self) -> float:
        return self.reached[0]

    @property
    def ready(self) -> float:
        return self.reached[-1]

    @property
    def ready_share(self) -> float | None:
        """The starts that became ready, in percent."""
        return 100 * self.ready / self.requested if self.requested else None

    @property
    def silent(self) -> float:
        """Starts that neither became ready nor said why: the visitor left, or it is still under way."""
        return max(0.0, self.requested - self.ready - self.failed)


@dataclass(frozen=True, slots=True)
class Starts:
    """The starts of a window: events by stage, by stage told by the host page alone, and failures by reason."""

    funnel: Funnel
    stages: dict[str, Tally]
    reasons: dict[str, Tally]

    @property
    def told_by_host(self) -> float:
        """Starts that only the host page tells of: the widget's script never ran."""
        return self.stages["requested"].count(BY_HOST) if "requested" in self.stages else 0.0


def count_starts(engine: Engine, question: Question) -> Starts:
    """The funnel of a window. Raises EngineError."""
    stages = {key[0]: stage for key, stage in tally_by(engine, question, (EVENTS, BY_HOST, TOLD), "label").items()}
    reasons = {key[0]: reason for key, reason in tally_by(engine, question, (FAILED,), "detail").items()}
    counts = {name: stage.count(EVENTS) for name, stage in stages.items()}
    funnel = Funnel(tuple(counts.get(stage, 0.0) for stage in STAGES), counts.get("failed", 0.0))
    return Starts(funnel, stages, {name: reason for name, reason in reasons.items() if reason.count(FAILED)})


def starts_by(engine: Engine, question: Question, by: str) -> dict[Key, Tally]:
    """Starts by the values of a dimension, with the measures in REACHED, FAILED and READY_TIME. Raises EngineError."""
    return tally_by(engine, question, (*REACHED.values(), FAILED, BY_HOST, READY_TIME), by)


def funnel_of(part: Tally) -> Funnel:
    """The funnel of one value of a dimension."""
    return Funnel(tuple(part.count(REACHED[stage]) for stage in STAGES), part.count(FAILED))
