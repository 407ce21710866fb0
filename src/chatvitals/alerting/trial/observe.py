"""What rules would have seen of the courses of a test."""

from collections.abc import Iterable

from chatvitals.alerting.observation import NOTHING, Key, Observation
from chatvitals.alerting.rule import Absence, Degradation, Rule
from chatvitals.alerting.trial.trial import Course, Labels, Trial
from chatvitals.alerting.trial.values import Values
from chatvitals.catalogue.metrics import METRICS_BY_PATH


def key_of(rule: Rule, labels: Labels) -> Key:
    """Which of a rule's alerts some labels belong to."""
    return tuple(labels.get(dimension, "") for dimension in rule.by)


def courses_of(rule: Rule, courses: Iterable[Course]) -> list[Course]:
    """Those that a rule looks at, by its metric and filters."""
    return [
        course
        for course in courses
        if course.metric == rule.metric
        and all(course.labels.get(dimension, "") in values for dimension, values in rule.filters.items())
    ]


def observe(trial: Trial, rule: Rule, at_ms: int) -> dict[Key, Observation]:
    """What the rule sees at a time from the start, by alert."""
    seen = {}
    for course in courses_of(rule, trial.courses):
        observation = _observe(trial, rule, course, at_ms)
        if observation is not None:
            seen[key_of(rule, course.labels)] = observation
    return seen


def _observe(trial: Trial, rule: Rule, course: Course, at_ms: int) -> Observation | None:
    place = at_ms // trial.interval_ms
    value = _at(course.values, place)
    if value is None:
        return NOTHING if _is_missed(rule, course, place, trial.interval_ms) else None
    return Observation(
        value,
        _behind(course.n, place, _usual_samples(rule, value)),
        _behind(course.sessions, place, max(rule.min_sessions, 1)),
        _behind(course.customers, place, max(rule.min_customers, 1)),
        _reference(trial, rule, course, at_ms),
    )


def _at(values: Values, place: int) -> float | None:
    return values[place] if 0 <= place < len(values) else None


def _behind(numbers: Values | None, place: int, usual: int) -> int:
    return usual if numbers is None else round(_at(numbers, place) or 0)


def _usual_samples(rule: Rule, value: float) -> int:
    """As many as a rule needs; a count has as many as it counts."""
    return round(value) if METRICS_BY_PATH[rule.metric].statistic == "count" else max(rule.min_samples, 1)


def _is_missed(rule: Rule, course: Course, place: int, interval_ms: int) -> bool:
    """Whether there was something not too long ago, for a rule that misses what isn't there."""
    if not isinstance(rule.condition, Absence):
        return False
    earliest = max(place - rule.condition.known_ms // interval_ms, 0)
    return any(value is not None for value in course.values[earliest:place])


def _reference(trial: Trial, rule: Rule, course: Course, at_ms: int) -> float | None:
    """What a degradation compares with: the course's own past, or the most specific baseline that fits."""
    match rule.condition:
        case Degradation(earlier_ms=int(earlier_ms)):
            return _at(course.values, (at_ms - earlier_ms) // trial.interval_ms)
        case Degradation(baseline=name):
            fitting = [
                captured
                for captured in trial.baselines
                if (captured.baseline, captured.metric) == (name, course.metric)
                and captured.labels.items() <= course.labels.items()
            ]
            return max(fitting, key=lambda captured: len(captured.labels)).value if fitting else None
    return None
