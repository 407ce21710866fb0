"""The handlers under `/api/monitoring/baselines`: figures captured to compare later ones with."""

import asyncio
from collections.abc import Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.alerting.baselines import DEGRADED_PERCENT, Comparison, compare
from chatvitals.alerting.capturing import CaptureForm, capture_now
from chatvitals.clock import Clock
from chatvitals.errors import NotFound
from chatvitals.query.figures import Source
from chatvitals.query.request import parse_whole
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.bodies import read_json
from chatvitals.server.api.parameters import refuse_others
from chatvitals.server.api.routes import ApiRoute, Parameter, in_path
from chatvitals.store.control.baselines import Baseline, BaselineHead, Baselines

PATH = "/api/monitoring/baselines"
_MOST = 1_000
_MOST_PERCENT = 10_000


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
        captured = await asyncio.to_thread(
            capture_now, self._source, self._baselines, form, self._clock(), self._new_id
        )
        return json_answer(BaselinesAnswer(captured), 201)

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
