"""The handlers that read: figures, series, breakdowns, outcomes, exports and the scrape."""

from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chatvitals.errors import BadRequest
from chatvitals.query.answers import Answers
from chatvitals.query.export import ExportFormat, export
from chatvitals.query.health import assess
from chatvitals.query.outcomes import Outcomes, count_outcomes
from chatvitals.query.request import (
    Question,
    Window,
    parse_filters,
    parse_whole,
    parse_window,
    refuse_unknown,
)
from chatvitals.query.series import Breakdown, Series, breakdown, series
from chatvitals.query.snapshot import take_picture
from chatvitals.query.values import Values, find_values
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.routes import WINDOW_PARAMETERS, ApiRoute, Parameter
from chatvitals.server.api.widget import (
    WidgetPictures,
    ask_pictures,
    assess_health,
    bands_of,
    widget_answer,
    widget_csv,
)
from chatvitals.server.exposition import alerting_families, expose, own_families, widget_families
from chatvitals.server.service import Service
from chatvitals.store.control.incidents import OPEN, Wanted

_JSON = "application/json"
_DAY_MS = 86_400_000
_SCRAPE_WINDOW_MS = 300_000
_EXPORT_TYPES: dict[ExportFormat, str] = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


class Reading:
    """Answers questions of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._answers = Answers()

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        metric = Parameter("metric", "path of a metric, as performance.renders.p95Time", required=True)
        return [
            ApiRoute(
                "GET",
                "/api/monitoring/widget",
                "Health and every figure of a window, and of the one before",
                self.widget,
                "widget",
                (
                    *WINDOW_PARAMETERS,
                    Parameter("format", "form of the answer", values=("json", "csv", "prometheus")),
                ),
                filters=True,
            ),
            ApiRoute(
                "GET",
                "/api/monitoring/series",
                "A metric over time",
                self.series,
                Series,
                (
                    metric,
                    *WINDOW_PARAMETERS,
                    Parameter("step", "length of a step in ms", "integer"),
                    Parameter("by", "dimension, or text field of the metric's events, to split by"),
                ),
                filters=True,
            ),
            ApiRoute(
                "GET",
                "/api/monitoring/breakdown",
                "A metric by the values of a dimension",
                self.breakdown,
                Breakdown,
                (
                    metric,
                    *WINDOW_PARAMETERS,
                    Parameter("by", "dimension, or text field of the metric's events", required=True),
                    Parameter("limit", "most values to answer with; default 100", "integer"),
                ),
                filters=True,
            ),
            ApiRoute(
                "GET",
                "/api/monitoring/values",
                "The values of a dimension that hold a text, those with the most events first",
                self.values,
                Values,
                (
                    Parameter("dimension", "dimension, or site", required=True),
                    *WINDOW_PARAMETERS,
                    Parameter("search", "what the values hold, in any case"),
                    Parameter("limit", "most values to answer with; default 50", "integer"),
                ),
                filters=True,
            ),
            ApiRoute(
                "GET",
                "/api/monitoring/outcomes",
                "What became of every received event; a body that could not be read counts as one",
                self.outcomes,
                Outcomes,
                WINDOW_PARAMETERS,
                filters=True,
            ),
            ApiRoute(
                "GET",
                "/api/monitoring/export",
                "Raw events",
                self.export,
                None,
                (*WINDOW_PARAMETERS, Parameter("format", "form of the file", values=tuple(_EXPORT_TYPES))),
                filters=True,
                media_types=tuple(_EXPORT_TYPES.values()),
            ),
            ApiRoute(
                "GET",
                "/metrics",
                "The widget's metrics of the last five minutes, and the program's own",
                self.scrape,
                media_types=("text/plain", "application/openmetrics-text"),
            ),
        ]

    def _question(self, request: Request, route_parameters: tuple[str, ...]) -> Question:
        refuse_unknown(request.query_params.keys(), route_parameters)
        return Question(
            parse_window(request.query_params, self._service.clock()),
            parse_filters(request.query_params.multi_items()),
        )

    async def widget(self, request: Request) -> Response:
        """`GET /api/monitoring/widget`."""
        question = self._question(request, ("window", "from", "to", "format"))
        format = _choice(request, "format", ("json", "csv", "prometheus"))
        service = self._service
        pictures: WidgetPictures = await self._answers.ask(
            ("widget", *_key(request, without="format")),
            lambda: ask_pictures(service.source, service.alerting.incidents, question),
        )
        match format:
            case "csv":
                return Response(widget_csv(pictures), media_type="text/csv")
            case "prometheus":
                health = assess_health(pictures, service.settings)
                site = ",".join(question.filters.get("site", ("",)))
                text, media_type = expose(widget_families([(site, pictures.now, health)]))
                return Response(text, headers={"content-type": media_type})
        return json_answer(widget_answer(pictures, service.settings))

    async def series(self, request: Request) -> Response:
        """`GET /api/monitoring/series`."""
        parameters = request.query_params
        question = self._question(request, ("metric", "window", "from", "to", "step", "by"))
        step = parse_whole(parameters["step"], "step", 1_000, 366 * _DAY_MS) if "step" in parameters else None
        path, by = _required(request, "metric"), parameters.get("by")
        source = self._service.source
        return json_answer(
            await self._answers.ask(("series", *_key(request)), lambda: series(source, question, path, step, by))
        )

    async def breakdown(self, request: Request) -> Response:
        """`GET /api/monitoring/breakdown`."""
        parameters = request.query_params
        question = self._question(request, ("metric", "window", "from", "to", "by", "limit"))
        limit = parse_whole(parameters["limit"], "limit", 1, 10_000) if "limit" in parameters else 100
        path, by = _required(request, "metric"), _required(request, "by")
        source = self._service.source
        return json_answer(
            await self._answers.ask(("breakdown", *_key(request)), lambda: breakdown(source, question, path, by, limit))
        )

    async def values(self, request: Request) -> Response:
        """`GET /api/monitoring/values`."""
        parameters = request.query_params
        question = self._question(request, ("dimension", "window", "from", "to", "search", "limit"))
        limit = parse_whole(parameters["limit"], "limit", 1, 1_000) if "limit" in parameters else 50
        dimension, search = _required(request, "dimension"), parameters.get("search", "")
        engine = self._service.engine
        return json_answer(
            await self._answers.ask(
                ("values", *_key(request)), lambda: find_values(engine, question, dimension, search, limit)
            )
        )

    async def outcomes(self, request: Request) -> Response:
        """`GET /api/monitoring/outcomes`."""
        question = self._question(request, ("window", "from", "to"))
        engine = self._service.engine
        return json_answer(
            await self._answers.ask(("outcomes", *_key(request)), lambda: count_outcomes(engine, question))
        )

    async def export(self, request: Request) -> Response:
        """`GET /api/monitoring/export`."""
        question = self._question(request, ("window", "from", "to", "format"))
        format: ExportFormat = _choice(request, "format", tuple(_EXPORT_TYPES))
        pieces: AsyncIterator[bytes] = iterate_in_threadpool(export(self._service.engine, question, format))
        first = await anext(pieces, b"")  # what can't be answered at all is told by its status

        async def all_pieces() -> AsyncIterator[bytes]:
            yield first
            async for piece in pieces:
                yield piece

        return StreamingResponse(all_pieces(), headers={"content-type": _EXPORT_TYPES[format]})

    async def scrape(self, request: Request) -> Response:
        """`GET /metrics`."""
        refuse_unknown(request.query_params.keys(), ())
        text, media_type = await self._answers.ask(
            ("scrape", request.headers.get("accept", "")),
            lambda: self._scrape(request.headers.get("accept", "")),
        )
        return Response(text, headers={"content-type": media_type})

    def _scrape(self, accept: str) -> tuple[bytes, str]:
        service, settings = self._service, self._service.settings
        now = service.clock()
        window = Window(now - _SCRAPE_WINDOW_MS, now)
        bands = bands_of(settings)
        pictures = []
        for site in service.sites.all():
            picture = take_picture(service.source, Question(window, {"site": (site.name,)}))
            health = assess(picture.figures, settings.health_weights, bands, settings.min_samples)
            pictures.append((site.name, picture, health))
        own = own_families(
            count_outcomes(service.engine, Question(Window(now - _DAY_MS, now))),
            service.spool.unsettled_bytes,
            service.writer.rows_written,
            service.writer.failure is None,
            len(service.damaged_parts),
        )
        alerting = service.alerting
        watching = alerting_families(
            alerting.loop.active,
            alerting.loop.failures,
            alerting.incidents.statistics(Wanted(statuses=OPEN)).by_severity,
            alerting.outbox.health(),
        )
        return expose((*widget_families(pictures), *own, *watching), accept, with_process=True)


def _key(request: Request, without: str = "") -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in request.query_params.multi_items() if item[0] != without))


def _required(request: Request, name: str) -> str:
    value = request.query_params.get(name)
    if not value:
        raise BadRequest(f"{name} is missing", name)
    return value


def _choice(request: Request, name: str, choices: tuple[Any, ...]) -> Any:
    value = request.query_params.get(name, choices[0])
    if value not in choices:
        raise BadRequest(f"{name} is {value[:40]!r}: give one of {', '.join(choices)}", name)
    return value
