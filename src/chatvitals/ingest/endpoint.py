"""`POST /api/monitoring/widget`: a batch, or a single metric, from a widget on somebody's page.

202 after it is on disk. Everything that can be said against a batch is said as an error of `errors.py`; what
can be said against one event is said in the answer's `rejected`.

A refusal is counted once for each event of its batch as soon as the body was decoded, and as one event before that:
`docs/reference/outcomes.md` says which refusals come when. Nothing is decoded only to be counted.
"""

from typing import Any

import msgspec

from chatvitals.clock import Clock
from chatvitals.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    RateLimited,
    TimedOut,
    TooLarge,
    Unauthorised,
    Unavailable,
    UnsupportedMedia,
)
from chatvitals.ingest.allowance import Allowance
from chatvitals.ingest.body import Receive, decode_body, read_body
from chatvitals.ingest.delivery import Delivery, Rejection
from chatvitals.ingest.envelope import decode_envelope
from chatvitals.ingest.keyring import Keyring
from chatvitals.ingest.outcomes import outcome_key
from chatvitals.ingest.pipeline import Pipeline
from chatvitals.ingest.spool import Spool, Verdict
from chatvitals.ingest.user_agent import name_browser
from chatvitals.settings import Settings

Headers = dict[bytes, bytes]

KEY_HEADER = b"x-chatvitals-key"
GZIP_MAGIC = b"\x1f\x8b"
"""JSON never begins like this."""

_ACCEPTED_TYPES = (b"application/json", b"text/plain", b"")


class IngestAnswer(msgspec.Struct, frozen=True):
    """How many events were kept, and why the others were not."""

    accepted: int
    rejected: list[Rejection]


class Ingest:
    """Takes requests in. All on the event loop but the work on disk."""

    def __init__(self, settings: Settings, keyring: Keyring, pipeline: Pipeline, spool: Spool, clock: Clock) -> None:
        self._settings = settings
        self._keyring = keyring
        self._pipeline = pipeline
        self._spool = spool
        self._clock = clock
        self._allowance = Allowance(settings.max_key_events_per_s)

    async def take(self, headers: Headers, receive: Receive) -> IngestAnswer:
        """Read, check, clean and keep a request's events. Raises what `errors.py` has for it."""
        settings, now = self._settings, self._clock()
        site_name, total = "", 1
        try:
            body = await self._body(headers, receive)
            envelope = decode_envelope(body, now, settings.max_batch_events)
            total = envelope.total
            key = envelope.key or headers.get(KEY_HEADER, b"").decode("latin-1")
            site = self._keyring.site_of(key)
            site_name = site.name
            origin = headers.get(b"origin")
            if origin is not None and not site.allows(origin.decode("latin-1")):
                raise Forbidden("pages of this origin may not write to this site: add it to the site's allowed origins")
            if total > settings.max_batch_events:
                raise TooLarge(f"the batch has {total} events; at most {settings.max_batch_events} are taken at once")
            wait_s = self._allowance.take(key, total)
            if wait_s:
                self._spool.note(outcome_key(site_name, now, "limited", "key_rate"), total)
                raise RateLimited("this key sends more events than it may", wait_s)
        except (BadRequest, Unauthorised, Forbidden, TooLarge, UnsupportedMedia, TimedOut) as refusal:
            lost = refusal.events if isinstance(refusal, BadRequest) else total
            self._spool.note(outcome_key(site_name, now, "rejected", refusal.reason), lost)
            raise
        name_browser(envelope.context, headers.get(b"user-agent"))
        fingerprint = envelope.fingerprint()
        delivery = self._pipeline.run(
            Delivery(
                site,
                envelope.batch,
                now,
                envelope.sent_ms,
                envelope.sample,
                envelope.context,
                envelope.events,
                envelope.positions,
                envelope.rejections,
            )
        )
        try:
            verdict = await self._spool.append(delivery.batch_of_site(), (delivery,), fingerprint)
        except Unavailable:
            self._spool.note(outcome_key(site_name, now, "limited", "unavailable"), total)
            raise
        if verdict is Verdict.UNFIT:
            raise BadRequest("the batch has a value that can't be stored")
        if verdict is Verdict.CONFLICT:
            raise Conflict(
                "a batch of this id, with other events, was accepted before: give each batch an id of its own"
            )
        return IngestAnswer(len(delivery.events), delivery.rejections)

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        settings = self._settings
        media_type = headers.get(b"content-type", b"").split(b";", 1)[0].strip().lower()
        if media_type not in _ACCEPTED_TYPES:
            raise UnsupportedMedia("send the body as application/json or text/plain")
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared[:18]) > settings.max_body_bytes:
            raise TooLarge(f"the body has more than {settings.max_body_bytes} bytes")
        body = await read_body(receive, settings.max_body_bytes, settings.body_timeout_s)
        encoding = headers.get(b"content-encoding")
        if encoding is None:
            if not body.startswith(GZIP_MAGIC):
                return body
            encoding = b"gzip"  # a page can't name its encoding without a preflight
        return decode_body(body, encoding.decode("latin-1").strip().lower(), settings.max_decoded_bytes)


def as_headers(scope: Any) -> Headers:
    """A request's headers by their lower-case names; of repeated ones the last."""
    return dict(scope["headers"])
