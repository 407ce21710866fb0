"""What becomes of the incidents of several rules at a tick, given all that are open. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from chatvitals.alerting.accounts import Account
from chatvitals.alerting.incidents import Alert, follow, may_go_on, open_incident, recover, retire
from chatvitals.alerting.state import Status
from chatvitals.store.control.incidents import Incident, Update

CHANGED = "the rule was changed: it measures something else now"


@dataclass(frozen=True, slots=True)
class Settling:
    """A tick's alerts that fire or just ended, and their accounts, by fingerprint; `begun` are those that just began to
    fire. `changed` are the rules that measure something else than before. `brief` accounts for an alert that has none.
    """

    alerts: Mapping[str, Alert]
    begun: Collection[str]
    accounts: Mapping[str, Account]
    changed: Collection[str]
    brief: Callable[[Alert], Account]
    new_id: Callable[[], str]
    now_ms: int

    @property
    def firing(self) -> list[str]:
        """The fingerprints of those that fire."""
        return [name for name, alert in self.alerts.items() if alert.state.status is Status.FIRING]

    def settle(self, open: Mapping[str, Incident], by_hand: Mapping[str, Incident]) -> list[Update]:
        """What changes, so that what fires has an incident and nothing else has.

        `open` are all open incidents of these rules; `by_hand` the last one of an alert that has none, where somebody
        resolved it.
        """
        updates = [self._follow(incident) for incident in open.values()]
        updates += [self._open(alert) for alert in self.alerts.values() if self._lacks_one(alert, open, by_hand)]
        return [update for update in updates if update is not None]

    def _follow(self, incident: Incident) -> Update | None:
        if incident.rule in self.changed:
            return retire(incident, CHANGED, self.now_ms)
        alert = self.alerts.get(incident.fingerprint)
        if alert is None:
            return recover(incident, None, self.now_ms)
        return follow(alert, incident, self.accounts.get(incident.fingerprint), self.now_ms)

    def _lacks_one(self, alert: Alert, open: Mapping[str, Incident], by_hand: Mapping[str, Incident]) -> bool:
        if alert.state.status is not Status.FIRING:
            return False
        if alert.fingerprint in open and alert.rule.name not in self.changed:
            return False
        return alert.fingerprint in self.begun or may_go_on(alert, by_hand.get(alert.fingerprint))

    def _open(self, alert: Alert) -> Update:
        account = self.accounts.get(alert.fingerprint) or self.brief(alert)
        return open_incident(alert, account, self.new_id(), self.now_ms)
