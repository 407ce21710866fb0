"""`/livez` and `/readyz`."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.server.api.routes import ApiRoute
from chatvitals.server.service import Service


class Readiness(msgspec.Struct, rename="camel", frozen=True):
    """Whether batches are taken and reach the store; `problems` say what is wrong in plain words."""

    ready: bool
    problems: list[str]


class Probes:
    """Answers an orchestrator's probes."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        return [
            ApiRoute("GET", "/livez", "The process answers", self.live, media_types=("text/plain",), open=True),
            ApiRoute("GET", "/readyz", "Batches are taken and reach the store", self.ready, Readiness, open=True),
        ]

    async def live(self, _request: Request) -> Response:
        """`GET /livez`."""
        return Response("ok\n", media_type="text/plain")

    async def ready(self, _request: Request) -> Response:
        """`GET /readyz`: 503 while the store or the spool can't be written, or the spool is full."""
        service = self._service
        problems = []
        if service.writer.failure is not None:
            problems.append(
                "the events store doesn't take writes, the log says why; what is accepted waits in the spool"
            )
        if service.spool.failure is not None:
            problems.append("the spool can't be written, the log says why; batches are refused")
        if service.spool.unsettled_bytes >= service.settings.max_spool_bytes:
            problems.append("the spool is full; batches are refused")
        ready = not problems
        if service.damaged_parts:
            problems.append(f"{len(service.damaged_parts)} damaged parts of the events store were set aside at start")
        return Response(
            msgspec.json.encode(Readiness(ready, problems)),
            200 if ready else 503,
            media_type="application/json",
        )
