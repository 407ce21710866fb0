"""How rules stand: what fires, what is pending, what can't be told and why, and when that was found. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chatvitals.alerting.kept import RuleTick
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rule_states import ActiveAlert, RuleState
from chatvitals.alerting.rules.book import Entry
from chatvitals.alerting.state import Status
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.alert import say_where
from chatvitals.dashboard.saying import plural
from chatvitals.dashboard.view import View, segment

StateWord = Literal["firing", "pending", "failing", "no data", "quiet", "off", "not evaluated yet"]

_GRADES: dict[StateWord, str] = {
    "firing": "bad",
    "pending": "warning",
    "failing": "bad",
    "no data": "unknown",
    "quiet": "good",
    "off": "",
    "not evaluated yet": "unknown",
}
_ORDER: tuple[StateWord, ...] = tuple(_GRADES)
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStateRow:
    """A rule: `grade` is of its state, `told` says more of it in words, `at_ms` when it was evaluated last."""

    name: str
    title: str
    href: str
    state: StateWord
    grade: str
    told: str
    at_ms: int | None


def rule_state_rows(entries: Iterable[Entry], states: Iterable[RuleState], view: View) -> tuple[RuleStateRow, ...]:
    """A row for each rule, those first that want to be looked at."""
    found = {state.evaluation.rule: state for state in states}
    rows = [rule_state_row(entry, found.get(entry.rule.name), view) for entry in entries]
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.state), row.name)))


def rule_state_row(entry: Entry, state: RuleState | None, view: View) -> RuleStateRow:
    """One row; `state` is None for a rule that was never evaluated."""
    rule = entry.rule
    word = _state_word(entry, state)
    return RuleStateRow(
        name=rule.name,
        title=rule.title,
        href=view.href(f"/dashboard/rules/{segment(rule.name)}"),
        state=word,
        grade=_GRADES[word],
        told=_told(rule, state) if state is not None and rule.enabled else "",
        at_ms=state.evaluation.at_ms if state is not None else None,
    )


def _state_word(entry: Entry, state: RuleState | None) -> StateWord:
    if not entry.rule.enabled:
        return "off"
    if state is None or state.evaluation.at_ms is None:
        return "failing" if state is not None and state.evaluation.failure else "not evaluated yet"
    evaluation = state.evaluation
    if evaluation.failure:
        return "failing"
    if evaluation.firing:
        return "firing"
    if evaluation.pending:
        return "pending"
    if not evaluation.alerts:
        return "quiet" if _counts(entry.rule) else "no data"
    return "no data" if evaluation.unknown else "quiet"


def _counts(rule: Rule) -> bool:
    """Whether none is a value as well: there were no losses."""
    return METRICS_BY_PATH[rule.metric].statistic in ("count", "sum")


def _told(rule: Rule, state: RuleState) -> str:
    evaluation = state.evaluation
    if evaluation.failure:
        return f"{evaluation.failure} ({plural(evaluation.failures, 'try', 'tries')})"
    parts = [
        _names(state.active, Status.FIRING),
        _names(state.active, Status.PENDING),
        _unknown(evaluation),
        "" if evaluation.alerts or _counts(rule) else "nothing was measured in its window",
    ]
    return "; ".join(part for part in parts if part)


def _names(alerts: Iterable[ActiveAlert], status: Status) -> str:
    """What is pending or fires: "pending: shop, customer acme · shop, customer globex and 4 more"."""
    names = [say_where(alert.key) or "everything" for alert in alerts if alert.status is status]
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{'pending: ' if status is Status.PENDING else ''}{' · '.join(names[:_MOST_NAMED])}{more}"


def _unknown(evaluation: RuleTick) -> str:
    """How many can't be told, and what is missing of the first."""
    if not evaluation.unknown:
        return ""
    said = f"{evaluation.unknown} of {plural(evaluation.alerts, 'alert')} can't be told"
    if not evaluation.examples:
        return said
    first = evaluation.examples[0]
    where = say_where(first.key)
    return f"{said}: {f'{where}: ' if where else ''}{first.reason}"
