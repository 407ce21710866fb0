"""`/dashboard/system`: how the server fares, how it is set, and what it keeps about people."""

from dataclasses import dataclass, replace

from chatvitals.alerting.kept import rule_tick
from chatvitals.dashboard.elements.chart import Chart
from chatvitals.dashboard.elements.fact import Fact
from chatvitals.dashboard.elements.table import Table
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.saying import show
from chatvitals.dashboard.system.alerting import channels_table, evaluations_table
from chatvitals.dashboard.system.facts import facts_of
from chatvitals.dashboard.system.ingest import outcomes_table, received_chart, step_for
from chatvitals.dashboard.system.kept import NEVER, KeptAs, kept_about_people
from chatvitals.dashboard.system.stores import days_table, tables_table
from chatvitals.dashboard.system.troubles import Trouble, troubles_of
from chatvitals.dashboard.system_state import SystemState
from chatvitals.query.outcomes import count_outcomes, outcome_steps
from chatvitals.settings import Changed, changed_settings

PATH = "/dashboard/system"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemContext(PageContext):
    """How this server fares."""

    troubles: tuple[Trouble, ...] = help_("What is wrong now, and what to do; the worst first")
    facts: tuple[Fact, ...] = help_("The figures that sum up how the server fares")
    received: Chart = help_("Events received and kept over the window")
    sites: tuple[str, ...] = help_("The sites that outcomes are shown of; empty for all")
    all_sites: str = help_("A link to the same of all sites")
    outcomes: Table = help_("What became of the window's events, what it means and what to do")
    tables: Table = help_("What the events store holds, by table")
    days: Table = help_("Raw events by day")
    places: tuple[tuple[str, str], ...] = help_("What is kept where: names and values")
    lease: tuple[tuple[str, str], ...] = help_("Who evaluates alerts: names and values")
    evaluations: Table = help_("The last evaluations of alert rules")
    channels: Table = help_("How notifications are delivered")
    versions: tuple[tuple[str, str], ...] = help_("Names and versions")
    settings: tuple[Changed, ...] = help_("Settings that differ from the default; of secrets no value")
    kept: tuple[KeptAs, ...] = help_("What is kept about a person, by how")
    never: tuple[str, ...] = help_("What is never kept about anybody")


def build(visit: Visit) -> SystemContext:
    """Ask the server, and count outcomes of the window."""
    parts, view, now_ms = visit.parts, visit.view, visit.now_ms
    state, channels = parts.system(), parts.outbox.health()
    asked = view.question(now_ms)
    question = replace(asked, filters={name: values for name, values in asked.filters.items() if name == "site"})
    engine = parts.source.engine
    failing = sum(bool(rule_tick(row).failure) for row in parts.states.ticks())
    return SystemContext(
        heading="System",
        troubles=troubles_of(state, channels, failing, now_ms),
        facts=facts_of(state, now_ms),
        received=received_chart(outcome_steps(engine, question, step_for(asked.window)), view.zone, now_ms),
        sites=question.filters.get("site", ()),
        all_sites=view.where("site").href(PATH),
        outcomes=outcomes_table(count_outcomes(engine, question)),
        tables=tables_table(state.held),
        days=days_table(state.held),
        places=_places(state),
        lease=_lease(state),
        evaluations=evaluations_table(state.alerting),
        channels=channels_table(channels),
        versions=tuple(state.versions.items()),
        settings=tuple(changed_settings(parts.settings)),
        kept=kept_about_people(parts.settings),
        never=NEVER,
    )


def _places(state: SystemState) -> tuple[tuple[str, str], ...]:
    control = state.control
    return (
        ("Data directory", state.data),
        ("Events store", show(sum(one.bytes for one in state.held), "bytes").said),
        ("Control store", f"{control.name}, {show(control.bytes, 'bytes').said}, schema {control.schema}"),
        ("At", control.place),
    )


def _lease(state: SystemState) -> tuple[tuple[str, str], ...]:
    alerting = state.alerting
    who = "nobody" if not alerting.holder else "this server" if alerting.here else f"another server ({alerting.holder})"
    return (
        ("Evaluated by", who),
        ("Changes of hands", str(max(0, alerting.epoch - 1))),
        ("Failures here", f"{alerting.failures:,} since the start"),
    )


PAGE = Page(PATH, "system", "System", "system.html", build, filtered=False)
