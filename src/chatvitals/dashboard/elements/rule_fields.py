"""The form of a rule: its fields as texts, the document that they say, and back. Pure.

A list is a text with commas, a mapping a text with a line for each of its names. Fields of forms are called
`rule.name`, so that none is taken for a parameter of the view.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatvitals.alerting.documents import BadDocuments, Document, Mistake
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.building import form_of
from chatvitals.alerting.rules.form import DetailForm, RuleForm
from chatvitals.alerting.rules.reading import read_rule
from chatvitals.alerting.rules.writing import document_of
from chatvitals.catalogue.severities import Severity

PREFIX = "rule."
YAML = "yaml"
"""The field that has all of the rule as one text."""

CONDITIONS: tuple[tuple[str, str], ...] = (
    ("above", "above a bound"),
    ("below", "below a bound"),
    ("degradation", "worse than before"),
    ("absence", "nothing is measured"),
)
"""When a rule is bad, as the form offers it."""

LEVELS: tuple[str, ...] = tuple(f"level.{severity.value}" for severity in Severity)

TEXTS = (
    "title",
    "category",
    "metric",
    "timeOf",
    "window",
    "every",
    "for",
    "keepFiringFor",
    "noData",
    "runbook",
    "message",
)
NUMBERS = ("minSamples", "minSessions", "minCustomers")
MAPPINGS = ("filters", "labels", "details")
NEEDS = (*NUMBERS, "noData")
"""How much data a rule needs; one of absence has none of these."""

FOLLOWING = ("keepFiringFor", *NEEDS)
"""What may be left empty, because it follows from the rest."""


FIELDS: tuple[str, ...] = (
    "name",
    *TEXTS,
    *NUMBERS,
    *MAPPINGS,
    "by",
    "enabled",
    "condition",
    *LEVELS,
    "recovery",
    "baseline",
    "earlier",
    "severity",
    "known",
)
"""Every field of the form, without the prefix."""

Fields = Mapping[str, str]

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_CLOSEST: tuple[tuple[str, str], ...] = (
    (r"(threshold\.(above|below)|degradation\.percent)\.(\w+).*", r"level.\3"),
    (r"threshold\.(above|below)|degradation\.percent", "level.error"),
    (r"(threshold|degradation)\.recovery", "recovery"),
    (r"degradation\.(baseline|earlier)", r"\1"),
    (r"absence\.(severity|known)", r"\1"),
    (r"(threshold|degradation|absence)", "condition"),
    (r"(\w+).*", r"\1"),
)
"""Parts of a rule's document, as patterns, and the fields of the form that say them."""


def empty_fields() -> dict[str, str]:
    """Of a form that nobody has filled in."""
    return dict.fromkeys(FIELDS, "") | {
        "category": "performance",
        "condition": "above",
        "severity": "error",
        "timeOf": "event",
        "by": "site",
        "window": "5m",
        "every": "1m",
        "for": "0s",
        "enabled": "on",
    }


def fields_of(rule: Rule) -> dict[str, str]:
    """The form that says a rule. What follows by itself stays empty where it may."""
    form, document = form_of(rule), document_of(rule)
    fields = empty_fields()
    fields |= {name: str(_attribute(form, name) or "") for name in TEXTS if name not in FOLLOWING}
    fields |= {name: str(document[name]) for name in FOLLOWING if name in document}
    fields |= {
        "name": rule.name,
        "by": ", ".join(rule.by),
        "enabled": "on" if rule.enabled else "",
        "filters": _lines((name, value) for name, values in rule.filters.items() for value in values),
        "labels": _lines(rule.labels.items()),
        "details": _lines((name, _say_detail(detail)) for name, detail in form.details.items()),
    }
    return fields | _condition_fields(form, document)


def document_from(fields: Fields) -> tuple[dict[str, Any], list[Mistake]]:
    """The document that a form says, and mistakes that it can't have any more."""
    document: dict[str, Any] = {name: fields[name] for name in ("name", *TEXTS) if fields.get(name, "").strip()}
    mistakes: list[Mistake] = []
    document |= {name: _number(fields[name]) for name in NUMBERS if fields.get(name, "").strip()}
    if fields.get("condition") == "absence":
        document = {name: value for name, value in document.items() if name not in NEEDS}
    document["by"] = [part.strip() for part in fields.get("by", "").split(",") if part.strip()]
    document["enabled"] = bool(fields.get("enabled"))
    for name in MAPPINGS:
        pairs, wrong = _pairs(name, fields.get(name, ""))
        mistakes += wrong
        if pairs:
            document[name] = _MAPPINGS[name](pairs)
    document |= _condition_document(fields)
    return document, mistakes


