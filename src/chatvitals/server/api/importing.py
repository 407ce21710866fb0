"""`POST /api/monitoring/import`: events with their original times."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.errors import BadRequest
from chatvitals.ingest.body import decode_body, read_body
from chatvitals.ingest.imports import ImportAnswer
from chatvitals.query.request import refuse_unknown
from chatvitals.server.api.routes import ApiRoute, Parameter
from chatvitals.server.service import Service


class Importing:
    """Takes imports for the sites of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[ApiRoute]:
        """The route that is answered here."""
        return [
            ApiRoute(
                "POST",
                "/api/monitoring/import",
                "Import events with their original times, NDJSON",
                self.take,
                ImportAnswer,
                (Parameter("site", "the site that the events belong to", required=True),),
                body="ndjson",
                status=202,
            )
        ]

    async def take(self, request: Request) -> Response:
        """`POST /api/monitoring/import`."""
        refuse_unknown(request.query_params.keys(), ("site",))
        name = request.query_params.get("site", "")
        site = self._service.keyring.site_named(name)
        if site is None:
            raise BadRequest(f"there is no site {name[:64]!r}: `chatvitals keys` lists them", "site")
        settings = self._service.settings
        body = await read_body(request.receive, settings.max_import_bytes, 6 * settings.body_timeout_s)
        encoding = request.headers.get("content-encoding", "").strip().lower()
        answer = await self._service.importer.take(site, decode_body(body, encoding, settings.max_import_bytes))
        return Response(msgspec.json.encode(answer), 202, media_type="application/json")
