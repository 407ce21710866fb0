"""Runs a test of rules through the evaluation that runs live, and says where the alerts are not as wanted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatvitals.alerting.evaluate import Verdict
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.state import AlertState, Status
from chatvitals.alerting.ticks import NEW, Ticked, tick
from chatvitals.alerting.trial.observe import observe
from chatvitals.alerting.trial.trial import Moment, Trial, Wanted


@dataclass(frozen=True, slots=True)
class Came:
    """An alert as it was. `verdict` is the last one, None where there was none yet."""

    rule: Rule
    key: Key
    state: AlertState = NEW
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """An alert that is not as wanted: nothing was wanted of it where `wanted` is None."""

    moment: Moment
    wanted: Wanted | None
    came: Came


def run(trial: Trial) -> list[Difference]:
    """Where the alerts differ from what the test wants; empty where it passes."""
    differences: list[Difference] = []
    replays = [_Replay(trial, rule) for rule in trial.rules]
    for moment in trial.moments:
        for replay in replays:
            replay.go_on(moment.at_ms)
        differences += _differences(moment, trial, {replay.rule.name: replay.alerts for replay in replays})
    return differences


class _Replay:
    """One rule's alerts, tick by tick from the start."""

    def __init__(self, trial: Trial, rule: Rule) -> None:
        self.rule = rule
        self.alerts: dict[Key, Came] = {}
        self._trial = trial
        self._next_ms = 0

    def go_on(self, until_ms: int) -> None:
        """Evaluate the rule at each of its ticks up to a time."""
        while self._next_ms <= until_ms:
            states = {key: came.state for key, came in self.alerts.items()}
            seen = observe(self._trial, self.rule, self._next_ms)
            for key, ticked in tick(self.rule, states, seen, self._next_ms).items():
                self.alerts[key] = self._came(ticked)
            self._next_ms += self.rule.every_ms

    def _came(self, ticked: Ticked) -> Came:
        return Came(self.rule, ticked.key, ticked.after, ticked.verdict)


def _differences(moment: Moment, trial: Trial, alerts: Mapping[str, Mapping[Key, Came]]) -> Iterator[Difference]:
    rules = {rule.name: rule for rule in trial.rules}
    for wanted in moment.alerts:
        came = alerts[wanted.rule].get(wanted.key) or Came(rules[wanted.rule], wanted.key)
        if not _is_as_wanted(wanted, came.state):
            yield Difference(moment, wanted, came)
    spoken_of = {(wanted.rule, wanted.key) for wanted in moment.alerts}
    for name, own in alerts.items():
        for key, came in own.items():
            if came.state.status is Status.FIRING and (name, key) not in spoken_of:
                yield Difference(moment, None, came)


def _is_as_wanted(wanted: Wanted, state: AlertState) -> bool:
    return (
        wanted.status is state.status
        and wanted.severity in (None, state.severity)
        and wanted.unknown in (None, state.unknown)
    )
