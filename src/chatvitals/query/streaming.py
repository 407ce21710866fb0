"""Streamed answers: how they ended, and how they were to wait for. An answer is one `stream` event."""

from dataclasses import dataclass
from typing import get_args

from chatvitals.catalogue.kinds import StreamOutcome
from chatvitals.catalogue.measures import Measure
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping
from chatvitals.query.figures import GroupKey, Key
from chatvitals.query.request import Question
from chatvitals.query.series import nice_step_ms
from chatvitals.query.tally import Tally, tally, tally_all, tally_by
from chatvitals.store.events.engine import Engine

OUTCOMES: tuple[str, ...] = get_args(StreamOutcome)

ANSWERS = Measure("answers", "stream")
ENDED = {outcome: Measure(outcome, "stream", where=f"label = '{outcome}'") for outcome in OUTCOMES}
FIRST_CHUNK = Measure("firstChunk", "stream", "number1", "not isNaN(number1)", distribution=True)
FIRST_PAINT = Measure("firstPaint", "stream", "number2", "not isNaN(number2)", distribution=True)
CHUNK_TO_PAINT = Measure(
    "chunkToPaint",
    "stream",
    "greatest(0, number2 - number1)",
    "not isNaN(number1) and not isNaN(number2)",
    distribution=True,
)
LONGEST_STALL = Measure("longestStall", "stream", "number3", "not isNaN(number3)", distribution=True)
LATE_FRAMES = Measure("lateFrames", "stream", "count2", "count2 >= 0")
CHUNKS = Measure("chunks", "stream", "count1", "count1 >= 0")
STUTTERED = Measure("stuttered", "stream", where="count2 > 0")

WAITS = (FIRST_CHUNK, FIRST_PAINT, CHUNK_TO_PAINT, LONGEST_STALL)
ALL = (ANSWERS, *ENDED.values(), *WAITS, LATE_FRAMES, CHUNKS, STUTTERED)


@dataclass(frozen=True, slots=True)
class Course:
    """Answers over time: the starts of the steps in Unix milliseconds, and the statistics of each, None of none."""

    times: tuple[int, ...]
    step_ms: int
    steps: tuple[Tally | None, ...]


def measure_answers(engine: Engine, question: Question) -> Tally:
    """All measures of this module over the window. Raises EngineError."""
    return tally_all(engine, question, ALL)


def answers_by(engine: Engine, question: Question, by: str) -> dict[Key, Tally]:
    """All measures of this module by the values of a dimension. Raises EngineError."""
    return tally_by(engine, question, ALL, by)


def answers_over_time(engine: Engine, question: Question) -> Course:
    """Outcomes and waits by steps of a round length. Raises EngineError."""
    window = question.window
    step = nice_step_ms(window.length_ms, 60)
    times = tuple(range(window.start_ms, window.end_ms, step))
    found: dict[GroupKey, Tally] = tally(engine, question, (ANSWERS, *ENDED.values(), *WAITS), Grouping(Steps(step)))
    return Course(times, step, tuple(found.get((place, ())) for place in range(len(times))))
