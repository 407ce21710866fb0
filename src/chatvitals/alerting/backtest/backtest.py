"""Runs rules over history: the same ticks, verdicts and states as live, at the same moments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from chatvitals.alerting.backtest.accuracy import Accuracy, Labelled, measure_accuracy
from chatvitals.alerting.backtest.episodes import Episode, Episodes
from chatvitals.alerting.backtest.labels import within
from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.state import AlertState, Status
from chatvitals.alerting.ticks import Ticked, tick
from chatvitals.errors import BadRequest
from chatvitals.query.request import Window

MAX_TICKS = 50_000
"""Of all rules of a backtest: about 35 days of one that is evaluated every minute."""

_TOLD_EPISODES = 1_000
_PROGRESS_STEPS = 200
_WEEK_MS = 7 * 86_400_000

Moment = tuple[int, Mapping[Key, Observation]]
"""A time, and what a rule sees of each of its alerts then."""


class ReadsRange(Protocol):
    """Reads what a rule would have seen."""

    def read_range(self, rule: Rule, from_ms: int, to_ms: int, step_ms: int) -> Iterator[Moment]:
        """At `from_ms` and each `step_ms` later, not after `to_ms`. Raises EngineError."""


class RuleBacktest(Struct, rename="camel", frozen=True, kw_only=True):
    """What a rule would have done from `start` to `end`, Unix milliseconds.

    It was evaluated `ticks` times, `every` so many ms; `unknown` is the share in percent of what it looked at that was
    too little data to judge. `episodes` are the first thousand of `fired`; `firing` is how long, in ms, anything fired.
    """

    rule: str
    start_ms: int = field(name="start")
    end_ms: int = field(name="end")
    every_ms: int = field(name="every")
    ticks: int
    unknown: float | None
    fired: int
    fired_per_week: float
    firing_ms: int = field(name="firing")
    firing_at_end: int
    episodes: tuple[Episode, ...]
    accuracy: Accuracy | None = None


@dataclass(frozen=True, slots=True)
class Backtest:
    """Rules to run over a window. `tolerance_ms` is for the labelled incidents; None: the rule's window.

    `every_ms` is how often they are evaluated at most, where that shall be less often than live.
    """

    rules: Sequence[Rule]
    window: Window
    every_ms: int = 0
    labelled: Sequence[Labelled] | None = None
    tolerance_ms: int | None = None

    def check(self) -> None:
        """Raise BadRequest where it is more than one backtest may be."""
        for rule in self.rules:
            if self.every_ms > rule.window_ms:
                raise BadRequest(
                    f"every is longer than the window of {rule.name}, {say_duration(rule.window_ms)}: what happens in"
                    " between would not be looked at",
                    "every",
                )
        ticks = sum(len(ticks_of(rule, self.window)) for rule in self._rules())
        if ticks > MAX_TICKS:
            longest_ms = int(self.window.length_ms * MAX_TICKS / ticks) // 60_000 * 60_000
            raise BadRequest(
                f"that is {ticks:,} evaluations, and at most {MAX_TICKS:,} are done at a time: choose"
                f" {say_duration(longest_ms)} at most, or evaluate less often than live with `every`",
                "from",
            )

    def _rules(self) -> list[Rule]:
        """The rules as they are evaluated here."""
        return [replace(rule, every_ms=max(rule.every_ms, self.every_ms)) for rule in self.rules]

    def run(self, reader: ReadsRange) -> Iterator["float | tuple[RuleBacktest, ...]"]:
        """How far it is, from 0 to 1, and at last what came out. Raises EngineError and BadRequest."""
        self.check()
        done: list[RuleBacktest] = []
        for rule in self._rules():
            for progress in _run(rule, self, reader):
                if isinstance(progress, RuleBacktest):
                    done.append(progress)
                else:
                    yield (len(done) + progress) / len(self.rules)
        yield tuple(done)


def ticks_of(rule: Rule, window: Window) -> range:
    """When a rule is evaluated: at the whole multiples of its interval, as live."""
    first = -(-window.start_ms // rule.every_ms) * rule.every_ms
    return range(first, window.end_ms + 1, rule.every_ms)


def replay(rule: Rule, moments: Iterable[Moment]) -> Iterator[Mapping[Key, Ticked]]:
    """What a rule makes of each moment, one after the other."""
    states: dict[Key, AlertState] = {}
    for at_ms, seen in moments:
        ticked = tick(rule, states, seen, at_ms)
        states = {key: one.after for key, one in ticked.items() if one.after.status is not Status.INACTIVE}
        yield ticked


def _run(rule: Rule, backtest: Backtest, reader: ReadsRange) -> Iterator[float | RuleBacktest]:
    window = backtest.window
    moments = ticks_of(rule, window)
    told_every = max(1, len(moments) // _PROGRESS_STEPS)
    episodes = Episodes(rule)
    seen = unknown = 0
    if moments:
        read = reader.read_range(rule, moments[0], moments[-1], rule.every_ms)
        for place, ticked in enumerate(replay(rule, read)):
            episodes.add(ticked.values())
            seen += len(ticked)
            unknown += sum(one.after.unknown for one in ticked.values())
            if place % told_every == 0:
                yield place / len(moments)
    yield _summary(rule, backtest, len(moments), episodes.all(), 100 * unknown / seen if seen else None)


def _summary(
    rule: Rule, backtest: Backtest, ticks: int, episodes: list[Episode], unknown: float | None
) -> RuleBacktest:
    window, labelled = backtest.window, backtest.labelled
    tolerance_ms = rule.window_ms if backtest.tolerance_ms is None else backtest.tolerance_ms
    return RuleBacktest(
        rule=rule.name,
        start_ms=window.start_ms,
        end_ms=window.end_ms,
        every_ms=rule.every_ms,
        ticks=ticks,
        unknown=unknown,
        fired=len(episodes),
        fired_per_week=len(episodes) * _WEEK_MS / window.length_ms,
        firing_ms=firing_ms(episodes, window.end_ms),
        firing_at_end=sum(episode.end_ms is None for episode in episodes),
        episodes=tuple(episodes[:_TOLD_EPISODES]),
        accuracy=None if labelled is None else measure_accuracy(rule, episodes, within(labelled, window), tolerance_ms),
    )


def firing_ms(episodes: Iterable[Episode], end_ms: int) -> int:
    """How long anything fired: the length of the episodes' union. They come in the order of their starts."""
    total_ms = until_ms = 0
    for episode in episodes:
        last_ms = end_ms if episode.end_ms is None else episode.end_ms
        total_ms += max(0, last_ms - max(episode.start_ms, until_ms))
        until_ms = max(until_ms, last_ms)
    return total_ms
