"""The rules that are shipped."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from chatvitals.alerting.documents import parse
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.reading import FiledRule, read_rules

FILE = "default_rules.yaml"


@cache
def filed_default_rules() -> tuple[FiledRule, ...]:
    """The shipped rules with the lines that they stand in."""
    text = (files("chatvitals.alerting.rules") / FILE).read_text()
    return read_rules([parse(text, FILE)], built_in={})


@cache
def default_rules() -> Mapping[str, Rule]:
    """The shipped rules by name."""
    return {filed.rule.name: filed.rule for filed in filed_default_rules()}
