"""What becomes of an alert's incident at a tick. Pure: incidents in, incidents and timeline entries out.

An alert that fires has one open incident, one that doesn't has none. This is brought about from how things are rather
than from what changed, so that doing it again, or after an interruption, does no more than is missing.

Who resolves an incident while its alert fires has seen enough of it: the alert opens no other until it ended once, or
becomes graver than the incident ever was, or still fires after a day.
"""

import hashlib
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from chatvitals.alerting.accounts import Account, measured
from chatvitals.alerting.evaluate import Finding, Verdict
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.state import AlertState, Status
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.incidents import Blast, Entry, EntryKind, Incident, IncidentStatus, Update

HELD_MS = 86_400_000
"""How long an incident that was resolved by hand keeps its alert from opening another, while it fires on."""

UPDATE_EVERY_MS = 300_000
"""A timeline gets an `updated` entry no more often, unless the blast radius doubled."""

NOTICEABLE = 0.1
"""By how much of itself a figure has to change to be told anew."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert after a tick."""

    rule: Rule
    key: Key
    state: AlertState
    verdict: Verdict

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.rule.name, self.key)

    @property
    def bad(self) -> bool:
        """Whether it fires, and the last figures say why. Otherwise they are no cause to tell anything anew."""
        return self.state.status is Status.FIRING and self.verdict.finding is Finding.BREACH


def fingerprint_of(rule: str, key: Key) -> str:
    """The name of an alert that stays: SHA-256 of its rule and key, in hex."""
    return hashlib.sha256(msgspec.json.encode([rule, *key])).hexdigest()


def open_incident(alert: Alert, account: Account, id: str, now_ms: int) -> Update:
    """A new incident of an alert that fires."""
    rule, severity = alert.rule, _severity(alert)
    incident = Incident(
        id=id,
        fingerprint=alert.fingerprint,
        rule=rule.name,
        site=_site(alert),
        category=rule.category,
        severity=severity,
        gravest=severity,
        status=IncidentStatus.OPEN,
        revision=1,
        title=rule.title,
        message=account.message,
        labels=_labels(alert, severity),
        value=alert.verdict.value,
        threshold=alert.verdict.threshold,
        unit=METRICS_BY_PATH[rule.metric].unit,
        details=account.details,
        blast=account.blast,
        runbook=rule.runbook,
        opened_ms=now_ms,
        updated_ms=now_ms,
    )
    return Update(incident, _entry(incident, EntryKind.OPENED))


def may_go_on(alert: Alert, by_hand: Incident | None) -> bool:
    """Whether an alert that fires on opens an incident where it has none; `by_hand` is its last one, where somebody
    resolved it within HELD_MS."""
    return by_hand is None or _severity(alert).rank > by_hand.gravest.rank


def follow(alert: Alert, incident: Incident, account: Account | None, now_ms: int) -> Update | None:
    """What changes about the open incident of an alert; None where nothing does that is worth telling.

    `account` is None where nobody looked anew.
    """
    if alert.state.status is not Status.FIRING:
        return recover(incident, alert.verdict, now_ms)
    severity = _severity(alert)
    if severity is not incident.severity:
        kind = EntryKind.ESCALATED if severity.rank > incident.severity.rank else EntryKind.EASED
        return _change(alert, incident, account, kind, now_ms)
    if account is not None and alert.bad and _worth_telling(alert, incident, account, now_ms):
        return _change(alert, incident, account, EntryKind.UPDATED, now_ms)
    return None


def recover(incident: Incident, verdict: Verdict | None, now_ms: int) -> Update:
    """Its alert ended. The incident keeps the figures of when it was bad; the entry has those of now."""
    ended = resolved(incident, "", now_ms)
    entry = _entry(ended, EntryKind.RESOLVED)
    value, threshold = (verdict.value, verdict.threshold) if verdict else (None, None)
    return Update(ended, replace(entry, value=value, threshold=threshold, blast=None))


def retire(incident: Incident, words: str, now_ms: int) -> Update:
    """Nothing evaluates its alert any more; `words` say why."""
    ended = resolved(incident, "", now_ms)
    return Update(ended, Entry(at_ms=now_ms, kind=EntryKind.RESOLVED, severity=incident.severity, words=words))


def resolved(incident: Incident, who: str, now_ms: int) -> Incident:
    """The incident at its end, brought about by somebody or (empty) by its rule."""
    return replace(
        incident,
        status=IncidentStatus.RESOLVED,
        resolved_ms=max(now_ms, incident.opened_ms),
        resolved_by=who,
        revision=incident.revision + 1,
        updated_ms=now_ms,
    )


def _change(alert: Alert, incident: Incident, account: Account | None, kind: EntryKind, now_ms: int) -> Update:
    severity = _severity(alert)
    changed = replace(
        incident,
        severity=severity,
        gravest=max(severity, incident.gravest, key=lambda one: one.rank),
        title=alert.rule.title,
        category=alert.rule.category,
        labels=_labels(alert, severity),
        runbook=alert.rule.runbook,
        revision=incident.revision + 1,
        updated_ms=now_ms,
    )
    if alert.bad:
        changed = replace(changed, value=alert.verdict.value, threshold=alert.verdict.threshold)
    if alert.bad and account is not None:
        changed = replace(changed, message=account.message)
        if measured(account.blast) or not measured(incident.blast):
            changed = replace(changed, details=account.details, blast=account.blast)
    return Update(changed, _entry(changed, kind))


def _worth_telling(alert: Alert, incident: Incident, account: Account, now_ms: int) -> bool:
    if measured(account.blast) and (not measured(incident.blast) or _doubled(incident.blast, account.blast)):
        return True
    if 0 <= now_ms - incident.updated_ms < UPDATE_EVERY_MS:
        return False
    return _noticeable(incident.value, alert.verdict.value) or _grew(incident.blast, account.blast)


def _noticeable(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is not now
    return abs(now - before) > NOTICEABLE * abs(before)


def _doubled(before: Blast, now: Blast) -> bool:
    return any(late >= 2 * max(early, 1) for early, late in _extent(before, now))


def _grew(before: Blast, now: Blast) -> bool:
    return any(late > early * (1 + NOTICEABLE) for early, late in _extent(before, now))


def _extent(before: Blast, now: Blast) -> tuple[tuple[int, int], ...]:
    return (
        (before.sites, now.sites),
        (before.customers, now.customers),
        (before.releases, now.releases),
        (before.sessions, now.sessions),
    )


def _entry(incident: Incident, kind: EntryKind) -> Entry:
    return Entry(
        at_ms=incident.updated_ms,
        kind=kind,
        severity=incident.severity,
        value=incident.value,
        threshold=incident.threshold,
        blast=incident.blast,
    )


def _severity(alert: Alert) -> Severity:
    assert alert.state.severity is not None, "what fires is as grave as something"
    return alert.state.severity


def _site(alert: Alert) -> str:
    """The one site that it is about, or empty."""
    if "site" in alert.rule.by:
        return alert.key[alert.rule.by.index("site")]
    sites = alert.rule.filters.get("site", ())
    return sites[0] if len(sites) == 1 else ""


def _labels(alert: Alert, severity: Severity) -> dict[str, str]:
    rule = alert.rule
    return {
        **rule.labels,
        **dict(zip(rule.by, alert.key, strict=True)),
        "rule": rule.name,
        "category": rule.category,
        "severity": severity.value,
    }
