"""`POST /api/monitoring/rules/backtest`: what a rule would have done."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

import msgspec
import structlog
from msgspec import Struct
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chatvitals.alerting.backtest.backtest import Backtest, ReadsRange, RuleBacktest
from chatvitals.alerting.backtest.form import BacktestForm, read_backtest
from chatvitals.alerting.documents import BadDocuments
from chatvitals.alerting.rule import Rule
from chatvitals.clock import Clock
from chatvitals.errors import BadRequest, EngineError, RequestError, Unavailable
from chatvitals.ingest.body import ClientGone, read_body
from chatvitals.query.request import refuse_unknown
from chatvitals.server.api.routes import ApiRoute

MAX_BYTES = 1_048_576
PROGRESS = "application/x-ndjson"

_BODY_TIMEOUT_S = 10.0
_DAY_MS = 86_400_000

log = structlog.get_logger()


class BacktestAnswer(Struct, rename="camel", frozen=True):
    """What each of the rules would have done, in their order."""

    rules: tuple[RuleBacktest, ...]


class BacktestProgress(Struct, rename="camel", frozen=True):
    """How far it has come, from 0 to 1."""

    progress: float


class BacktestFailure(Struct, rename="camel", frozen=True):
    """Why it ended before it was done."""

    error: str


class Backtests:
    """Runs one backtest at a time, so that others still get their answers."""

    def __init__(self, reader: ReadsRange, built_in: Mapping[str, Rule], clock: Clock, raw_retention_days: int) -> None:
        self._reader = reader
        self._built_in = built_in
        self._clock = clock
        self._kept_ms = raw_retention_days * _DAY_MS
        self._busy = False

    def routes(self) -> list[ApiRoute]:
        """The route that is answered here."""
        return [
            ApiRoute(
                "POST",
                "/api/monitoring/rules/backtest",
                "When a rule would have fired, and how well that meets labelled incidents; one at a time. As"
                f" {PROGRESS}, lines with its progress come before the answer",
                self.backtest,
                BacktestAnswer,
                body=BacktestForm,
                media_types=("application/json", PROGRESS),
            )
        ]

    async def backtest(self, request: Request) -> Response:
        """`POST /api/monitoring/rules/backtest`."""
        refuse_unknown(request.query_params.keys(), ())
        body = await read_body(request.receive, MAX_BYTES, _BODY_TIMEOUT_S)
        backtest = await asyncio.to_thread(self._read, body)
        pieces = self._run(backtest)
        if PROGRESS in request.headers.get("accept", ""):
            first = await anext(pieces)  # what can't be done at all is told by its status
            return StreamingResponse(_lines(first, pieces), media_type=PROGRESS)
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, BacktestAnswer):
                    return Response(msgspec.json.encode(piece), media_type="application/json")
                if await request.is_disconnected():
                    break
        raise ClientGone

    def _read(self, body: bytes) -> Backtest:
        now_ms = self._clock()
        try:
            backtest = read_backtest(msgspec.json.decode(body), self._built_in, now_ms)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest(f"the body is not valid JSON: {error}") from error
        except BadDocuments as bad:
            raise BadRequest(str(bad)) from bad
        backtest.check()
        if backtest.window.start_ms < now_ms - self._kept_ms:
            days = self._kept_ms // _DAY_MS
            raise BadRequest(
                f"events are kept {days} days (the setting raw_retention_days): choose a later time", "from"
            )
        return backtest

    async def _run(self, backtest: Backtest) -> AsyncGenerator[BacktestProgress | BacktestAnswer]:
        if self._busy:
            raise Unavailable("another backtest is under way: try again when it is done", 10)
        self._busy = True
        try:
            async for piece in iterate_in_threadpool(backtest.run(self._reader)):
                yield BacktestAnswer(piece) if isinstance(piece, tuple) else BacktestProgress(round(piece, 3))
        finally:
            self._busy = False


async def _lines(first: Struct, pieces: AsyncGenerator[Struct]) -> AsyncIterator[bytes]:
    """The pieces as lines, and what went wrong as the last one: the status is sent already."""
    encoder = msgspec.json.Encoder()
    yield encoder.encode(first) + b"\n"
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                yield encoder.encode(piece) + b"\n"
    except RequestError as error:
        yield encoder.encode(BacktestFailure(str(error))) + b"\n"
    except EngineError as error:
        log.error("backtest failed", error=str(error))
        said = "the events store could not answer this: try a shorter time"
        yield encoder.encode(BacktestFailure(said)) + b"\n"
