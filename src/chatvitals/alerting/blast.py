"""The blast radius of an alert: whom its bad events touch, of those that were there.

What is bad follows from the rule. Of a count or a sum it is every event that is counted; of a share that is too high
those that make it up, of one that is too low what is missing of it; of times, sizes and rates the events beyond the
threshold; of an absence all that was there before.
"""

from typing import Any

from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Absence, Rule, Side, Threshold
from chatvitals.catalogue.measures import MEASURES_BY_NAME
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.query.build import from_file, kind_of
from chatvitals.query.figures import Source
from chatvitals.query.request import Question, Window
from chatvitals.store.control.incidents import Blast

_HEAP_OF_SESSION = {"memory.peak": "max(bytes)", "memory.last": "argMax(bytes, ts)"}


def measure_blast(source: Source, rule: Rule, key: Key, threshold: float | None, window: Window) -> Blast:
    """Whom the bad events of an alert touch in a window; without a threshold every event counts. Raises EngineError.

    Seen are those with events that the metric is measured from; where events are only counted, which may all be bad
    ones, those with any event.
    """
    metric = METRICS_BY_PATH[rule.metric]
    kind = kind_of(metric)
    kinds = {kind} if metric.per_session else {kind, MEASURES_BY_NAME[metric.measure].kind}
    counts = metric.statistic in ("count", "sum")
    query = from_file(
        "blast",
        question_about(rule, key, window),
        touched=_touched(metric, rule, threshold),
        seen="1" if counts else f"countIf(kind = '{kind}') > 0",
        kinds="1" if counts else " OR ".join(f"kind = '{each}'" for each in sorted(kinds)),
    )
    parameters = query.parameters if threshold is None else {**query.parameters, "threshold": threshold}
    (row,) = source.engine.query(query.sql, parameters)
    found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Blast(**found)


def question_about(rule: Rule, key: Key, window: Window) -> Question:
    """What a rule asks about one of its alerts."""
    own = {name: (value,) for name, value in zip(rule.by, key, strict=True)}
    return Question(window, {**rule.filters, **own}, by_arrival=rule.by_arrival)


def _touched(metric: Metric, rule: Rule, threshold: float | None) -> str:
    """How many events of a session are bad, in SQL."""
    if threshold is None or isinstance(rule.condition, Absence):
        return f"countIf(kind = '{kind_of(metric)}')"
    above = _is_bad_above(metric, rule)
    beyond = f"{'>' if above else '<'} {{threshold:Float64}}"
    if metric.per_session:
        return f"{_HEAP_OF_SESSION[metric.measure]} {beyond}"
    measure = MEASURES_BY_NAME[metric.measure]
    own = f"kind = '{measure.kind}' AND ({measure.where})"
    counted = f"sumIf(weight, {own})"
    match metric.statistic:
        case "count" | "sum" | "session_ratio":
            return counted
        case "ratio" if above:
            return counted
    over = MEASURES_BY_NAME[metric.over or metric.measure]
    match metric.statistic:
        case "ratio":
            return f"sumIf(weight, {over.where}) - {counted}"
        case "sum_ratio":
            return f"sumIf(weight, {own} AND {over.value} > 0 AND 100 * {measure.value} / {over.value} {beyond})"
        case _:
            return f"sumIf(weight, {own} AND {measure.value} {beyond})"


def _is_bad_above(metric: Metric, rule: Rule) -> bool:
    if isinstance(rule.condition, Threshold):
        return rule.condition.side is Side.ABOVE
    return not metric.higher_is_better
