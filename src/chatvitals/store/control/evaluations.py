"""What one tick of evaluation writes: all of it or nothing, and only by who holds the lease."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from chatvitals.store.control.alert_states import StateRow, TickRow, put_states, put_ticks
from chatvitals.store.control.incidents import Incident, Update, put_updates, read_open, read_resolved_by_hand
from chatvitals.store.control.leases import Lease, guard


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a tick found: alerts that changed and those that are inactive again, and the rules' evaluations.

    `rules` are those whose incidents may change, `None` all; `firing` the fingerprints of their alerts that fire.
    """

    rules: Collection[str] | None
    firing: Collection[str] = ()
    states: Sequence[StateRow] = ()
    inactive: Sequence[tuple[str, str]] = ()
    ticks: Sequence[TickRow] = ()
    gone: Sequence[str] = ()
    """Rules that are evaluated no more."""


Follow = Callable[[Mapping[str, Incident], Mapping[str, Incident]], Sequence[Update]]
"""Given the open incidents by fingerprint, and of those that fire and have none the last one that somebody resolved:
what changes."""


class Evaluations:
    """Writes them."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def put(self, lease: Lease, evaluation: Evaluation, follow: Follow, by_hand_since_ms: int) -> Sequence[Update]:
        """Write a tick, and what becomes of incidents by it. Raises LeaseLost.

        `follow` is asked within the transaction, so that what people do at this moment is either known to it or waits
        until it is done. Resolutions by hand count from `by_hand_since_ms` on.
        """
        with self._database.begin() as connection:
            guard(connection, lease)
            put_states(connection, evaluation.states, evaluation.inactive)
            put_ticks(connection, evaluation.ticks, evaluation.gone)
            open = {incident.fingerprint: incident for incident in read_open(connection, evaluation.rules)}
            closed = set(evaluation.firing) - open.keys()
            by_hand = read_resolved_by_hand(connection, closed, by_hand_since_ms) if closed else {}
            updates = follow(open, by_hand)
            put_updates(connection, updates)
        return updates
