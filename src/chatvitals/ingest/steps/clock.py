"""Bring the client's clock to ours, and reject what is too old or not yet."""

from chatvitals.ingest.delivery import Delivery

TRANSIT_MS = 2_000
"""A difference up to this is taken for the way of the request, not for a wrong clock."""


def correct_clock(delivery: Delivery) -> None:
    """Shift all timestamps by what the client's clock is off at the time of sending; the original stays known."""
    skew = delivery.received_ms - delivery.sent_ms
    delivery.skew_ms = round(skew) if delivery.live and abs(skew) > TRANSIT_MS else 0


class RejectImplausibleTimes:
    """Reject events whose corrected time lies out of the accepted span."""

    def __init__(self, max_age_ms: int, max_ahead_ms: int, retention_ms: int) -> None:
        self._max_age_ms = max_age_ms
        self._max_ahead_ms = max_ahead_ms
        self._retention_ms = retention_ms

    def __call__(self, delivery: Delivery) -> None:
        """Live events may be `max_age_ms` old, imported ones as old as raw events are kept."""
        if not delivery.events:
            return
        clients_now = delivery.received_ms - delivery.skew_ms
        oldest = clients_now - (self._max_age_ms if delivery.live else self._retention_ms)
        newest = clients_now + self._max_ahead_ms
        times = [event.timestamp for event in delivery.events]
        if min(times) < oldest:
            delivery.reject_where(
                lambda event: event.timestamp < oldest,
                "timestamp",
                "too_old",
                "older than events are taken in, after correcting the client's clock",
            )
        if max(times) > newest:
            delivery.reject_where(
                lambda event: event.timestamp > newest,
                "timestamp",
                "in_future",
                "ahead of the server's time, after correcting the client's clock",
            )
