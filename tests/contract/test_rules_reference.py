"""The reference page of rules has every field, placeholder and shipped rule, and its examples can be read."""

import re
from pathlib import Path
from typing import get_args

import pytest
from msgspec import Struct, structs

from chatvitals.alerting.configuration import read_configuration
from chatvitals.alerting.documents import parse
from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.rule import PLACEHOLDERS, Category, Rule
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.alerting.rules.form import AbsenceForm, DegradationForm, DetailForm, RuleForm, ThresholdForm
from chatvitals.catalogue.severities import Severity
from chatvitals.query.request import FILTERABLE

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "rules.md").read_text()
HOW_TO = (DOCS / "how-to" / "write-alert-rules.md").read_text()

SECTIONS: dict[str, type[Struct]] = {
    "Fields": RuleForm,
    "threshold": ThresholdForm,
    "degradation": DegradationForm,
    "absence": AbsenceForm,
    "Details": DetailForm,
}


def section(title: str) -> str:
    """What stands below a heading, up to the next one."""
    match = re.search(rf"^##+ {title}\n(.*?)(?=^##|\Z)", REFERENCE, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match[1]


def rows(text: str) -> dict[str, list[str]]:
    """The rows of the tables, by the name that stands first."""
    found = {}
    for line in text.splitlines():
        first, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if re.fullmatch("`[^`]+`", first):
            found[first.strip("`")] = cells
    return found


@pytest.mark.parametrize("title", SECTIONS)
def test_every_field_is_described(title: str) -> None:
    fields = [field.encode_name for field in structs.fields(SECTIONS[title])]
    assert list(rows(section(title))) == fields


def test_what_a_field_may_be_is_listed_whole() -> None:
    fields = rows(section("Fields"))
    assert re.findall(r"`(\w+)`", fields["category"][0]) == list(get_args(Category))
    for name in (*FILTERABLE, *Severity):
        assert f"`{name}`" in section("Fields")
    placeholders = set(re.findall(r"`\{(\w+)\}`", section("Messages")))
    assert placeholders == {*PLACEHOLDERS, "site"}


@pytest.mark.parametrize("rule", default_rules().values(), ids=lambda rule: rule.name)
def test_a_shipped_rule_is_described(rule: Rule) -> None:
    severity, _, window, needs = rows(section("The built-in rules"))[rule.name]
    levels = getattr(rule.condition, "levels", {})
    assert severity == ", ".join(levels)
    assert window.split(",")[0] == say_duration(rule.window_ms)
    assert {int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", needs)} == {
        number for number in (rule.min_samples, rule.min_sessions) if number
    }


def test_nothing_else_is_described_as_shipped() -> None:
    assert rows(section("The built-in rules")).keys() == default_rules().keys()


EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE + HOW_TO, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_read(example: str) -> None:
    assert read_configuration([parse(example, "example.yaml")], default_rules()).rules
