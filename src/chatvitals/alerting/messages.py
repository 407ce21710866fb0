"""What an alert says in words: its rule's message with the figures put in, or a sentence that fits any rule. Pure."""

from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.evaluate import Verdict
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import PLACEHOLDER, Absence, Degradation, Rule, Side, Threshold
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.units import in_words

_UNKNOWN = "unknown"
_NAMELESS = "(none)"


def write_message(rule: Rule, key: Key, verdict: Verdict) -> str:
    """One sentence about an alert, from the verdict alone."""
    words = _words(rule, key, verdict)
    if rule.message:
        return PLACEHOLDER.sub(lambda found: words[found[1]], rule.message)
    title = METRICS_BY_PATH[rule.metric].title
    if verdict.value is None or isinstance(rule.condition, Absence):
        return f"{title}: nothing was measured in the last {words['window']}"
    match rule.condition:
        case Threshold(side=Side.ABOVE) if verdict.severity:
            return f"{title}: {words['value']}, above threshold of {words['threshold']}"
        case Threshold(side=Side.BELOW) if verdict.severity:
            return f"{title}: {words['value']}, below threshold of {words['threshold']}"
        case Degradation() as degradation if verdict.change is not None:
            direction = "worse" if verdict.change >= 0 else "better"
            change = in_words(abs(verdict.change), "%")
            return f"{title}: {words['value']}, {change} {direction} than {words['reference']} {_when(degradation)}"
        case _:
            return f"{title}: {words['value']} (threshold {words['threshold']})"


def _words(rule: Rule, key: Key, verdict: Verdict) -> dict[str, str]:
    """What may stand in a message, by its placeholder."""
    unit = METRICS_BY_PATH[rule.metric].unit
    figures = {
        "value": (verdict.value, unit),
        "threshold": (verdict.threshold, unit),
        "reference": (verdict.reference, unit),
        "change": (verdict.change, "%"),
        "samples": (verdict.n, "count"),
        "sessions": (verdict.sessions, "count"),
    }
    words = {name: _UNKNOWN if value is None else in_words(value, unit) for name, (value, unit) in figures.items()}
    labels = {name: value or _NAMELESS for name, value in zip(rule.by, key, strict=True)}
    return {**labels, **words, "window": say_duration(rule.window_ms)}


def _when(degradation: Degradation) -> str:
    if degradation.earlier_ms is not None:
        return f"{say_duration(degradation.earlier_ms)} earlier"
    return f"in the baseline {degradation.baseline}"
