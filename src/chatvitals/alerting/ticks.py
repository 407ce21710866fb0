"""One tick of a rule over all its alerts: what runs live, in tests of rules and in backtests. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.alerting.evaluate import Verdict, judge, unseen
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.state import AlertState, Status, Transition, step

NEW = AlertState()
"""An alert that was never looked at; one that is inactive is no different."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick made of one alert."""

    key: Key
    before: AlertState
    after: AlertState
    verdict: Verdict
    transition: Transition | None


def tick(
    rule: Rule, states: Mapping[Key, AlertState], seen: Mapping[Key, Observation], now_ms: int
) -> dict[Key, Ticked]:
    """What becomes of every alert that was observed, or is pending or fires though nothing was observed of it."""
    active = (key for key, state in states.items() if state.status is not Status.INACTIVE)
    return {
        key: _tick(rule, key, states.get(key, NEW), seen.get(key), now_ms) for key in dict.fromkeys((*seen, *active))
    }


def _tick(rule: Rule, key: Key, before: AlertState, seen: Observation | None, now_ms: int) -> Ticked:
    verdict = unseen(rule) if seen is None else judge(rule, seen)
    after, transition = step(rule, before, verdict, now_ms)
    return Ticked(key, before, after, verdict, transition)
