"""Rules in a list: where they come from, whose place they take, and what can be done with them. Pure."""

from dataclasses import dataclass
from typing import Literal

from chatvitals.alerting.evaluate import severities_of
from chatvitals.alerting.rules.book import Entry, Origin, Source
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.alert import SeverityMark, severity_mark
from chatvitals.dashboard.elements.rule_state import RuleStateRow
from chatvitals.dashboard.view import segment

_KINDS: dict[Source, Literal["shipped", "file", "written here"]] = {
    Source.BUILT_IN: "shipped",
    Source.FILE: "file",
    Source.ROW: "written here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginShown:
    """Where a rule comes from; `place` is a file and its line or who wrote it, `updated_ms` when, if that is known."""

    kind: str
    place: str
    updated_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule in the list. `switch` is the path of the action that switches it, empty where a file says how it is."""

    name: str
    title: str
    metric: str
    category: str
    severities: tuple[SeverityMark, ...]
    origin: OriginShown
    hides: tuple[OriginShown, ...]
    enabled: bool
    state: RuleStateRow
    switch: str


def rule_row(entry: Entry, state: RuleStateRow) -> RuleRow:
    """One row."""
    rule = entry.rule
    return RuleRow(
        name=rule.name,
        title=rule.title,
        metric=METRICS_BY_PATH[rule.metric].title,
        category=rule.category,
        severities=tuple(severity_mark(severity) for severity in severities_of(rule.condition)),
        origin=show_origin(entry.origin),
        hides=tuple(map(show_origin, entry.hides)),
        enabled=rule.enabled,
        state=state,
        switch="" if entry.read_only else f"/dashboard/rules/{segment(rule.name)}/switch",
    )


def show_origin(origin: Origin) -> OriginShown:
    """An origin in words."""
    place = f"by {origin.updated_by}" if origin.source is Source.ROW else f"{origin.file}, line {origin.line}"
    return OriginShown(
        kind=_KINDS[origin.source],
        place="" if origin.source is Source.BUILT_IN else place,
        updated_ms=origin.updated_ms,
    )
