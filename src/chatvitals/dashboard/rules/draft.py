"""A rule as it is being edited: as the address says it, in a form or as YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from chatvitals.alerting.documents import BadDocuments, Mistake, parse
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.book import RuleBook
from chatvitals.alerting.rules.reading import read_rule
from chatvitals.alerting.rules.writing import write_rule
from chatvitals.dashboard.elements.rule_fields import YAML, empty_fields, fields_of, given, read_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule as it is being edited; no rule where it has mistakes, or nothing was said yet.

    What has mistakes is `only` shown as it was written: as a form, or as YAML.
    """

    rule: Rule | None
    fields: Mapping[str, str]
    yaml: str
    mistakes: tuple[Mistake, ...] = ()
    only: Literal["", "form", "yaml"] = ""


def draft_of(query: Mapping[str, str], book: RuleBook, start: Rule | None, name: str) -> Draft:
    """What the address says, or else the rule to start from, under a name of its own if it is new."""
    fields = given(query)
    if name and fields:
        fields["name"] = name
    if fields.get(YAML):
        return draft_from_yaml(fields[YAML], book)
    if fields:
        rule, _, mistakes = read_fields(fields, book.built_in)
        only: Literal["", "form"] = "form" if rule is None else ""
        return Draft(rule=rule, fields=fields, yaml=_yaml(rule), mistakes=tuple(mistakes), only=only)
    if start is None:
        return Draft(rule=None, fields=empty_fields(), yaml="")
    rule = start if name else msgspec.structs.replace(start, name=_free_name(book, start.name))
    return Draft(rule=rule, fields=fields_of(rule), yaml=_yaml(rule))


def draft_from_yaml(text: str, book: RuleBook) -> Draft:
    """What a text says."""
    try:
        rule = read_rule(parse(text, ""), (), book.built_in)
    except BadDocuments as bad:
        return Draft(rule=None, fields=empty_fields(), yaml=text, mistakes=bad.mistakes, only="yaml")
    return Draft(rule=rule, fields=fields_of(rule), yaml=text)


def _yaml(rule: Rule | None) -> str:
    return "" if rule is None else write_rule(rule)


def _free_name(book: RuleBook, name: str) -> str:
    names = (f"{name[:60]}-{number}" for number in range(2, 1_000))
    return next((one for one in names if one not in book.entries), "")
