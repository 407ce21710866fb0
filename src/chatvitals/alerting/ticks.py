"""One tick of a rule over all its alerts: what runs live, in tests of rules and in backtests. Pure."""

from collections.abc import Mapping

from msgspec import Struct

from chatvitals.alerting.evaluate import Verdict, judge_of, unseen
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.state import AlertState, Status, Transition, step

NEW = AlertState()
"""An alert that was never looked at; one that is inactive is no different."""


class Ticked(Struct, frozen=True, gc=False):
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
    judged = judge_of(rule)
    ticked = {
        key: _tick(rule, key, states.get(key, NEW), judged(observation), now_ms) for key, observation in seen.items()
    }
    for key, state in states.items():
        if key not in seen and state.status is not Status.INACTIVE:
            ticked[key] = _tick(rule, key, state, unseen(rule), now_ms)
    return ticked


def _tick(rule: Rule, key: Key, before: AlertState, verdict: Verdict, now_ms: int) -> Ticked:
    after, transition = step(rule, before, verdict, now_ms)
    return Ticked(key, before, after, verdict, transition)
