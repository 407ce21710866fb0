"""Accounts of the alerts that fire: a bounded number of them in full at each tick, the rest in brief.

Four hundred alerts that fire at once open their incidents at once, with what their figures and keys say. Their blast
radius and details are read for a few at each tick, the gravest first, and come as updates.
"""

from collections.abc import Iterable

import structlog

from chatvitals.alerting.accounts import Account, Teller, brief_account
from chatvitals.alerting.incidents import Alert
from chatvitals.alerting.state import Transition
from chatvitals.errors import EngineError

log = structlog.get_logger()

IN_FULL = 16
"""How many alerts are looked into at a tick: each costs a few queries."""

ANEW_MS = 60_000
"""An alert that goes on is looked into again after this long."""


class Telling:
    """Remembers when each alert was looked into."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._looked_ms: dict[str, int] = {}

    def accounts(self, told: Iterable[tuple[Alert, Transition | None]], now_ms: int) -> dict[str, Account]:
        """Of those that are bad, by fingerprint: in full of those whose turn it is, in brief of those that changed."""
        bad = {alert.fingerprint: (alert, transition) for alert, transition in told if alert.bad}
        accounts: dict[str, Account] = {}
        for fingerprint in self._whose_turn_it_is(bad, now_ms):
            account = self._look(bad[fingerprint][0], now_ms)
            if account is not None:
                accounts[fingerprint] = account
        for fingerprint, (alert, transition) in bad.items():
            if transition is not None and fingerprint not in accounts:
                accounts[fingerprint] = self.brief(alert)
        return accounts

    def brief(self, alert: Alert) -> Account:
        """An account without looking further."""
        message = self._teller.message(alert.rule, alert.key, alert.verdict)
        return brief_account(alert.rule, alert.key, alert.verdict, message)

    def forget(self, fingerprints: Iterable[str]) -> None:
        """These don't fire any more."""
        for fingerprint in fingerprints:
            self._looked_ms.pop(fingerprint, None)

    def _whose_turn_it_is(self, bad: dict[str, tuple[Alert, Transition | None]], now_ms: int) -> list[str]:
        """Those that were never looked into, the gravest first; then those for whom that is longest ago."""

        def order(fingerprint: str) -> tuple[int, int, str]:
            severity = bad[fingerprint][0].state.severity
            return self._looked_ms.get(fingerprint, -1), -severity.rank if severity else 0, fingerprint

        waiting = [fingerprint for fingerprint in bad if self._waits(fingerprint, now_ms)]
        return sorted(waiting, key=order)[:IN_FULL]

    def _waits(self, fingerprint: str, now_ms: int) -> bool:
        looked_ms = self._looked_ms.get(fingerprint)
        return looked_ms is None or not 0 <= now_ms - looked_ms < ANEW_MS

    def _look(self, alert: Alert, now_ms: int) -> Account | None:
        self._looked_ms[alert.fingerprint] = now_ms
        try:
            return self._teller.account(alert.rule, alert.key, alert.verdict, now_ms)
        except EngineError as error:  # an alert isn't held up by what would explain it
            log.error("blast radius not read", rule=alert.rule.name, key=alert.key, error=str(error))
            return None
