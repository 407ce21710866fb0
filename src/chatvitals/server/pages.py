"""The dashboard over HTTP: pages, actions, downloads and built files. `chatvitals.dashboard` makes what is on them."""

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from chatvitals.dashboard.assets import PREFIX, Assets, built_assets
from chatvitals.dashboard.frame import make_frame
from chatvitals.dashboard.page import Action, Done, Download, Page, PageContext, Visit
from chatvitals.dashboard.parts import Parts
from chatvitals.dashboard.problem import problem_of
from chatvitals.dashboard.registry import ACTIONS, DOWNLOADS, PAGES
from chatvitals.dashboard.rendering import Rendered, Renderer
from chatvitals.dashboard.view import View, own_parameters, read_view
from chatvitals.errors import BadRequest, EngineError, NotFound, RequestError, Unauthorised, Unavailable, Unexpected
from chatvitals.ingest.body import ClientGone, read_body
from chatvitals.query.answers import Answers
from chatvitals.server.guard import Guard
from chatvitals.server.security_headers import secure
from chatvitals.server.sign_in import SignIn

log = structlog.get_logger()

PATIENCE_S = 0.7
"""A page that takes longer is answered with one that says so, and loads the rest when it is there."""

WHO_COOKIE = "chatvitals_who"
MAX_FORM_BYTES = 256 << 10
_FORM_TIMEOUT_S = 10.0
_PACK_FROM_BYTES = 1_000

_PROBLEM = Page(
    "/dashboard", "problem", "Problem", "problem.html", lambda _: PageContext(heading=""), live=False, filtered=False
)

Handler = Callable[[Request], Awaitable[Response]]


class Pages:
    """Answers browsers from the parts of one server."""

    def __init__(self, parts: Parts, guard: Guard, acted: Callable[[], None]) -> None:
        """`acted` is called after each action."""
        self._parts = parts
        self._guard = guard
        self._answers = Answers()
        self._acted = acted
        self._done = 0
        self._assets = _Files(built_assets())
        self.renderer = Renderer(self._assets.assets)
        self._sign_in = SignIn(guard, self.renderer.environment)

    def routes(self) -> list[BaseRoute]:
        """All of them, for the router."""
        routes: list[BaseRoute] = [Route(PREFIX + "{name}", self._assets.answer, methods=["GET"])]
        routes += self._sign_in.routes()
        routes += [
            Route(download.path, self._guarded(self._download(download)), methods=["GET"]) for download in DOWNLOADS
        ]
        routes += [Route(action.path, self._guarded(self._action(action)), methods=["POST"]) for action in ACTIONS]
        routes += [Route(page.path, self._guarded(self._page(page)), methods=["GET"]) for page in PAGES]
        for start in ("/", "/dashboard", "/dashboard/"):
            routes.append(Route(start, _to_main_page, methods=["GET"]))
        routes.append(Route("/dashboard/{rest:path}", self._guarded(_nowhere), methods=["GET"]))
        return routes

    def visit(self, pairs: list[tuple[str, str]], path: Mapping[str, str], who: str, page: Page | None = None) -> Visit:
        """What a page is asked with these query parameters. Raises RequestError."""
        visit = Visit(read_view(pairs), path, own_parameters(pairs), self._parts.clock(), self._parts, who)
        return page.adopt(visit) if page is not None and page.adopt is not None else visit

    def render(self, page: Page, path: str, context: PageContext, visit: Visit) -> Rendered:
        """A page in its frame."""
        frame = make_frame(page, path, visit, signs_in=self._guard.signs_in)
        return self.renderer.page(page, context, frame, visit)

    def _guarded(self, handler: Handler) -> Handler:
        """Only for those who may, and with errors as pages."""

        async def answer(request: Request) -> Response:
            try:
                self._guard.check(request)
                response = await handler(request)
                self._guard.renew(request, response)
            except Unauthorised:
                response = self._sign_in.ask(request)
            except RequestError as error:
                response = self._problem(request, error)
            except EngineError as error:
                log.error("query failed", path=request.url.path, error=str(error))
                response = self._problem(request, Unavailable("the events store could not answer this"))
            except ClientGone:
                return Response(status_code=499)
            except Exception as error:  # a mistake of ours: said plainly, without its inside
                log.error("unexpected error", path=request.url.path, exc_info=error)
                response = self._problem(request, Unexpected("the server made a mistake; its log says more"))
            return secure(response)

        return answer

    def _problem(self, request: Request, error: RequestError) -> Response:
        visit = Visit(View(), {}, {}, self._parts.clock(), self._parts, _who(request))
        path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
        if request.method != "GET":
            path, _, query = _came_from(request).partition("?")
            path = unquote(path)
        frame = make_frame(_PROBLEM, path, visit, signs_in=self._guard.signs_in)
        html = self.renderer.other(
            _PROBLEM.template,
            frame,
            visit.view.tzinfo,
            heading=error.title,
            problem=problem_of(error, path, parse_qsl(query)),
        )
        return _html(request, html, error.status)

    def _page(self, page: Page) -> Handler:
        async def answer(request: Request) -> Response:
            began = time.perf_counter()
            pairs = request.query_params.multi_items()
            visit = await asyncio.to_thread(self.visit, pairs, request.path_params, _who(request), page)
            key = (page.name, self._done, *sorted(request.path_params.items()), *sorted(pairs))
            path = quote(request.scope["path"], safe="/")
            building = asyncio.ensure_future(self._answers.ask(key, lambda: page.build(visit)))
            if not _by_script(request):
                await asyncio.wait({building}, timeout=PATIENCE_S)
                if not building.done():
                    building.add_done_callback(_seen)
                    return await asyncio.to_thread(lambda: _html(request, self._waiting(page, path, visit)))
            context = await building
            response = await asyncio.to_thread(lambda: _html(request, self.render(page, path, context, visit).html))
            response.headers["server-timing"] = f"page;dur={(time.perf_counter() - began) * 1_000:.1f}"
            return response

        return answer

    def _waiting(self, page: Page, path: str, visit: Visit) -> str:
        frame = make_frame(page, path, visit, signs_in=self._guard.signs_in)
        return self.renderer.other("waiting.html", frame, visit.view.tzinfo, heading=page.title)

    def _download(self, download: Download) -> Handler:
        async def answer(request: Request) -> Response:
            pairs = request.query_params.multi_items()
            visit = self.visit(pairs, request.path_params, _who(request))
            key = (download.path, self._done, *sorted(request.path_params.items()), *sorted(pairs))
            file = await self._answers.ask(key, lambda: download.make(visit))
            headers = {
                "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "cache-control": "no-store",
            }
            response = Response(media_type=file.media_type, headers=headers)
            return await asyncio.to_thread(_packed, request, file.content, response)

        return answer

    def _action(self, action: Action) -> Handler:
        async def answer(request: Request) -> Response:
            fields = await _read_form(request)
            came_from = _came_from(request)
            pairs = parse_qsl(urlsplit(came_from).query)
            visit = self.visit(pairs, request.path_params, _named(fields.pop("who", "")) or _who(request))
            done = await asyncio.to_thread(action.handle, visit, fields)
            self._done += 1  # who did it sees a page that was made after it
            self._acted()
            response = _after(request, done, came_from)
            response.headers["cache-control"] = "no-store"
            return response

        return answer


