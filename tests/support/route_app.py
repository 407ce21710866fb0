"""An application of some routes alone, whose errors are answered as the server does."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatvitals.errors import RequestError
from chatvitals.server.api.routes import ApiRoute
from chatvitals.server.problems import problem_response


def route_app(routes: Sequence[ApiRoute]) -> Starlette:
    return Starlette(routes=[Route(route.path, _endpoint(route), methods=[route.method]) for route in routes])


def _endpoint(route: ApiRoute) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await route.handler(request)
        except RequestError as error:
            return problem_response(error)

    return answer
