"""Rules as the dashboard's form sends them."""

from chatvitals.alerting.rule import Rule
from chatvitals.dashboard.elements.rule_fields import PREFIX, fields_of


def filled_in(rule: Rule, **changes: str) -> dict[str, str]:
    """Every field of the form of a rule, with changes; two lines in the name of one are a dot."""
    fields = fields_of(rule) | {name.replace("__", "."): value for name, value in changes.items()}
    return {f"{PREFIX}{name}": value for name, value in fields.items()}
