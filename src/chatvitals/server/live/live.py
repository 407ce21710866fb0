"""`/api/monitoring/live`: brings viewers and topics together."""

import asyncio
from collections.abc import Callable, Hashable
from hashlib import blake2b
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec
import structlog
from starlette.routing import Match, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatvitals.dashboard.page import Page
from chatvitals.dashboard.registry import PAGES
from chatvitals.dashboard.rendering import Fragment
from chatvitals.errors import BadRequest, NotFound, RequestError
from chatvitals.query.request import Question, parse_filters, parse_window, refuse_unknown
from chatvitals.server.api.widget import ask_pictures, widget_answer
from chatvitals.server.guard import Guard
from chatvitals.server.live.control_watch import ControlWatch
from chatvitals.server.live.messages import Look, Pulse
from chatvitals.server.live.topic import Pieces, Topics
from chatvitals.server.live.viewer import VALUES, Subject, Viewer
from chatvitals.server.pages import Pages
from chatvitals.server.service import Service

log = structlog.get_logger()

PATH = "/api/monitoring/live"
MAX_VIEWERS = 1_000
LATE_MS = 10_000
"""What came so long before it is written, beside the usual wait for that, is late."""
_CLOSE_S = 1.0

_GOING_AWAY, _POLICY, _TRY_LATER = 1001, 1008, 1013


class Live:
    """Pushes what the pages and the API would answer, as events are written."""

    def __init__(self, service: Service, pages: Pages, guard: Guard) -> None:
        self._service = service
        self._pages = pages
        self._guard = guard
        self._topics = Topics(service.clock, service.movement)
        self._watch = ControlWatch(service.changes, service.movement)
        self._viewers = 0
        self._routes = [(Route(page.path, _nowhere, methods=["GET"]), page) for page in PAGES]

    def route(self) -> WebSocketRoute:
        """For the router."""
        return WebSocketRoute(PATH, self._connect)

    async def _connect(self, socket: WebSocket) -> None:
        try:
            self._guard.check_socket(socket.headers)
            asked = _asked(socket)
        except RequestError as error:
            await socket.close(_POLICY, str(error)[:120])
            return
        if self._viewers >= MAX_VIEWERS:
            await socket.close(_TRY_LATER, "too many viewers")
            return
        await socket.accept()
        self._viewers += 1
        self._watch.come()
        viewer = Viewer(socket, self._see, self._look_away, self._pulse)
        try:
            if asked is not None:
                viewer.look(Look(asked))
            await viewer.serve()
        except (RequestError, TimeoutError) as error:
            await _close(socket, _POLICY, str(error)[:120] or "what is sent is not read")
        except asyncio.CancelledError:
            await _close(socket, _GOING_AWAY, "the server stops")
            raise
        finally:
            self._viewers -= 1
            self._watch.go()

    def _see(self, look: Look, stir: Callable[[], None]) -> Subject:
        try:
            split = urlsplit(look.url)
        except ValueError as error:
            raise BadRequest("url is no address of a page", "url") from error
        pairs = parse_qsl(split.query)
        key: Hashable = (split.path, *sorted(pairs))
        if not split.path:
            make = self._values(pairs)
            return Subject(key, self._topics.join(key, make, stir), "")
        page, path = self._find(split.path)
        self._pages.visit(pairs, path, "")  # what can't be read is told now

        async def make_page() -> Pieces:
            def render() -> Pieces:
                visit = self._pages.visit(pairs, path, "", page)
                return self._pages.render(page, split.path, page.build(visit), visit).fragments

            return await asyncio.to_thread(render)

        return Subject(key, self._topics.join(key, make_page, stir), look.url)

    def _look_away(self, subject: Subject, stir: Callable[[], None]) -> None:
        self._topics.leave(subject.key, stir)

    def _find(self, path: str) -> tuple[Page, dict[str, str]]:
        for route, page in self._routes:
            match, child = route.matches({"type": "http", "path": unquote(path), "method": "GET", "root_path": ""})
            if match is Match.FULL and page.live:
                return page, child["path_params"]
        raise NotFound("there is no live page at this path")

    def _values(self, pairs: list[tuple[str, str]]) -> "_Values":
        return _Values(self._service, pairs)

    def _pulse(self) -> Pulse:
        writer, spool = self._service.writer, self._service.spool
        problem = ""
        if writer.failure is not None:
            problem = "the events store takes no writes: what comes is kept, but not seen yet"
        elif spool.failure is not None:
            problem = "the spool can't be written: nothing is accepted"
        elif self._is_late():
            problem = "the events store is behind: what comes is kept, but seen late"
        return Pulse(self._service.clock(), writer.written_ms, problem)

    def _is_late(self) -> bool:
        oldest_ms, usual_ms = self._service.spool.oldest_ms, self._service.settings.flush_interval_ms
        return oldest_ms is not None and self._service.clock() - oldest_ms > usual_ms + LATE_MS


class _Values:
    """Makes the API's answer."""

    def __init__(self, service: Service, pairs: list[tuple[str, str]]) -> None:
        refuse_unknown([name for name, _ in pairs], ("window", "from", "to"))
        self._service = service
        self._pairs = pairs
        self._question()

    def _question(self) -> Question:
        return Question(parse_window(dict(self._pairs), self._service.clock()), parse_filters(self._pairs))

    async def __call__(self) -> Pieces:
        return await asyncio.to_thread(self._make)

    def _make(self) -> Pieces:
        service = self._service
        pictures = ask_pictures(service.source, service.alerting.incidents, self._question())
        body = msgspec.json.encode(widget_answer(pictures, service.settings))
        return {VALUES: Fragment(blake2b(body, digest_size=6).hexdigest(), body.decode())}


def _asked(socket: WebSocket) -> str | None:
    """What the handshake asks for: values by its query, or nothing yet, where a page will say it. Raises BadRequest."""
    form = socket.query_params.get("format", "json")
    if form not in ("json", "fragments"):
        raise BadRequest(f"format is {form[:40]!r}: give json or fragments", "format")
    if form == "fragments":
        return None
    pairs = [pair for pair in parse_qsl(socket.url.query) if pair[0] != "format"]
    return f"?{urlencode(pairs)}"


async def _close(socket: WebSocket, code: int, why: str) -> None:
    """Say why, if that is read soon."""
    try:
        async with asyncio.timeout(_CLOSE_S):
            await socket.close(code, why)
    except (RuntimeError, WebSocketDisconnect, TimeoutError):
        log.debug("the viewer was gone already")


async def _nowhere(_request: object) -> None:
    """Pages are only matched here."""
