"""The handlers under `/api/monitoring/baselines`: figures captured to compare later ones with."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.alerting.baselines import DEGRADED_PERCENT, Capture, Comparison, capture, compare
from chatvitals.alerting.durations import Duration, parse_duration
from chatvitals.clock import Clock
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.figures import Source
from chatvitals.query.request import MAX_WINDOW_MS, Window, parse_whole
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.bodies import read_json
from chatvitals.server.api.parameters import refuse_others
from chatvitals.server.api.routes import ApiRoute, Parameter, in_path
from chatvitals.store.control.baselines import Baseline, BaselineHead, Baselines

PATH = "/api/monitoring/baselines"
_MOST = 1_000
_LEAST_WINDOW_MS = 60_000
_MOST_PERCENT = 10_000
_NAMELIKE = "up to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit"

Name = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?!\n)$", description=_NAMELIKE, extra={"expected": _NAMELIKE})
]


class CaptureForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to capture: of every site and release where none is named, over the window up to now."""

    name: Name
    site: Annotated[str, Meta(max_length=64)] = ""
    release: Annotated[str, Meta(max_length=100)] = ""
    window: Duration = "24h"
    by: Annotated[str, Meta(max_length=200, description="Who captures it.")] = ""


class BaselinesAnswer(Struct, rename="camel", frozen=True):
    """Baselines without their figures, the newest first."""

    baselines: list[BaselineHead]


_ID = in_path("id", "id of the baseline")


class BaselinesApi:
    """Answers from one events store and one control store. `new_id` makes ids of baselines."""

    def __init__(
        self, source: Source, baselines: Baselines, min_samples: int, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._source = source
        self._baselines = baselines
        self._min_samples = min_samples
        self._clock = clock
        self._new_id = new_id

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        return [
            ApiRoute(
                "GET",
                PATH,
                "Baselines, the newest first",
                self.find,
                BaselinesAnswer,
                (
                    Parameter("name", "only those of this name"),
                    Parameter("site", "only those of this site"),
                    Parameter("release", "only those of this release; empty: only those of all releases"),
                    Parameter("limit", f"most to answer with; default and at most {_MOST}", "integer"),
                ),
            ),
            ApiRoute(
                "POST",
                PATH,
                "Capture the figures of sites and releases as they are now",
                self.capture,
                BaselinesAnswer,
                body=CaptureForm,
                status=201,
            ),
            ApiRoute("GET", f"{PATH}/{{id}}", "A baseline and its figures", self.show, Baseline, (_ID,)),
            ApiRoute(
                "GET",
                f"{PATH}/{{id}}/compare",
                "What is now, over a window as long as the baseline's, beside the baseline",
                self.compare,
                Comparison,
                (
                    _ID,
                    Parameter(
                        "degradation",
                        f"from how many percent worse on a metric is degraded; default {DEGRADED_PERCENT:g}",
                        "integer",
                    ),
                ),
            ),
            ApiRoute("DELETE", f"{PATH}/{{id}}", "Forget a baseline", self.delete, None, (_ID,), status=204),
        ]

    async def find(self, request: Request) -> Response:
        """`GET /api/monitoring/baselines`."""
        parameters = request.query_params
        refuse_others(request, "name", "site", "release", "limit")
        limit = parse_whole(parameters["limit"], "limit", 1, _MOST) if "limit" in parameters else _MOST
        name, site, release = parameters.get("name", ""), parameters.get("site", ""), parameters.get("release")
        return json_answer(BaselinesAnswer(await asyncio.to_thread(self._baselines.find, limit, name, site, release)))

    async def capture(self, request: Request) -> Response:
        """`POST /api/monitoring/baselines`."""
        refuse_others(request)
        form = await read_json(request, CaptureForm)
        return json_answer(BaselinesAnswer(await asyncio.to_thread(self._capture, form)), 201)

    def _capture(self, form: CaptureForm) -> list[BaselineHead]:
        now_ms, length_ms = self._clock(), parse_duration(form.window)
        if not _LEAST_WINDOW_MS <= length_ms <= MAX_WINDOW_MS:
            raise BadRequest("window is from 1m to 400d", "window")
        wanted = Capture(
            name=form.name,
            window=Window(now_ms - length_ms, now_ms),
            site=form.site,
            release=form.release,
            captured_ms=now_ms,
            captured_by=form.by,
        )
        captured = capture(self._source, wanted, lambda *_: self._new_id())
        if not captured:
            raise BadRequest(
                "nothing was measured in this window of this site and release: there is nothing to capture"
            )
        self._baselines.add(captured)
        return [
            BaselineHead(**{name: getattr(one, name) for name in BaselineHead.__struct_fields__}) for one in captured
        ]

    async def show(self, request: Request) -> Response:
        """`GET /api/monitoring/baselines/{id}`."""
        refuse_others(request)
        return json_answer(await self._one(request))

    async def compare(self, request: Request) -> Response:
        """`GET /api/monitoring/baselines/{id}/compare`."""
        parameters = request.query_params
        refuse_others(request, "degradation")
        percent = DEGRADED_PERCENT
        if "degradation" in parameters:
            percent = parse_whole(parameters["degradation"], "degradation", 1, _MOST_PERCENT)
        baseline = await self._one(request)
        now_ms, least = self._clock(), self._min_samples
        return json_answer(await asyncio.to_thread(compare, self._source, baseline, now_ms, least, percent))

    async def delete(self, request: Request) -> Response:
        """`DELETE /api/monitoring/baselines/{id}`."""
        refuse_others(request)
        if not await asyncio.to_thread(self._baselines.delete, request.path_params["id"]):
            raise _unknown(request)
        return Response(status_code=204)

    async def _one(self, request: Request) -> Baseline:
        baseline = await asyncio.to_thread(self._baselines.get, request.path_params["id"])
        if baseline is None:
            raise _unknown(request)
        return baseline


def _unknown(request: Request) -> NotFound:
    return NotFound(f"there is no baseline {request.path_params['id'][:64]!r}")
