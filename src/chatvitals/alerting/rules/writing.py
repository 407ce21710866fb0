"""A rule as the shortest text that says it: YAML as people write it into files, without what follows by itself."""

from typing import Any

import msgspec
import yaml

from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.building import build_rule, form_of
from chatvitals.alerting.rules.form import RuleForm

_WIDTH = 100


def write_rule(rule: Rule) -> str:
    """YAML of one rule, which is read as the same rule again."""
    written: str = yaml.safe_dump(document_of(rule), sort_keys=False, allow_unicode=True, width=_WIDTH)
    return written


def document_of(rule: Rule) -> dict[str, Any]:
    """Plain data of a rule, without the fields that follow from the rest."""
    whole: dict[str, Any] = msgspec.to_builtins(form_of(rule))
    document = {name: value for name, value in whole.items() if value is not None}
    for name in list(document):
        without = {other: value for other, value in document.items() if other != name}
        if _says(without, rule):
            document = without
    for name, part in document.items():
        if name in ("threshold", "degradation", "absence"):
            document[name] = {inner: value for inner, value in part.items() if value is not None}
    condition = next((name for name in ("threshold", "degradation") if name in document), None)
    if condition is not None:
        shorter = {name: value for name, value in document[condition].items() if name != "recovery"}
        if _says({**document, condition: shorter}, rule):
            document[condition] = shorter
    return document


def _says(document: dict[str, Any], rule: Rule) -> bool:
    """Whether a document is this rule."""
    try:
        form = msgspec.convert(document, RuleForm)
    except msgspec.ValidationError:  # a field that has to be there
        return False
    has_condition = any(getattr(form, name) is not None for name in ("threshold", "degradation", "absence"))
    return has_condition and build_rule(form) == rule
