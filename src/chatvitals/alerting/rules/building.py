"""Rules from their written form and back: what is left out there gets its value here."""

from chatvitals.alerting.durations import parse_duration, say_duration
from chatvitals.alerting.rule import (
    Absence,
    Condition,
    Degradation,
    Detail,
    Levels,
    NoData,
    Rule,
    Side,
    Threshold,
)
from chatvitals.alerting.rules.form import AbsenceForm, DegradationForm, DetailForm, RuleForm, ThresholdForm
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric

DEFAULT_RECOVERY = 0.05
"""How far inside the least grave bound a value has to be back, as a share of that bound."""

DEFAULT_DEGRADATION_RECOVERY = 0.75
"""Of the least grave change: where a degradation is over."""

KEEP_FIRING_WINDOWS = 2
MAX_LASTING_MS = 7 * 86_400_000
"""The longest `for` and `keepFiringFor`."""


def build_rule(form: RuleForm) -> Rule:
    """The rule of a form that has no flaws."""
    metric = METRICS_BY_PATH[form.metric]
    window_ms = parse_duration(form.window)
    return Rule(
        name=form.name,
        title=form.title or metric.title,
        category=form.category,
        metric=form.metric,
        condition=_condition(form, metric),
        message=form.message,
        details={
            name: Detail(detail) if isinstance(detail, str) else Detail(detail.metric, detail.per)
            for name, detail in form.details.items()
        },
        filters=form.filters,
        by=form.by,
        by_arrival=form.time_of == "arrival",
        window_ms=window_ms,
        every_ms=parse_duration(form.every),
        for_ms=parse_duration(form.for_),
        keep_firing_for_ms=(
            min(KEEP_FIRING_WINDOWS * window_ms, MAX_LASTING_MS)
            if form.keep_firing_for is None
            else parse_duration(form.keep_firing_for)
        ),
        min_samples=_default_samples(metric) if form.min_samples is None else form.min_samples,
        min_sessions=form.min_sessions or 0,
        min_customers=form.min_customers or 0,
        no_data=form.no_data or NoData.KEEP,
        labels=form.labels,
        runbook=form.runbook,
        enabled=form.enabled,
    )


def form_of(rule: Rule) -> RuleForm:
    """A form that says everything about a rule; the rule is built of it again."""
    condition = rule.condition
    looks_for_data = not isinstance(condition, Absence)
    return RuleForm(
        name=rule.name,
        title=rule.title,
        category=rule.category,
        metric=rule.metric,
        filters=rule.filters,
        by=rule.by,
        time_of="arrival" if rule.by_arrival else "event",
        window=say_duration(rule.window_ms),
        every=say_duration(rule.every_ms),
        threshold=_threshold_form(condition) if isinstance(condition, Threshold) else None,
        degradation=_degradation_form(condition) if isinstance(condition, Degradation) else None,
        absence=(
            AbsenceForm(severity=condition.severity, known=say_duration(condition.known_ms))
            if isinstance(condition, Absence)
            else None
        ),
        for_=say_duration(rule.for_ms),
        keep_firing_for=say_duration(rule.keep_firing_for_ms),
        min_samples=rule.min_samples if looks_for_data else None,
        min_sessions=rule.min_sessions if looks_for_data else None,
        min_customers=rule.min_customers if looks_for_data else None,
        no_data=rule.no_data if looks_for_data else None,
        labels=dict(rule.labels),
        runbook=rule.runbook,
        message=rule.message,
        details={
            name: detail.metric if detail.per == 1 else DetailForm(metric=detail.metric, per=detail.per)
            for name, detail in rule.details.items()
        },
        enabled=rule.enabled,
    )


def _condition(form: RuleForm, metric: Metric) -> Condition:
    match form:
        case RuleForm(threshold=ThresholdForm() as written):
            return _threshold(written, metric)
        case RuleForm(degradation=DegradationForm() as written):
            recovery = written.recovery
            if recovery is None:
                recovery = DEFAULT_DEGRADATION_RECOVERY * min(written.percent.values())
            earlier_ms = None if written.earlier is None else parse_duration(written.earlier)
            return Degradation(written.percent, recovery, written.baseline, earlier_ms)
        case RuleForm(absence=AbsenceForm() as written):
            return Absence(written.severity, parse_duration(written.known))
    raise AssertionError("a form without flaws has a condition")


def _threshold(written: ThresholdForm, metric: Metric) -> Threshold:
    side, levels = (Side.ABOVE, written.above) if written.above else (Side.BELOW, written.below)
    assert levels, "a form without flaws has one side"
    recovery = default_recovery(side, levels, metric) if written.recovery is None else written.recovery
    return Threshold(side, levels, recovery)


def default_recovery(side: Side, levels: Levels, metric: Metric) -> float:
    """A twentieth of the least grave bound inside it; below 100 % a quarter of the way there, where that is less."""
    bound = min(levels.values()) if side is Side.ABOVE else max(levels.values())
    margin = DEFAULT_RECOVERY * abs(bound)
    if side is Side.ABOVE:
        return bound - margin
    return bound + (min(margin, (100 - bound) / 4) if metric.unit == "%" else margin)


def _default_samples(metric: Metric) -> int:
    """How many there were of nothing is 0, so counts need no samples."""
    return 0 if metric.statistic in ("count", "sum") else 1


def _threshold_form(condition: Threshold) -> ThresholdForm:
    levels = dict(condition.levels)
    if condition.side is Side.ABOVE:
        return ThresholdForm(above=levels, recovery=condition.recovery)
    return ThresholdForm(below=levels, recovery=condition.recovery)


def _degradation_form(condition: Degradation) -> DegradationForm:
    return DegradationForm(
        percent=dict(condition.levels),
        baseline=condition.baseline,
        earlier=None if condition.earlier_ms is None else say_duration(condition.earlier_ms),
        recovery=condition.recovery,
    )
