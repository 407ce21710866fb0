"""`/dashboard/rules`: every rule, where it comes from, how it stands, and what is wrong with those not in force."""

from dataclasses import dataclass

from chatvitals.alerting.rule_states import read_rule_states
from chatvitals.dashboard.elements.rule_row import RuleRow, rule_row
from chatvitals.dashboard.elements.rule_state import rule_state_rows
from chatvitals.dashboard.page import Page, PageContext, Visit, help_

PATH = "/dashboard/rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesContext(PageContext):
    """All rules, those first that want to be looked at."""

    rules: tuple[RuleRow, ...] = help_("The rules there are, switched on or off")
    mistakes: tuple[str, ...] = help_("Of files and rows as they are now; what was in force before stays")


def build(visit: Visit) -> RulesContext:
    """Put together the rule book and the last evaluations."""
    parts = visit.parts
    entries = parts.book.entries
    states = rule_state_rows(entries.values(), read_rule_states(parts.states).rules, visit.view)
    return RulesContext(
        heading="Rules",
        rules=tuple(rule_row(entries[state.name], state) for state in states),
        mistakes=tuple(map(str, (*parts.folder.mistakes, *parts.book.mistakes))),
    )


PAGE = Page(PATH, "rules", "Rules", "rules.html", build, filtered=False)
