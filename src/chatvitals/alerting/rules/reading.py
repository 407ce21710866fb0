"""Rules out of documents. All mistakes of all documents are told at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from chatvitals.alerting.conversion import Path, did_you_mean
from chatvitals.alerting.documents import BadDocuments, Document, Mistake
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.building import build_rule
from chatvitals.alerting.rules.checking import check_metric, check_rule
from chatvitals.alerting.rules.form import RuleForm, RuleName, SwitchForm

SECTION = "rules"


@dataclass(frozen=True, slots=True)
class FiledRule:
    """A rule with the file and the line that it stands in."""

    rule: Rule
    file: str
    line: int


def read_rules(documents: Iterable[Document], built_in: Mapping[str, Rule]) -> tuple[FiledRule, ...]:
    """The rules of the section `rules` of every document. Raises BadDocuments with every mistake of all of them.

    An item that has only `name` and `enabled` is the rule of that name in `built_in`, switched on or off.
    """
    rules: list[FiledRule] = []
    names: dict[str, Mistake] = {}
    mistakes: list[Mistake] = []
    for document in documents:
        try:
            paths = document.items((SECTION,))
        except BadDocuments as bad:
            mistakes += bad.mistakes
            continue
        for path in paths:
            name, here = _part(document, (*path, "name"), RuleName), document.mistake((*path, "name"), "")
            if name in names:
                first = names[name]
                there = f"there is a rule {name!r} already, in {first.file}:{first.line}"
                mistakes.append(document.mistake((*path, "name"), there))
            elif name is not None:
                names[name] = here
            try:
                rules.append(FiledRule(read_rule(document, path, built_in), here.file, here.line))
            except BadDocuments as bad:
                mistakes += bad.mistakes
    if mistakes:
        raise BadDocuments(mistakes)
    return tuple(rules)


def read_rule(document: Document, path: Path, built_in: Mapping[str, Rule]) -> Rule:
    """The rule at a path of a document. Raises BadDocuments with every mistake in it."""
    if set(document.names(path)) == {"name", "enabled"}:
        return _read_switch(document, path, built_in)
    form = _read_form(document, path)
    mistakes = [document.mistake((*path, *part), message) for part, message in check_rule(form)]
    if mistakes:
        raise BadDocuments(mistakes)
    return build_rule(form)


def _read_form(document: Document, path: Path) -> RuleForm:
    try:
        form: RuleForm = document.convert(path, RuleForm)
    except BadDocuments as bad:
        metric = _part(document, (*path, "metric"), str)
        flaws = () if metric is None else check_metric(metric)
        mistakes = [document.mistake((*path, *part), message) for part, message in flaws]
        raise BadDocuments([*bad.mistakes, *mistakes]) from bad
    return form


def _part(document: Document, path: Path, wanted: Any) -> str | None:
    """A text that can be told by itself; None where it isn't there or no good."""
    try:
        text: str = document.convert(path, wanted)
    except BadDocuments:
        return None
    return text


def _read_switch(document: Document, path: Path, built_in: Mapping[str, Rule]) -> Rule:
    switch: SwitchForm = document.convert(path, SwitchForm)
    rule = built_in.get(switch.name)
    if rule is None:
        said = f"there is no built-in rule {switch.name!r} to be switched{did_you_mean(switch.name, built_in)}"
        raise BadDocuments([document.mistake((*path, "name"), said)])
    return structs.replace(rule, enabled=switch.enabled)
