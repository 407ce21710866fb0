"""Importing events with their original times: NDJSON, one event a line, its context's fields beside its own.

Idempotent by row: what is in the store already is not stored again, however the lines are cut into requests.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from chatvitals.catalogue.dimensions import Context
from chatvitals.catalogue.kinds import AnyEvent, Event
from chatvitals.catalogue.limits import SampleRate
from chatvitals.clock import Clock
from chatvitals.errors import BadRequest, Unavailable
from chatvitals.ingest.delivery import Delivery, Rejection
from chatvitals.ingest.envelope import DecodingError, mend_surrogates, rejection_of
from chatvitals.ingest.outcomes import outcome_key
from chatvitals.ingest.pipeline import Pipeline
from chatvitals.ingest.spool import Spool
from chatvitals.ingest.writer import Writer
from chatvitals.store.control.sites import Site
from chatvitals.store.events.engine import Engine

Identity = tuple[int, int, int, str, int]
"""Session, tab, ordinal, kind and corrected time of an event: what makes two rows the same event."""


class _Line(Context, kw_only=True, rename="camel"):
    sample: SampleRate = 1.0


class ImportAnswer(msgspec.Struct, frozen=True):
    """How many lines were kept, how many were there already, and why the others were not kept."""

    accepted: int
    duplicates: int
    rejected: list[Rejection]


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_event = msgspec.json.Decoder(AnyEvent).decode

_PRESENT = """
SELECT session, tab, seq, kind, toUnixTimestamp64Milli(ts) AS moment, count() AS n
FROM events
WHERE site = {site:String} AND ts >= {from:DateTime64(3, 'UTC')} AND ts <= {to:DateTime64(3, 'UTC')}
GROUP BY session, tab, seq, kind, ts
"""


class Importer:
    """Takes one piece of an import at a time."""

    def __init__(self, engine: Engine, pipeline: Pipeline, spool: Spool, writer: Writer, clock: Clock) -> None:
        self._engine = engine
        self._pipeline = pipeline
        self._spool = spool
        self._writer = writer
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def take(self, site: Site, body: bytes) -> ImportAnswer:
        """Keep the events of an NDJSON body that are not there yet. Raises BadRequest, Unavailable, EngineError."""
        now = self._clock()
        batch = blake2b(body, digest_size=16).digest()
        deliveries, unreadable = await asyncio.to_thread(_read_lines, site, batch, now, body)
        rejections = list(unreadable)
        total = len(unreadable) + sum(len(delivery.events) for delivery in deliveries)
        async with self._one_at_a_time:
            await self._writer.write_all()  # so that the store can tell what is there
            for delivery in deliveries:
                self._pipeline.run(delivery)
                rejections += delivery.rejections
            duplicates = await asyncio.to_thread(self._drop_present, site, deliveries)
            accepted = sum(len(delivery.events) for delivery in deliveries)
            if accepted or rejections:
                # not the body's own id: rows tell what was seen, and rows may have been erased since
                unique = blake2b(batch + now.to_bytes(8), digest_size=16).digest()
                try:
                    await self._spool.append(unique, deliveries, 0)
                except Unavailable:
                    self._spool.note(outcome_key(site.name, now, "limited", "unavailable"), total)
                    raise
            for rejection in unreadable:
                self._spool.note(outcome_key(site.name, now, "rejected", rejection.reason), 1)
            self._spool.note(outcome_key(site.name, now, "duplicate", "row_seen"), duplicates)
        return ImportAnswer(accepted, duplicates, sorted(rejections, key=lambda rejection: rejection.index))

    def _drop_present(self, site: Site, deliveries: list[Delivery]) -> int:
        times = [_moment(event, delivery) for delivery in deliveries for event in delivery.events]
        if not times:
            return 0
        rows = self._engine.query(
            _PRESENT,
            {"site": site.name, "from": f"{min(times) / 1_000:.3f}", "to": f"{max(times) / 1_000:.3f}"},
        )
        present: Counter[Identity] = Counter(
            {(row["session"], row["tab"], row["seq"], row["kind"], row["moment"]): row["n"] for row in rows}
        )
        return sum(_drop(delivery, present) for delivery in deliveries) if present else 0


def _moment(event: Event, delivery: Delivery) -> int:
    return int(event.timestamp) + delivery.skew_ms


def _drop(delivery: Delivery, present: Counter[Identity]) -> int:
    """Take out the events that `present` has, each as often as it has it."""
    kept: list[Event] = []
    for event in delivery.events:
        kind = str(event.__struct_config__.tag)
        identity = (delivery.session, delivery.tab, event.seq, kind, _moment(event, delivery))
        if present[identity] > 0:
            present[identity] -= 1
        else:
            kept.append(event)
    dropped = len(delivery.events) - len(kept)
    if dropped:
        delivery.events, delivery.positions, delivery.folded = kept, None, {}
    return dropped


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    return ((index, line) for index, line in enumerate(body.split(b"\n")) if line.strip())


def _read_lines(site: Site, batch: bytes, now: int, body: bytes) -> tuple[list[Delivery], list[Rejection]]:
    """Deliveries of lines with the same context, in the order in which the contexts come."""
    by_context: dict[tuple[object, ...], Delivery] = {}
    rejections: list[Rejection] = []
    for index, raw in _lines(body):
        try:
            context, event = _decode(raw)
        except DecodingError as error:
            rejections.append(rejection_of(index, error))
            continue
        key = msgspec.structs.astuple(context)
        delivery = by_context.get(key)
        if delivery is None:
            delivery = by_context[key] = Delivery(site, batch, now, now, context.sample, context, [], [], live=False)
        delivery.events.append(event)
        assert delivery.positions is not None
        delivery.positions.append(index)
    if not by_context and not rejections:
        raise BadRequest("the import is empty: send one event as JSON a line")
    return list(by_context.values()), rejections


def _decode(raw: bytes) -> tuple[_Line, Event]:
    try:
        return _decode_line(raw), _decode_event(raw)
    except msgspec.ValidationError:
        raise
    except DecodingError:
        mended = mend_surrogates(raw)
        return _decode_line(mended), _decode_event(mended)
