"""All that is told of an alert: its message, the further figures that its rule names, and whom it touches."""

from typing import Any

from chatvitals.alerting.accounts import Account
from chatvitals.alerting.blast import measure_blast, question_about
from chatvitals.alerting.evaluate import Verdict
from chatvitals.alerting.messages import write_message
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Absence, Rule
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.query.build import kind_of
from chatvitals.query.figures import Group, Source, ask
from chatvitals.query.request import Question, Window
from chatvitals.query.snapshot import errors_by_type, tidy

THRESHOLD = "threshold"
ERRORS_BY_TYPE = "errorsByType"


class Details:
    """Reads them from the events, over the rule's window; of an absence, over what was known before."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def message(self, rule: Rule, key: Key, verdict: Verdict) -> str:
        """What is bad, from the verdict alone."""
        return write_message(rule, key, verdict)

    def account(self, rule: Rule, key: Key, verdict: Verdict, now_ms: int) -> Account:
        """All that is told, read from the events. Raises EngineError."""
        length_ms = rule.condition.known_ms if isinstance(rule.condition, Absence) else rule.window_ms
        blast = measure_blast(self._source, rule, key, verdict.threshold, Window(now_ms - length_ms, now_ms))
        question = question_about(rule, key, Window(now_ms - rule.window_ms, now_ms))
        return Account(self.message(rule, key, verdict), self._details(rule, question, verdict), blast)

    def _details(self, rule: Rule, question: Question, verdict: Verdict) -> dict[str, Any]:
        named = {detail.metric for detail in rule.details.values()}
        metrics = [METRICS_BY_PATH[name] for name in named if name in METRICS_BY_PATH and name != rule.metric]
        groups = ask(self._source, question, metrics) if metrics else {}
        group = groups.get((0, ()), Group())
        values: dict[str, float | None] = {metric.path: group.figure(metric).value for metric in metrics}
        values |= {
            rule.metric: verdict.value,
            THRESHOLD: verdict.threshold,
        }  # as in the message, though more came since
        details: dict[str, Any] = {}
        for name, detail in rule.details.items():
            if detail.metric == ERRORS_BY_TYPE:
                kind = kind_of(METRICS_BY_PATH[rule.metric])
                details[name] = errors_by_type(self._source.engine, question).get((0, kind), {})
            else:
                value = values[detail.metric]
                details[name] = None if value is None else tidy(value / detail.per)
        return details
