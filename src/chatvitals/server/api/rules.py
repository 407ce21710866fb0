"""`/api/monitoring/rules`: the rules in force, and writing, removing and checking them."""

import asyncio
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.alerting.configuration import WatchedFolder, read_configuration
from chatvitals.alerting.documents import BadDocuments, Mistake, parse
from chatvitals.alerting.nodes import MAX_CHARACTERS
from chatvitals.alerting.rules.book import Entry, Origin, RuleBook
from chatvitals.alerting.rules.building import form_of
from chatvitals.alerting.rules.form import RuleForm
from chatvitals.errors import BadRequest
from chatvitals.ingest.body import read_body
from chatvitals.query.request import refuse_unknown
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.routes import ApiRoute, in_path

PATH = "/api/monitoring/rules"
MAX_RULE_BYTES = 64 << 10
MAX_FILE_BYTES = 4 * MAX_CHARACTERS
BODY_TIMEOUT_S = 10.0

WRITER = "api"
"""Who writes rows, until there are accounts."""


class RuleAnswer(Struct, rename="camel", frozen=True):
    """A rule in force, whole: what was left out where it was written has its value here.

    `read_only` ones stand in a file. `hides` are the places of rules of the same name whose place it takes.
    """

    rule: RuleForm
    origin: Origin
    read_only: bool
    hides: tuple[Origin, ...]


class RulesAnswer(Struct, rename="camel", frozen=True):
    """Every rule, and why files or rows, as they are now, are not in force."""

    rules: tuple[RuleAnswer, ...]
    mistakes: tuple[Mistake, ...]


class CheckAnswer(Struct, rename="camel", frozen=True):
    """What a text of YAML holds: its rules, or else its mistakes."""

    rules: tuple[RuleForm, ...]
    mistakes: tuple[Mistake, ...]


class Rules:
    """Answers about one rule book."""

    def __init__(self, book: RuleBook, folder: WatchedFolder) -> None:
        self._book = book
        self._folder = folder

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        name = in_path("name", "name of a rule")
        one = f"{PATH}/{{name}}"
        return [
            ApiRoute("GET", PATH, "Every rule, where it comes from, and mistakes", self.list_all, RulesAnswer),
            ApiRoute(
                "POST",
                f"{PATH}/check",
                "What a file with rules, receivers and routes holds, or its mistakes; nothing is kept",
                self.check,
                CheckAnswer,
                body="yaml",
            ),
            ApiRoute("GET", one, "A rule", self.get, RuleAnswer, (name,)),
            ApiRoute(
                "PUT",
                one,
                'Write a rule; of a built-in one {"enabled": false} is enough to switch it off',
                self.put,
                RuleAnswer,
                (name,),
                body=RuleForm,
            ),
            ApiRoute("DELETE", one, "Remove a rule that was written here", self.delete, None, (name,), status=204),
        ]

    async def list_all(self, request: Request) -> Response:
        """`GET /api/monitoring/rules`."""
        refuse_unknown(request.query_params.keys(), ())
        rules = tuple(map(_answer, self._book.entries.values()))
        return json_answer(RulesAnswer(rules, (*self._folder.mistakes, *self._book.mistakes)))

    async def get(self, request: Request) -> Response:
        """`GET /api/monitoring/rules/{name}`."""
        refuse_unknown(request.query_params.keys(), ())
        return json_answer(_answer(self._book.find(request.path_params["name"])))

    async def put(self, request: Request) -> Response:
        """`PUT /api/monitoring/rules/{name}`."""
        refuse_unknown(request.query_params.keys(), ())
        form = _decode(await read_body(request.receive, MAX_RULE_BYTES, BODY_TIMEOUT_S))
        try:
            entry = await asyncio.to_thread(self._book.put, request.path_params["name"], form, WRITER)
        except BadDocuments as bad:
            raise BadRequest(str(bad)) from bad
        return json_answer(_answer(entry))

    async def delete(self, request: Request) -> Response:
        """`DELETE /api/monitoring/rules/{name}`."""
        refuse_unknown(request.query_params.keys(), ())
        await asyncio.to_thread(self._book.remove, request.path_params["name"])
        return Response(status_code=204)

    async def check(self, request: Request) -> Response:
        """`POST /api/monitoring/rules/check`."""
        refuse_unknown(request.query_params.keys(), ())
        body = await read_body(request.receive, MAX_FILE_BYTES, BODY_TIMEOUT_S)
        return json_answer(await asyncio.to_thread(self._check, body))

    def _check(self, body: bytes) -> CheckAnswer:
        try:
            text = body.decode("utf-8-sig")
            configuration = read_configuration([parse(text, "")], self._book.built_in)
        except UnicodeDecodeError as error:
            raise BadRequest("the body is not UTF-8") from error
        except BadDocuments as bad:
            return CheckAnswer((), bad.mistakes)
        return CheckAnswer(tuple(form_of(filed.rule) for filed in configuration.rules), ())


def _answer(entry: Entry) -> RuleAnswer:
    return RuleAnswer(form_of(entry.rule), entry.origin, entry.read_only, entry.hides)


def _decode(body: bytes) -> dict[str, Any]:
    try:
        form = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not valid JSON: {error}") from error
    if not isinstance(form, dict):
        raise BadRequest("the body is no JSON object")
    return form