def _seen(building: "asyncio.Future[PageContext]") -> None:
    """What went wrong after the wait is told to the request that comes for the rest."""
    if not building.cancelled():
        building.exception()


def _after(request: Request, done: Done, came_from: str) -> Response:
    """Scripts are told what was done, and load the page anew; forms are led there."""
    to = done.to or came_from
    if not _by_script(request):
        return RedirectResponse(to, status_code=303)
    told = {"said": done.said, "to": done.to, "undo": done.undo}
    return Response(msgspec.json.encode(told), media_type="application/json")


async def _nowhere(_request: Request) -> Response:
    raise NotFound("there is no such page")


async def _to_main_page(_request: Request) -> Response:
    return RedirectResponse("/dashboard/performance")


def _by_script(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _who(request: Request) -> str:
    return _named(unquote(request.cookies.get(WHO_COOKIE, ""))) or "dashboard"


def _named(who: str) -> str:
    return who[:100].strip()


def _came_from(request: Request) -> str:
    """The page that an action was done on, path and query; the main page where no header tells."""
    try:
        told = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
    except ValueError:
        return "/dashboard/performance"
    if not told.path.startswith("/dashboard/"):
        return "/dashboard/performance"
    return f"{told.path}?{told.query}" if told.query else told.path


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of an urlencoded form; of those given twice the last. Raises BadRequest, TooLarge."""
    body = await read_body(request.receive, MAX_FORM_BYTES, _FORM_TIMEOUT_S)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1_000))
    except (UnicodeDecodeError, ValueError) as error:
        raise BadRequest(f"the form can't be read: {error}") from error


def _html(request: Request, html: str, status: int = 200) -> Response:
    headers = {"cache-control": "private, no-cache"}
    return _packed(request, html.encode(), Response(status_code=status, media_type="text/html", headers=headers))


def _packed(request: Request, content: bytes, response: Response) -> Response:
    """Put a body into a response, compressed where the browser takes it."""
    if len(content) >= _PACK_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 5, mtime=0)
        response.headers["content-encoding"] = "gzip"
    response.headers["vary"] = "accept-encoding, cookie"
    response.body = content
    response.headers["content-length"] = str(len(content))
    return response


class _Files:
    """The built files, each packed once. Their names change with their content, so browsers may keep them."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._packed: dict[str, bytes] = {}

    async def answer(self, request: Request) -> Response:
        """`GET /dashboard/static/{name}`."""
        name = request.path_params["name"]
        content = self.assets.content(name)
        if content is None:
            return secure(Response(status_code=404, headers={"cache-control": "no-store"}))
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            content = self._packed.get(name) or self._packed.setdefault(name, gzip.compress(content, 9, mtime=0))
            headers["content-encoding"] = "gzip"
        return secure(Response(content, headers=headers, media_type=_media_type(name)))


def _media_type(name: str) -> str:
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".map": "application/json"}
    return next((media for ending, media in types.items() if name.endswith(ending)), "application/octet-stream")
