"""How a window is cut in time: into one piece, into steps, or into windows that overlap.

Each way says in SQL which buckets an event of the table belongs to, and when a bucket ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chatvitals.query.request import Window
from chatvitals.store.events.engine import Parameter


class Buckets(Protocol):
    """Ways to cut. `end_sql` is the end of a bucket in Unix milliseconds."""

    @property
    def end_sql(self) -> str: ...

    def sql(self, moment: str) -> str:
        """An event's bucket, a number from 0; `moment` is the event's time in Unix milliseconds."""

    def parameters(self, window: Window) -> Mapping[str, Parameter]:
        """The values of the placeholders in both."""


@dataclass(frozen=True, slots=True)
class OneBucket:
    """The window as it is."""

    end_sql: str = "{end:Int64}"

    def sql(self, moment: str) -> str:  # noqa: ARG002 - all events are in it
        return "toUInt32(0)"

    def parameters(self, window: Window) -> Mapping[str, Parameter]:
        return {"end": window.end_ms}


WHOLE_WINDOW = OneBucket()


@dataclass(frozen=True, slots=True)
class Steps:
    """End to end, each `step_ms` long, from the window's start."""

    step_ms: int
    end_sql: str = "{start:Int64} + (bucket + 1) * {step:Int64}"

    def sql(self, moment: str) -> str:
        return f"toUInt32(intDiv({moment} - {{start:Int64}}, {{step:Int64}}))"

    def parameters(self, window: Window) -> Mapping[str, Parameter]:
        return {"start": window.start_ms, "step": self.step_ms}


@dataclass(frozen=True, slots=True)
class Nested:
    """Of several lengths, each up to the window's end, the longest first. An event counts in all that hold it."""

    lengths_ms: tuple[int, ...]
    end_sql: str = "{end:Int64}"

    def sql(self, moment: str) -> str:
        return f"toUInt32(arrayJoin(range(arrayCount(start -> {moment} >= start, {{starts:Array(Int64)}}))))"

    def parameters(self, window: Window) -> Mapping[str, Parameter]:
        return {"starts": [window.end_ms - length for length in self.lengths_ms], "end": window.end_ms}


@dataclass(frozen=True, slots=True)
class Sliding:
    """All `length_ms` long, one each `step_ms` from the window's start. An event counts in all that hold it."""

    length_ms: int
    step_ms: int
    end_sql: str = "{start:Int64} + bucket * {step:Int64} + {length:Int64}"

    def sql(self, moment: str) -> str:
        begun = f"intDiv({moment} - {{start:Int64}}, {{step:Int64}}) + 1"
        over = f"intDiv({moment} - {{start:Int64}} - {{length:Int64}}, {{step:Int64}}) + 1"
        first = f"if({moment} < {{start:Int64}} + {{length:Int64}}, 0, {over})"
        return f"toUInt32(arrayJoin(range({first}, least({begun}, {{buckets:Int64}}))))"

    def parameters(self, window: Window) -> Mapping[str, Parameter]:
        return {
            "start": window.start_ms,
            "length": self.length_ms,
            "step": self.step_ms,
            "buckets": (window.length_ms - self.length_ms) // self.step_ms + 1,
        }
