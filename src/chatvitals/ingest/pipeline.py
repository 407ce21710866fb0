"""What happens to a decoded batch before it is spooled, as a visible list of steps."""

from collections.abc import Callable

from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.steps.cardinality import FoldCardinality, Vocabulary
from chatvitals.ingest.steps.clock import RejectImplausibleTimes, correct_clock
from chatvitals.ingest.steps.identity import hash_identities
from chatvitals.ingest.steps.scrub import scrub
from chatvitals.settings import Settings

Step = Callable[[Delivery], None]

HOUR_MS = 3_600_000


class Pipeline:
    """The steps, in order. Each sees what the ones before it left."""

    def __init__(self, settings: Settings, vocabulary: Vocabulary) -> None:
        self.steps: tuple[Step, ...] = (
            correct_clock,
            RejectImplausibleTimes(
                settings.max_event_age_hours * HOUR_MS,
                settings.max_event_ahead_s * 1_000,
                settings.raw_retention_days * 24 * HOUR_MS,
            ),
            hash_identities,
            scrub,
            FoldCardinality(vocabulary),
        )

    def run(self, delivery: Delivery) -> Delivery:
        """Take the delivery through every step."""
        for step in self.steps:
            step(delivery)
        return delivery