def read_fields(fields: Fields, built_in: Mapping[str, Rule]) -> tuple[Rule | None, dict[str, Any], list[Mistake]]:
    """The rule that a form says, its document, and what is wrong with it; no rule where something is."""
    document, mistakes = document_from(fields)
    try:
        rule = read_rule(Document.of(document), (), built_in)
    except BadDocuments as bad:
        return None, document, [*mistakes, *bad.mistakes]
    return (None if mistakes else rule), document, mistakes


def by_field(mistakes: Iterable[Mistake]) -> dict[str, str]:
    """What is wrong with each field of the form; under "" what is about no single one."""
    said: dict[str, list[str]] = {}
    for mistake in mistakes:
        field = field_for(mistake.field)
        said.setdefault(field, []).append(mistake.message.removeprefix(f"{mistake.field}: "))
    return {field: "; ".join(messages) for field, messages in said.items()}


def field_for(part: str) -> str:
    """The field of the form that says a part of a rule's document."""
    for pattern, field in _CLOSEST:
        match = re.fullmatch(pattern, part)
        if match is not None:
            named = match.expand(field)
            return named if named in FIELDS else ""
    return ""


def _attribute(form: RuleForm, name: str) -> Any:
    return getattr(form, "for_" if name == "for" else re.sub(r"[A-Z]", lambda one: f"_{one[0].lower()}", name))


def _condition_fields(form: RuleForm, document: Mapping[str, Any]) -> dict[str, str]:
    recovery = next((document[one]["recovery"] for one in document if _has_recovery(document[one])), None)
    fields = {"recovery": "" if recovery is None else _say_number(recovery)}
    if form.threshold is not None:
        side, levels = ("above", form.threshold.above) if form.threshold.above else ("below", form.threshold.below)
        return fields | {"condition": side} | _level_fields(levels or {})
    if form.degradation is not None:
        compared = {"baseline": form.degradation.baseline or "", "earlier": form.degradation.earlier or ""}
        return fields | {"condition": "degradation"} | compared | _level_fields(form.degradation.percent)
    assert form.absence is not None, "a rule has a condition"
    return {"condition": "absence", "severity": form.absence.severity.value, "known": form.absence.known}


def _has_recovery(part: Any) -> bool:
    return isinstance(part, dict) and "recovery" in part


def _level_fields(levels: Mapping[Severity, float]) -> dict[str, str]:
    return {f"level.{severity.value}": _say_number(bound) for severity, bound in levels.items()}


def _condition_document(fields: Fields) -> dict[str, Any]:
    condition = fields.get("condition", "")
    levels = {
        severity.value: _number(fields[f"level.{severity.value}"])
        for severity in Severity
        if fields.get(f"level.{severity.value}", "").strip()
    }
    recovery = {"recovery": _number(fields["recovery"])} if fields.get("recovery", "").strip() else {}
    match condition:
        case "above" | "below":
            return {"threshold": {condition: levels, **recovery}}
        case "degradation":
            compared = {name: fields[name].strip() for name in ("baseline", "earlier") if fields.get(name, "").strip()}
            return {"degradation": {"percent": levels, **compared, **recovery}}
        case "absence":
            known = {"known": fields["known"].strip()} if fields.get("known", "").strip() else {}
            return {"absence": {"severity": fields.get("severity", ""), **known}}
    return {}


def _pairs(name: str, text: str) -> tuple[list[tuple[str, str]], list[Mistake]]:
    """The names and values of lines; they may come several times."""
    pairs, mistakes = [], []
    for line in filter(None, map(str.strip, text.splitlines())):
        label, sign, value = line.partition("=")
        if sign and label.strip():
            pairs.append((label.strip(), value.strip()))
        else:
            said = f"{name}: {line[:60]!r} has no name and value: write each line as name=value"
            mistakes.append(Mistake("", 0, 0, said, name))
    return pairs, mistakes


def _several(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered


def _details(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {name: _detail(value) for name, value in pairs}


def _detail(text: str) -> Any:
    metric, sign, per = (part.strip() for part in text.partition("/"))
    return {"metric": metric, "per": _number(per)} if sign else metric


_MAPPINGS: Mapping[str, Callable[[list[tuple[str, str]]], Any]] = {
    "filters": _several,
    "labels": dict,
    "details": _details,
}


def _say_detail(detail: str | DetailForm) -> str:
    return detail if isinstance(detail, str) else f"{detail.metric} / {_say_number(detail.per)}"


def _lines(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(_line(name, value) for name, value in pairs)


def _line(name: str, value: str) -> str:
    return f"{name}={value}"


def _number(text: str) -> Any:
    """The number that a text is, or the text, which whoever reads the document complains of."""
    text = text.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _say_number(value: float) -> str:
    return f"{value:.15g}"


def given(parameters: Mapping[str, str]) -> dict[str, str]:
    """The fields among the parameters of a URL or a form; what a browser leaves out is empty."""
    own = {name.removeprefix(PREFIX): value for name, value in parameters.items() if name.startswith(PREFIX)}
    return {**dict.fromkeys(FIELDS, ""), **own} if own else {}
