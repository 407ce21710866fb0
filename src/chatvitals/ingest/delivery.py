"""A batch on its way through the pipeline."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

from msgspec import Struct

from chatvitals.catalogue.dimensions import Context
from chatvitals.catalogue.kinds import Event
from chatvitals.ingest.outcomes import OutcomeCounts, outcome_key
from chatvitals.store.control.sites import Site


class Rejection(Struct, frozen=True):
    """Why one event of a batch was not kept. `index` is its place in the batch as sent; `reason` is one of a few."""

    index: int
    field: str
    reason: str
    detail: str = ""


@dataclass(slots=True)
class Delivery:
    """Events of one context. Steps change it in place: they clean the context and the events, or reject events.

    `positions` are the events' places in the batch as sent, None while they are 0, 1, 2…; `skew_ms` is added to
    the client's clock; `session` and `tab` are keyed hashes; `folded` says for each folded event by which dimension.
    """

    site: Site
    batch: bytes
    received_ms: int
    sent_ms: float
    sample: float
    context: Context
    events: list[Event]
    positions: list[int] | None = None
    rejections: list[Rejection] = field(default_factory=list)
    live: bool = True
    skew_ms: int = 0
    session: int = 0
    tab: int = 0
    folded: dict[int, str] = field(default_factory=dict)

    def reject_where(self, bad: Callable[[Event], bool], field_name: str, reason: str, detail: str) -> None:
        """Take out the events for which `bad` holds, with the same reason."""
        positions = self.positions or list(range(len(self.events)))
        kept: list[Event] = []
        kept_positions: list[int] = []
        for event, position in zip(self.events, positions, strict=True):
            if bad(event):
                self.rejections.append(Rejection(position, field_name, reason, detail))
            else:
                kept.append(event)
                kept_positions.append(position)
        self.events, self.positions = kept, kept_positions

    def batch_of_site(self) -> bytes:
        """The batch id as it is remembered: 16 bytes, different for each site, so that sites don't meet."""
        return blake2b(self.batch, key=self.site.salt, digest_size=16).digest()

    def outcomes(self) -> OutcomeCounts:
        """One outcome for each event that came, as it is once the batch is kept."""
        site, now = self.site.name, self.received_ms
        counts: OutcomeCounts = Counter()
        for rejection in self.rejections:
            counts[outcome_key(site, now, "rejected", rejection.reason)] += 1
        for dimension in self.folded.values():
            counts[outcome_key(site, now, "folded", dimension)] += 1
        stored = len(self.events) - len(self.folded)
        if stored:
            counts[outcome_key(site, now, "stored")] += stored
        return counts
