"""A tick of several rules: figures are read, judged and stepped, and what follows is written under the lease.

What alerts were before is kept in memory and, of those that aren't inactive, in the control store. Memory follows what
was written, so that a tick that failed never was.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

import structlog
from msgspec.structs import replace

from chatvitals.alerting.incidents import HELD_MS, fingerprint_of, retire
from chatvitals.alerting.kept import RuleTick, decode_key, encode_key, kept_alert, rule_tick, tick_row
from chatvitals.alerting.looks import Look, RuleAlerts, look
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.reach import reaching_back
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.settling import Settling
from chatvitals.alerting.state import AlertState, Change, Status
from chatvitals.alerting.telling import Telling
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.evaluations import Evaluation, Evaluations
from chatvitals.store.control.incidents import Incident, Update
from chatvitals.store.control.leases import Lease

log = structlog.get_logger()

SAVED_EVERY_MS = 30_000
"""That a rule was evaluated and nothing new found is written this often."""

REMOVED = "the rule was removed"
SWITCHED_OFF = "the rule was switched off"


class Reads(Protocol):
    """Reads what rules need."""

    def read(self, rules: Sequence[Rule], now_ms: int) -> Mapping[str, Mapping[Key, Observation]]:
        """By rule the observations of its alerts. A rule that couldn't be read is left out."""


