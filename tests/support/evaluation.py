"""An evaluator over a real control store, with figures that a test sets and a teller that counts."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Engine
from tests.unit.alerting.situations import slow_renders

from chatvitals.alerting.accounts import Account
from chatvitals.alerting.evaluate import Verdict
from chatvitals.alerting.evaluator import Evaluator
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.telling import Telling
from chatvitals.errors import EngineError
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.evaluations import Evaluations
from chatvitals.store.control.incidents import OPEN, Blast, Incident, Incidents, Wanted
from chatvitals.store.control.leases import Lease

MINUTE_MS = 60_000


def slow(value: float | None, sessions: int = 60) -> Observation:
    return Observation(value, 500 if value is not None else 0, sessions)


class Figures:
    """What a reader would have read, by rule. Rules in `failing` can't be read."""

    def __init__(self) -> None:
        self.seen: dict[str, dict[Key, Observation]] = {}
        self.failing: set[str] = set()
        self.broken: Exception | None = None
        self.reads: list[tuple[tuple[str, ...], int]] = []
        self.windows: list[int] = []

    def read(self, rules: Sequence[Rule], now_ms: int) -> Mapping[str, Mapping[Key, Observation]]:
        self.reads.append((tuple(rule.name for rule in rules), now_ms))
        self.windows += [rule.window_ms for rule in rules]
        if self.broken is not None:
            raise self.broken
        return {rule.name: dict(self.seen.get(rule.name, {})) for rule in rules if rule.name not in self.failing}


class CountingTeller:
    """Tells a blast radius of two customers, and which alerts it was asked for."""

    def __init__(self) -> None:
        self.looked: list[Key] = []
        self.failing = False

    def message(self, _rule: Rule, key: Key, verdict: Verdict) -> str:
        return f"{key} is {verdict.value}"

    def account(self, rule: Rule, key: Key, verdict: Verdict, now_ms: int) -> Account:
        self.looked.append(key)
        if self.failing:
            raise EngineError("out of memory")
        blast = Blast(sites=1, customers=2, customers_seen=400, sessions=verdict.sessions, sessions_seen=9_000)
        return Account(self.message(rule, key, verdict), {"at": now_ms}, blast)


class Desk:
    """One server's evaluator, and what the control store says."""

    def __init__(self, database: Engine, figures: Figures, lease: Lease, name: str = "desk") -> None:
        self.figures = figures
        self.teller = CountingTeller()
        self.lease = lease
        self.incidents = Incidents(database)
        self.states = AlertStates(database)
        numbers = count()
        self.evaluator = Evaluator(
            figures, Telling(self.teller), self.states, Evaluations(database), lambda: f"{name}-{next(numbers)}"
        )
        self.evaluator.load()

    def tick(self, now_ms: int, *rules: Rule) -> int:
        return self.evaluator.tick(self.lease, rules or (slow_renders(),), now_ms)

    def open(self) -> list[Incident]:
        return self.incidents.find(Wanted(statuses=OPEN), 10_000)

    def all(self) -> list[Incident]:
        return self.incidents.find(Wanted(), 10_000)

    def story(self, id: str) -> list[str]:
        """The kinds of an incident's entries."""
        found = self.incidents.get(id)
        assert found is not None
        return [entry.kind.value for entry in found[1]]


def instant_rule(**changes: Any) -> Rule:
    """`slow_renders` that fires at its first bad tick and ends at its first good one."""
    return slow_renders(**({"for_ms": 0, "keep_firing_for_ms": 0} | changes))
