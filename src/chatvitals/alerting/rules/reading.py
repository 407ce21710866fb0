"""Rules out of documents. All mistakes of all documents are told at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec import structs

from chatvitals.alerting.conversion import Path, did_you_mean
from chatvitals.alerting.documents import BadDocuments, Document, Mistake
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.building import build_rule
from chatvitals.alerting.rules.checking import check_rule
from chatvitals.alerting.rules.form import RuleForm, SwitchForm

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
    found: dict[str, FiledRule] = {}
    mistakes: list[Mistake] = []
    for document in documents:
        try:
            paths = document.items((SECTION,))
        except BadDocuments as bad:
            mistakes += bad.mistakes
            continue
        for path in paths:
            try:
                rule = read_rule(document, path, built_in)
            except BadDocuments as bad:
                mistakes += bad.mistakes
                continue
            here = document.mistake((*path, "name"), "")
            if rule.name in found:
                first = found[rule.name]
                there = f"there is a rule {rule.name!r} already, in {first.file}:{first.line}"
                mistakes.append(document.mistake((*path, "name"), there))
            else:
                found[rule.name] = FiledRule(rule, here.file, here.line)
    if mistakes:
        raise BadDocuments(mistakes)
    return tuple(found.values())


def read_rule(document: Document, path: Path, built_in: Mapping[str, Rule]) -> Rule:
    """The rule at a path of a document. Raises BadDocuments with every mistake in it."""
    if set(document.names(path)) == {"name", "enabled"}:
        return _read_switch(document, path, built_in)
    form: RuleForm = document.convert(path, RuleForm)
    mistakes = [document.mistake((*path, *part), message) for part, message in check_rule(form)]
    if mistakes:
        raise BadDocuments(mistakes)
    return build_rule(form)


def _read_switch(document: Document, path: Path, built_in: Mapping[str, Rule]) -> Rule:
    switch: SwitchForm = document.convert(path, SwitchForm)
    rule = built_in.get(switch.name)
    if rule is None:
        said = f"there is no built-in rule {switch.name!r} to be switched{did_you_mean(switch.name, built_in)}"
        raise BadDocuments([document.mistake((*path, "name"), said)])
    return structs.replace(rule, enabled=switch.enabled)
