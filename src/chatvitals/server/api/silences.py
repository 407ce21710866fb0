"""The handlers under `/api/monitoring/silences`: of what nobody is told for a while, and what that would be."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.alerting.routing.hiding import PreviewAnswer, preview_silence
from chatvitals.alerting.routing.silencing import SilenceForm, SomeMatchers, make_silence, read_matchers
from chatvitals.clock import Clock
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.request import parse_whole
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.bodies import read_json
from chatvitals.server.api.parameters import refuse_others
from chatvitals.server.api.routes import ApiRoute, Parameter, in_path
from chatvitals.store.control.incidents import Incidents
from chatvitals.store.control.silences import Silence, Silences, SilenceStatus

PATH = "/api/monitoring/silences"
_MOST = 1_000
_DEFAULT_STATUSES = (SilenceStatus.ACTIVE, SilenceStatus.PENDING)


class SilenceAnswer(Silence, frozen=True, kw_only=True):
    """A silence, and where it is now."""

    status: SilenceStatus


class SilencesAnswer(Struct, rename="camel", frozen=True):
    """Silences, the last to end first."""

    silences: list[SilenceAnswer]


class PreviewForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which silence to try, and on how many days of the past."""

    matchers: SomeMatchers
    days: Annotated[int, Meta(ge=1, le=90)] = 7


_ID = in_path("id", "id of the silence")


class SilencesApi:
    """Answers for one control store. `new_id` makes ids of silences."""

    def __init__(self, silences: Silences, incidents: Incidents, clock: Clock, new_id: Callable[[], str]) -> None:
        self._silences = silences
        self._incidents = incidents
        self._clock = clock
        self._new_id = new_id

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        return [
            ApiRoute(
                "GET",
                PATH,
                "Silences, the last to end first; those that ended only if asked for",
                self.find,
                SilencesAnswer,
                (
                    Parameter(
                        "status",
                        "only of this status; several times for any of several; default active and pending",
                        values=tuple(status.value for status in SilenceStatus),
                        several=True,
                    ),
                    Parameter("limit", f"most to answer with; default and at most {_MOST}", "integer"),
                ),
            ),
            ApiRoute("POST", PATH, "Silence incidents", self.add, SilenceAnswer, body=SilenceForm, status=201),
            ApiRoute(
                "POST",
                f"{PATH}/preview",
                "What a silence would hide, and would have hidden",
                self.preview,
                PreviewAnswer,
                body=PreviewForm,
            ),
            ApiRoute("GET", f"{PATH}/{{id}}", "A silence", self.show, SilenceAnswer, (_ID,)),
            ApiRoute(
                "DELETE",
                f"{PATH}/{{id}}",
                "End a silence now; it stays known. One that ended already stays as it is",
                self.end,
                SilenceAnswer,
                (_ID,),
            ),
        ]

    async def find(self, request: Request) -> Response:
        """`GET /api/monitoring/silences`."""
        parameters = request.query_params
        refuse_others(request, "status", "limit")
        limit = parse_whole(parameters["limit"], "limit", 1, _MOST) if "limit" in parameters else _MOST
        try:
            statuses = tuple(map(SilenceStatus, parameters.getlist("status"))) or _DEFAULT_STATUSES
        except ValueError as error:
            raise BadRequest(f"status is one of {', '.join(SilenceStatus)}", "status") from error
        now_ms = self._clock()
        found = await asyncio.to_thread(self._silences.find, statuses, now_ms, limit)
        return json_answer(SilencesAnswer([_answer(silence, now_ms) for silence in found]))

    async def add(self, request: Request) -> Response:
        """`POST /api/monitoring/silences`."""
        refuse_others(request)
        form = await read_json(request, SilenceForm)
        now_ms = self._clock()
        silence = make_silence(form, self._new_id(), now_ms)
        await asyncio.to_thread(self._silences.add, silence)
        return json_answer(_answer(silence, now_ms), 201)

    async def preview(self, request: Request) -> Response:
        """`POST /api/monitoring/silences/preview`."""
        refuse_others(request)
        form = await read_json(request, PreviewForm)
        return json_answer(await asyncio.to_thread(self._preview, form))

    async def show(self, request: Request) -> Response:
        """`GET /api/monitoring/silences/{id}`."""
        refuse_others(request)
        return self._one(request, await asyncio.to_thread(self._silences.get, request.path_params["id"]))

    async def end(self, request: Request) -> Response:
        """`DELETE /api/monitoring/silences/{id}`."""
        refuse_others(request)
        ended = await asyncio.to_thread(self._silences.end, request.path_params["id"], self._clock())
        return self._one(request, ended)

    def _one(self, request: Request, silence: Silence | None) -> Response:
        if silence is None:
            raise NotFound(f"there is no silence {request.path_params['id'][:64]!r}")
        return json_answer(_answer(silence, self._clock()))

    def _preview(self, form: PreviewForm) -> PreviewAnswer:
        return preview_silence(self._incidents, read_matchers(form.matchers), form.days, self._clock())


def _answer(silence: Silence, now_ms: int) -> SilenceAnswer:
    return SilenceAnswer(**msgspec.structs.asdict(silence), status=silence.status_at(now_ms))
