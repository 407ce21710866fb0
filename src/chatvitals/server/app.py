"""The ASGI application: the ingest path at once, everything else through the router."""

from uuid import uuid4

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chatvitals.dashboard.saved.book import ViewBook
from chatvitals.errors import EngineError, NotFound, RequestError, Unavailable, Unexpected
from chatvitals.ingest.body import ClientGone
from chatvitals.server.api.alerting import alerting_routes
from chatvitals.server.api.importing import Importing
from chatvitals.server.api.ingest import PATH as INGEST_PATH
from chatvitals.server.api.ingest import IngestRoute
from chatvitals.server.api.probes import Probes
from chatvitals.server.api.reading import Reading
from chatvitals.server.api.routes import ApiRoute
from chatvitals.server.api.sdk import SdkScript
from chatvitals.server.api.views import ViewsApi
from chatvitals.server.dashboard import dashboard_parts
from chatvitals.server.guard import Guard
from chatvitals.server.live.live import Live
from chatvitals.server.openapi import openapi
from chatvitals.server.pages import Pages
from chatvitals.server.problems import problem_response
from chatvitals.server.service import Service

log = structlog.get_logger()


class Application:
    """Sends each request to the ingest route or to the router. No token means development: this machine only."""

    def __init__(self, service: Service, token: str | None) -> None:
        self._ingest = IngestRoute(service.ingest)
        self._guard = Guard(token, service.clock, service.settings.public_url)
        self.routes: list[ApiRoute] = [
            *Reading(service).routes(),
            *alerting_routes(service),
            *ViewsApi(ViewBook(service.saved_views, service.clock, lambda: str(uuid4()))).routes(),
            *Importing(service).routes(),
            *Probes(service).routes(),
            *SdkScript().routes(),
        ]
        self.routes.append(ApiRoute("GET", "/api/openapi.json", "This document", self._openapi, open=True))
        pages = Pages(dashboard_parts(service), self._guard, service.movement.tell)
        self._router = Starlette(
            routes=[
                *(Route(route.path, self._endpoint(route), methods=[route.method]) for route in self.routes),
                *pages.routes(),
                Live(service, pages, self._guard).route(),
            ],
            exception_handlers={HTTPException: _http_problem, Exception: _unexpected},
        )

    async def _openapi(self, _request: Request) -> Response:
        return Response(openapi(self.routes, INGEST_PATH), media_type="application/json")

    def _endpoint(self, route: ApiRoute) -> "_Endpoint":
        return _Endpoint(route, self._guard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"] == INGEST_PATH and scope["method"] in ("POST", "OPTIONS"):
            await self._ingest(scope, receive, send)
        else:
            await self._router(scope, receive, send)


class _Endpoint:
    """Runs a route's handler for those who may, and turns its errors into problem details."""

    def __init__(self, route: ApiRoute, guard: Guard) -> None:
        self._route = route
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive, send))
        response.headers["x-content-type-options"] = "nosniff"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            if not self._route.open:
                self._guard.check(request)
            return await self._route.handler(request)
        except RequestError as error:
            return problem_response(error)
        except EngineError as error:
            log.error("query failed", path=request.url.path, error=str(error))
            return problem_response(Unavailable("the events store could not answer this; try a shorter window"))
        except ClientGone:
            return Response(status_code=499)


async def _http_problem(_request: Request, error: Exception) -> Response:
    """The router's own refusals: no such path, or not with this method."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        wrong = _WrongMethod("this path is not there for this method: /api/openapi.json lists what is")
        response = problem_response(wrong)
        response.headers.update(error.headers or {})
        return response
    return problem_response(NotFound("there is nothing here: /api/openapi.json lists what is"))


class _WrongMethod(RequestError):
    status, reason, title = 405, "wrong_method", "Method not allowed"


async def _unexpected(request: Request, error: Exception) -> Response:
    """A mistake of ours: said plainly, without its inside."""
    log.error("unexpected error", path=request.url.path, exc_info=error)
    return problem_response(Unexpected("the server made a mistake; its log says more"))
