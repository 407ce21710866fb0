"""The handlers under `/api/monitoring/views`: of dashboards that people put together."""

import asyncio
from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.dashboard.saved.book import KeptView, ViewBook
from chatvitals.dashboard.saved.checking import refuse_flawed
from chatvitals.dashboard.saved.document import SavedView
from chatvitals.query.request import parse_whole
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.bodies import read_json
from chatvitals.server.api.parameters import refuse_others
from chatvitals.server.api.routes import ApiRoute, Parameter, in_path
from chatvitals.store.control.saved_views import NEW

PATH = "/api/monitoring/views"
WRITER = "api"
"""Who writes, until there are accounts."""

_MOST_REVISIONS = 1_000_000_000
_SLUG = in_path("slug", "the view's part of an address")


class ViewForm(Struct, rename="camel", frozen=True, kw_only=True):
    """A view to keep, and the revision of which it is a change: the one that was read, or 0 for a new view."""

    view: SavedView
    revision: Annotated[int, Meta(ge=NEW, le=_MOST_REVISIONS)] = NEW


class ViewsAnswer(Struct, rename="camel", frozen=True):
    """Every view, by name."""

    views: list[KeptView]


class ViewsApi:
    """Answers about the views of one server."""

    def __init__(self, book: ViewBook) -> None:
        self._book = book

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        one = f"{PATH}/{{slug}}"
        revision = Parameter("revision", "only if it still is at this revision", "integer")
        return [
            ApiRoute("GET", PATH, "Every saved view, by name", self.list_all, ViewsAnswer),
            ApiRoute("GET", one, "A saved view", self.show, KeptView, (_SLUG,)),
            ApiRoute(
                "PUT",
                one,
                "Make or change a saved view; 409 where it isn't at the revision that was read",
                self.put,
                KeptView,
                (_SLUG,),
                body=ViewForm,
            ),
            ApiRoute("DELETE", one, "Remove a saved view", self.remove, KeptView, (_SLUG, revision)),
        ]

    async def list_all(self, request: Request) -> Response:
        """`GET /api/monitoring/views`."""
        refuse_others(request)
        return json_answer(ViewsAnswer(await asyncio.to_thread(self._book.all)))

    async def show(self, request: Request) -> Response:
        """`GET /api/monitoring/views/{slug}`."""
        refuse_others(request)
        return json_answer(await asyncio.to_thread(self._book.find, request.path_params["slug"]))

    async def put(self, request: Request) -> Response:
        """`PUT /api/monitoring/views/{slug}`."""
        refuse_others(request)
        form = await read_json(request, ViewForm)
        refuse_flawed(form.view, ("view",))
        slug = request.path_params["slug"]
        return json_answer(await asyncio.to_thread(self._book.put, slug, form.view, form.revision, WRITER))

    async def remove(self, request: Request) -> Response:
        """`DELETE /api/monitoring/views/{slug}`."""
        refuse_others(request, "revision")
        given = request.query_params.get("revision")
        revision = None if given is None else parse_whole(given, "revision", NEW, _MOST_REVISIONS)
        return json_answer(await asyncio.to_thread(self._book.remove, request.path_params["slug"], revision))
