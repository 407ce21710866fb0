"""What is kept of alerts and rules between two ticks, and what of it the API tells. Documents of the control store."""

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Degradation, Rule, Threshold
from chatvitals.alerting.state import AlertState
from chatvitals.store.control.alert_states import StateRow, TickRow


class KeptAlert(Struct, frozen=True):
    """An alert that is pending or fires, what its rule measured then (see `what_is_measured`), and its dimensions."""

    measured: str
    by: tuple[str, ...]
    state: AlertState
    reason: str = ""
    """What is missing, where the last observation was too little."""


class UnknownAlert(Struct, rename="camel", frozen=True):
    """An alert that can't be told from too little data: the values of the rule's `by`, and what is missing."""

    key: Mapping[str, str]
    reason: str


class RuleTick(Struct, rename="camel", frozen=True, kw_only=True):
    """What the last evaluation of a rule found.

    `at_ms` is when, Unix milliseconds, None for never. `alerts` is how many were looked at; of those that are unknown,
    `examples` are the first few. `failure` says why the last `failures` tries came to nothing: the rest is of before.
    """

    rule: str
    at_ms: int | None
    alerts: int = 0
    pending: int = 0
    firing: int = 0
    unknown: int = 0
    examples: tuple[UnknownAlert, ...] = ()
    failure: str = ""
    failures: int = 0


def what_is_measured(rule: Rule) -> str:
    """A name for what a rule measures: while it stays, its alerts go on, however texts, bounds and times are edited."""
    match condition := rule.condition:
        case Threshold():
            compared: object = condition.side
        case Degradation():
            compared = [condition.baseline, condition.earlier_ms]
        case _:
            compared = None
    filters = sorted((name, sorted(values)) for name, values in rule.filters.items())
    facts = [type(condition).__name__, compared, rule.metric, filters, rule.by]
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:16]


def encode_key(key: Key) -> str:
    """The key as its row has it."""
    return msgspec.json.encode(key).decode()


def decode_key(text: str) -> Key:
    """The key that a row has."""
    return msgspec.json.decode(text, type=Key)


def state_row(rule: str, key: Key, alert: KeptAlert) -> StateRow:
    """An alert as it is kept."""
    return StateRow(rule, encode_key(key), msgspec.json.encode(alert).decode())


def kept_alert(row: StateRow) -> KeptAlert:
    """The alert of a row."""
    return msgspec.json.decode(row.document, type=KeptAlert)


def tick_row(tick: RuleTick) -> TickRow:
    """A rule's evaluation as it is kept."""
    return TickRow(tick.rule, msgspec.json.encode(tick).decode())


def rule_tick(row: TickRow) -> RuleTick:
    """The evaluation of a row."""
    return msgspec.json.decode(row.document, type=RuleTick)
