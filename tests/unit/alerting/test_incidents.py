from dataclasses import replace as replaced
from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.alerting.situations import ACME, NOON, account, alert, incident, slow_renders

from chatvitals.alerting.accounts import brief_account
from chatvitals.alerting.evaluate import Finding
from chatvitals.alerting.incidents import (
    UPDATE_EVERY_MS,
    fingerprint_of,
    follow,
    may_go_on,
    open_incident,
    recover,
    retire,
)
from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.incidents import EntryKind, IncidentStatus

LATER = NOON + 60_000
MUCH_LATER = NOON + UPDATE_EVERY_MS


def test_an_incident_says_what_is_bad_and_whom_it_touches() -> None:
    update = open_incident(alert(20.0), account("it is slow"), "an-id", NOON)
    opened, entry = update.incident, update.entry
    assert (opened.id, opened.revision, opened.status) == ("an-id", 1, IncidentStatus.OPEN)
    assert (opened.rule, opened.site, opened.category) == ("slow-renders", "shop", "performance")
    assert (opened.title, opened.message, opened.unit) == ("Slow Message Renders", "it is slow", "ms")
    assert (opened.severity, opened.gravest) == (Severity.WARNING, Severity.WARNING)
    assert (opened.value, opened.threshold, opened.details) == (20.0, 16.0, {"p95Time": 20.0})
    assert opened.blast.customers_seen == 400
    assert opened.runbook == "https://runbooks.example/slow"
    assert opened.opened_ms == opened.updated_ms == NOON
    assert entry is not None
    assert (entry.kind, entry.at_ms, entry.who, entry.value) == (EntryKind.OPENED, NOON, "", 20.0)
    assert entry.blast == opened.blast


def test_its_labels_are_the_key_the_rules_and_what_it_is() -> None:
    assert incident().labels == {
        "team": "widget",
        "site": "shop",
        "customer": "acme",
        "rule": "slow-renders",
        "category": "performance",
        "severity": "warning",
    }


@pytest.mark.parametrize(
    ("rule", "key", "site"),
    [
        ({"by": ("customer", "site")}, ("acme", "shop"), "shop"),
        ({"by": ("customer",), "filters": {"site": ("shop",)}}, ("acme",), "shop"),
        ({"by": ("customer",), "filters": {"site": ("shop", "blog")}}, ("acme",), ""),
        ({"by": ()}, (), ""),
    ],
)
def test_its_site_is_the_only_one_that_it_can_be_about(rule: dict[str, Any], key: tuple[str, ...], site: str) -> None:
    assert incident(alert(key=key, **rule)).site == site


def test_a_fingerprint_names_rule_and_key_and_nothing_else() -> None:
    assert len(fingerprint_of("a", ("b", "c"))) == 64
    assert fingerprint_of("a", ("b", "c")) == alert(name="a", key=("b", "c"), value=99.0).fingerprint
    others = {fingerprint_of(*other) for other in (("a", ("bc",)), ("a", ("b", "d")), ("ab", ("c",)), ("a", ()))}
    assert len(others) == 4
    assert fingerprint_of("a", ("b", "c")) not in others


def test_a_brief_account_says_what_the_key_names() -> None:
    one = alert()
    told = brief_account(one.rule, one.key, one.verdict, "slow")
    assert told.blast.site_names == ("shop",)
    assert told.blast.customer_names == ("acme",)
    assert (told.blast.sites, told.blast.customers, told.blast.releases, told.blast.sessions) == (1, 1, 0, 60)
    nobody = brief_account(one.rule, ("shop", ""), one.verdict, "slow")
    assert nobody.blast.customers == 0


def test_what_goes_on_as_before_is_not_told() -> None:
    assert follow(alert(20.5), incident(), account(), MUCH_LATER) is None
    assert follow(alert(40.0), incident(), None, MUCH_LATER) is None, "nobody looked"


def test_figures_that_changed_are_told_every_five_minutes_at_most() -> None:
    assert follow(alert(23.0), incident(), account(), MUCH_LATER - 1) is None
    update = follow(alert(23.0), incident(), account("it is slower"), MUCH_LATER)
    assert update is not None
    assert (update.incident.value, update.incident.message, update.incident.revision) == (23.0, "it is slower", 2)
    assert update.entry is not None
    assert (update.entry.kind, update.entry.value) == (EntryKind.UPDATED, 23.0)


def test_a_blast_radius_that_doubled_is_told_at_once() -> None:
    assert follow(alert(), incident(), account(sessions=125), LATER) is None
    doubled: tuple[dict[str, Any], ...] = ({"sessions": 126}, {"customers": 2}, {"sites": 2})
    for blast in doubled:
        update = follow(alert(), incident(), account(**blast), LATER)
        assert update is not None, blast
        assert update.entry is not None
        assert update.entry.kind is EntryKind.UPDATED