class Evaluator:
    """Its calls block. Different threads may evaluate different rules at a time."""

    def __init__(
        self, reader: Reads, telling: Telling, states: AlertStates, evaluations: Evaluations, new_id: Callable[[], str]
    ) -> None:
        self._reader = reader
        self._telling = telling
        self._states = states
        self._evaluations = evaluations
        self._new_id = new_id
        self._alerts: dict[str, RuleAlerts] = {}
        self._ticks: dict[str, RuleTick] = {}
        self._saved: dict[str, RuleTick] = {}
        self._settled: set[str] = set()
        """The rules whose incidents are known to fit their alerts."""

    def load(self) -> None:
        """Go on from what the store has."""
        alerts: dict[str, tuple[str, dict[Key, AlertState]]] = {}
        for row in self._states.states():
            kept = kept_alert(row)
            alerts.setdefault(row.rule, (kept.measured, {}))[1][decode_key(row.key)] = kept.state
        self._alerts = {rule: RuleAlerts(*of_rule) for rule, of_rule in alerts.items()}
        self._ticks = {row.rule: rule_tick(row) for row in self._states.ticks()}
        self._saved = dict(self._ticks)
        self._settled = set()

    def tick(self, lease: Lease, rules: Sequence[Rule], now_ms: int) -> int:
        """Evaluate these rules; returns how many changes of incidents it made. Raises LeaseLost.

        What can't be read or judged fails by itself, and is tried again at the next tick.
        """
        rules = [reaching_back(rule, self._last_ms(rule), now_ms) for rule in rules]
        looks, failed = self._look(rules, now_ms)
        updates = self._put(lease, looks, [*(one.summary for one in looks), *failed], now_ms)
        for one in looks:
            self._alerts[one.rule.name] = one.alerts
            self._settled.add(one.rule.name)
            self._telling.forget(alert.fingerprint for alert, _ in one.told if alert.state.status is not Status.FIRING)
        return len(updates)

    def _look(self, rules: Sequence[Rule], now_ms: int) -> tuple[list[Look], list[RuleTick]]:
        try:
            seen = self._reader.read(rules, now_ms)
        except Exception as error:
            failed = [self._failed(rule, f"its figures could not be read: {error}") for rule in rules]
            self._log("rules not read", failed, error)
            return [], failed
        looks, failed = [], []
        for rule in rules:
            if rule.name not in seen:
                failed.append(self._failed(rule, "its figures could not be read; the server's log says why"))
                continue
            try:
                looks.append(look(rule, self._alerts.get(rule.name), seen[rule.name], now_ms))
            except Exception as error:
                failed.append(self._failed(rule, f"it could not be evaluated: {error}"))
                self._log("rule not evaluated", failed[-1:], error)
        return looks, failed

    def _last_ms(self, rule: Rule) -> int | None:
        """When the rule was evaluated last; up to SAVED_EVERY_MS earlier, where that was another server."""
        before = self._ticks.get(rule.name)
        return None if before is None else before.at_ms

    def _failed(self, rule: Rule, failure: str) -> RuleTick:
        before = self._ticks.get(rule.name, RuleTick(rule=rule.name, at_ms=None))
        return replace(before, failure=failure, failures=before.failures + 1)

    def _log(self, what: str, failed: Sequence[RuleTick], error: Exception) -> None:
        """Where it comes from is said the first time in a row."""
        first = any(tick.failures == 1 for tick in failed)
        log.error(what, rules=[tick.rule for tick in failed[:10]], error=str(error), exc_info=error if first else None)

    def _put(self, lease: Lease, looks: Sequence[Look], ticks: Sequence[RuleTick], now_ms: int) -> Sequence[Update]:
        states = [row for one in looks for row in one.rows]
        inactive = [row for one in looks for row in one.inactive]
        to_save = [one for one in ticks if self._worth_saving(one)]
        updates: Sequence[Update] = ()
        if states or inactive or to_save or any(one.rule.name not in self._settled for one in looks):
            settling = self._settling(looks, now_ms)
            evaluation = Evaluation(
                rules=[one.rule.name for one in looks],
                firing=settling.firing,
                states=states,
                inactive=inactive,
                ticks=[tick_row(one) for one in to_save],
            )
            updates = self._evaluations.put(lease, evaluation, settling.settle, now_ms - HELD_MS)
        self._ticks |= {one.rule: one for one in ticks}
        self._saved |= {one.rule: one for one in to_save}
        return updates

    def _settling(self, looks: Sequence[Look], now_ms: int) -> Settling:
        told = [one for each in looks for one in each.told]
        return Settling(
            alerts={alert.fingerprint: alert for alert, _ in told},
            begun={alert.fingerprint for alert, change in told if change and change.change is Change.OPENED},
            accounts=self._telling.accounts(told, now_ms),
            changed={one.rule.name for one in looks if one.changed},
            brief=self._telling.brief,
            new_id=self._new_id,
            now_ms=now_ms,
        )

    def _worth_saving(self, tick: RuleTick) -> bool:
        saved = self._saved.get(tick.rule)
        if saved is None or saved.at_ms is None or tick.at_ms is None:
            return saved != tick
        return _news(saved) != _news(tick) or not 0 <= tick.at_ms - saved.at_ms < SAVED_EVERY_MS

    def retire(self, lease: Lease, rules: Sequence[Rule], among: Collection[str] | None, now_ms: int) -> int:
        """End what isn't evaluated any more, because its rule isn't among these rules or is switched off.

        Looks at the rules named in `among`, which nobody evaluates meanwhile, or with None at all that were ever known.
        Returns how many incidents that resolved. Raises LeaseLost.
        """
        evaluated = {rule.name for rule in rules if rule.enabled}
        words = dict.fromkeys((rule.name for rule in rules), SWITCHED_OFF)

        def settle(open: Mapping[str, Incident], _by_hand: Mapping[str, Incident]) -> list[Update]:
            over = (incident for incident in open.values() if incident.rule not in evaluated)
            return [retire(incident, words.get(incident.rule, REMOVED), now_ms) for incident in over]

        gone = set(self._alerts.keys() | self._ticks.keys() if among is None else among) - evaluated
        keys = {rule: self._alerts[rule].states.keys() for rule in gone & self._alerts.keys()}
        evaluation = Evaluation(
            rules=None if among is None else gone,
            inactive=[(rule, encode_key(key)) for rule in keys for key in keys[rule]],
            gone=sorted(gone),
        )
        updates = self._evaluations.put(lease, evaluation, settle, now_ms)
        for rule in gone:
            self._telling.forget(fingerprint_of(rule, key) for key in keys.get(rule, ()))
            for known in (self._alerts, self._ticks, self._saved):
                known.pop(rule, None)
        return len(updates)


def _news(tick: RuleTick) -> tuple[object, ...]:
    """What of an evaluation is written as soon as it changes."""
    return tick.pending, tick.firing, tick.unknown > 0, tick.failure, tick.failures