def test_a_blast_radius_that_grew_is_told_in_time() -> None:
    assert follow(alert(), incident(), account(sessions=69), MUCH_LATER) is None
    assert follow(alert(), incident(), account(sessions=70), MUCH_LATER)
    assert follow(alert(), incident(), account(sessions=5), MUCH_LATER) is None, "fewer is no news"


def test_what_was_opened_before_it_was_measured_is_told_once_it_is() -> None:
    brief = incident(told=account(seen=0))
    update = follow(alert(), brief, account(), LATER)
    assert update is not None
    assert update.incident.blast.sessions_seen == 400
    assert follow(alert(), update.incident, account(), LATER) is None


def test_graver_is_told_at_once_and_less_grave_too() -> None:
    update = follow(alert(60.0, Severity.CRITICAL), incident(), account("it is awful"), LATER)
    assert update is not None
    graver = update.incident
    assert update.entry is not None
    assert (update.entry.kind, update.entry.severity) == (EntryKind.ESCALATED, Severity.CRITICAL)
    assert (graver.severity, graver.gravest, graver.labels["severity"]) == ("critical", "critical", "critical")
    assert (graver.message, graver.value) == ("it is awful", 60.0)

    update = follow(alert(20.0, Severity.WARNING), graver, None, LATER)
    assert update is not None
    assert update.entry is not None
    assert update.entry.kind is EntryKind.EASED
    assert (update.incident.severity, update.incident.gravest) == ("warning", "critical")
    assert update.incident.value == 20.0
    assert update.incident.revision == 3


@pytest.mark.parametrize("finding", [Finding.BETWEEN, Finding.CLEAR, Finding.UNKNOWN])
def test_while_it_fires_on_without_being_bad_the_bad_figures_stay(finding: Finding) -> None:
    fires_on = alert(12.0, finding=finding)
    assert follow(fires_on, incident(), account(sessions=1_000), MUCH_LATER) is None
    graver = replace(incident(), severity=Severity.CRITICAL)
    eased = follow(fires_on, graver, account("it is 12"), MUCH_LATER)
    assert eased is not None
    assert (eased.incident.value, eased.incident.message) == (20.0, "it is slow")


def test_an_account_that_was_not_measured_doesnt_replace_one_that_was() -> None:
    update = follow(alert(60.0, Severity.CRITICAL), incident(), account("it is awful", seen=0), LATER)
    assert update is not None
    assert update.incident.blast == incident().blast
    assert update.incident.message == "it is awful"


def test_an_acknowledged_incident_stays_so_when_it_becomes_graver() -> None:
    taken = replace(incident(), status=IncidentStatus.ACKNOWLEDGED, acknowledged_by="kim")
    update = follow(alert(60.0, Severity.CRITICAL), taken, None, LATER)
    assert update is not None
    assert update.incident.status is IncidentStatus.ACKNOWLEDGED


def test_an_alert_that_ended_resolves_its_incident() -> None:
    update = follow(alert(9.0, None, Finding.CLEAR), incident(), None, LATER)
    assert update is not None
    assert (update.incident.status, update.incident.resolved_ms, update.incident.resolved_by) == ("resolved", LATER, "")
    assert update.incident.value == 20.0
    assert update.entry is not None
    assert (update.entry.kind, update.entry.value, update.entry.threshold) == (EntryKind.RESOLVED, 9.0, 16.0)


def test_an_end_is_never_before_the_beginning() -> None:
    assert recover(incident(), None, NOON - 5_000).incident.resolved_ms == NOON


def test_a_rule_that_is_gone_resolves_its_incidents_and_says_so() -> None:
    update = retire(incident(), "the rule was removed", LATER)
    assert update.incident.status is IncidentStatus.RESOLVED
    assert update.entry is not None
    assert update.entry.words == "the rule was removed"


def test_resolved_by_hand_it_opens_again_only_when_it_is_graver_than_it_ever_was() -> None:
    by_hand = replace(incident(), status=IncidentStatus.RESOLVED, resolved_by="kim", gravest=Severity.ERROR)
    assert may_go_on(alert(), None)
    assert not may_go_on(alert(), by_hand)
    assert not may_go_on(alert(severity=Severity.ERROR), by_hand)
    assert may_go_on(alert(severity=Severity.CRITICAL), by_hand)


def test_texts_and_labels_of_a_rule_that_was_edited_come_with_the_next_change() -> None:
    edited = slow_renders(title="Slow", labels={"team": "core"})
    update = follow(replaced(alert(60.0, Severity.CRITICAL), rule=edited), incident(), None, LATER)
    assert update is not None
    assert (update.incident.title, update.incident.labels["team"]) == ("Slow", "core")
    assert update.incident.labels["customer"] == ACME[1]
