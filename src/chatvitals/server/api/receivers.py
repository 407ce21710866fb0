"""The handlers under `/api/monitoring/receivers`: whom notifications go to, how that fares, and what was told."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import uuid4

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.alerting.routing.overview import ReceiversAnswer, receivers_overview
from chatvitals.alerting.routing.routes import RouteAnswer, Routing, explain_route
from chatvitals.catalogue.limits import MAX_EPOCH_MS
from chatvitals.errors import BadRequest, NotFound
from chatvitals.notify.message import Notification
from chatvitals.notify.resending import resend_letter
from chatvitals.notify.surroundings import Surroundings
from chatvitals.notify.trial import Trial, try_receiver
from chatvitals.notify.wording import headline
from chatvitals.notify.writing import decode
from chatvitals.query.request import parse_whole
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.bodies import read_json
from chatvitals.server.api.parameters import refuse_others
from chatvitals.server.api.routes import ApiRoute, Parameter, in_path
from chatvitals.store.control.outbox import LetterRecord, LetterStatus, Outbox

PATH = "/api/monitoring/receivers"
_DEFAULT_ROWS = 100
_MOST_ROWS = 1_000


class TrialAnswer(Struct, rename="camel", frozen=True):
    """How each channel of a receiver did with a test notification."""

    receiver: str
    channels: list[Trial]


class LetterAnswer(Struct, rename="camel", frozen=True, kw_only=True):
    """A notification on its way through one channel. Times are Unix milliseconds; `dueMs` is when it is tried next."""

    id: str
    notification: str
    receiver: str
    channel: str
    status: LetterStatus
    attempts: int
    headline: str
    created_ms: int
    due_ms: int
    failed_ms: int | None
    ended_ms: int | None
    error: str


class OutboxAnswer(Struct, rename="camel", frozen=True):
    """Letters, the newest first."""

    letters: list[LetterAnswer]


class NotificationsAnswer(Struct, rename="camel", frozen=True):
    """Notifications that the channel `database` kept, the newest first."""

    notifications: list[Notification]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object."""


class RouteQuestion(Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    """Labels of an incident, `at` which moment in Unix milliseconds; now, where it is left out."""

    labels: Annotated[Mapping[str, Annotated[str, Meta(max_length=1_000)]], Meta(max_length=100)]
    at: Annotated[int, Meta(ge=0, le=int(MAX_EPOCH_MS))] | None = None


class RoutesAnswer(Struct, rename="camel", frozen=True):
    """Who would be told."""

    routes: tuple[RouteAnswer, ...]


_LIMIT = Parameter("limit", f"most to answer with; default {_DEFAULT_ROWS}, at most {_MOST_ROWS}", "integer")


class Receivers:
    """Answers from what is configured now, and from the outbox."""

    def __init__(
        self, routing: Callable[[], Routing], outbox: Outbox, surroundings: Surroundings, wake: Callable[[], None]
    ) -> None:
        """`wake` has the outbox looked into at once."""
        self._routing = routing
        self._outbox = outbox
        self._surroundings = surroundings
        self._wake = wake

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        status = Parameter("status", "only these", values=tuple(one.value for one in LetterStatus))
        return [
            ApiRoute("GET", PATH, "Receivers, their channels, and how these fare", self.overview, ReceiversAnswer),
            ApiRoute(
                "POST",
                f"{PATH}/route",
                "Who would be told of an incident with these labels; silences aren't looked at",
                self.route,
                RoutesAnswer,
                body=RouteQuestion,
            ),
            ApiRoute(
                "POST",
                f"{PATH}/{{name}}/test",
                "Send a test notification through every channel of a receiver now",
                self.test,
                TrialAnswer,
                (in_path("name", "name of the receiver"),),
                body=Nothing,
            ),
            ApiRoute(
                "GET",
                f"{PATH}/outbox",
                "What waits, was delivered or is dead",
                self.outbox,
                OutboxAnswer,
                (status, _LIMIT),
            ),
            ApiRoute(
                "POST",
                f"{PATH}/outbox/{{id}}/resend",
                "Let a dead letter be tried again from the start",
                self.resend,
                LetterAnswer,
                (in_path("id", "id of the letter"),),
                body=Nothing,
            ),
            ApiRoute(
                "GET",
                f"{PATH}/notifications",
                "What the channel `database` was told",
                self.notifications,
                NotificationsAnswer,
                (Parameter("receiver", "only of this receiver"), _LIMIT),
            ),
        ]

    async def overview(self, request: Request) -> Response:
        """`GET /api/monitoring/receivers`."""
        refuse_others(request)
        health = await asyncio.to_thread(self._outbox.health)
        return json_answer(receivers_overview(self._routing().receivers, health))

    async def route(self, request: Request) -> Response:
        """`POST /api/monitoring/receivers/route`."""
        refuse_others(request)
        question = await read_json(request, RouteQuestion)
        at_ms = self._surroundings.clock() if question.at is None else question.at
        return json_answer(RoutesAnswer(explain_route(self._routing(), question.labels, at_ms)))

    async def test(self, request: Request) -> Response:
        """`POST /api/monitoring/receivers/{name}/test`."""
        refuse_others(request)
        await read_json(request, Nothing)
        receivers, name = self._routing().receivers, request.path_params["name"]
        if name not in receivers:
            raise NotFound(f"there is no receiver {name[:64]!r}; there are {', '.join(sorted(receivers))}")
        trials = await try_receiver(receivers[name], self._surroundings, lambda: str(uuid4()))
        return json_answer(TrialAnswer(name, trials))

    async def outbox(self, request: Request) -> Response:
        """`GET /api/monitoring/receivers/outbox`."""
        refuse_others(request, "status", "limit")
        return json_answer(await asyncio.to_thread(self._find_letters, _limit(request), _status(request)))

    def _find_letters(self, limit: int, status: LetterStatus | None) -> OutboxAnswer:
        return OutboxAnswer([_letter(one) for one in self._outbox.find(limit, status)])

    async def resend(self, request: Request) -> Response:
        """`POST /api/monitoring/receivers/outbox/{id}/resend`."""
        refuse_others(request)
        await read_json(request, Nothing)
        now_ms = self._surroundings.clock()
        letter = await asyncio.to_thread(resend_letter, self._outbox, request.path_params["id"], now_ms)
        self._wake()
        return json_answer(_letter(letter))

    async def notifications(self, request: Request) -> Response:
        """`GET /api/monitoring/receivers/notifications`."""
        refuse_others(request, "receiver", "limit")
        receiver = request.query_params.get("receiver", "")
        return await asyncio.to_thread(self._find_notifications, _limit(request), receiver)

    def _find_notifications(self, limit: int, receiver: str) -> Response:
        kept = self._surroundings.notifications.find(limit, receiver)
        return json_answer(NotificationsAnswer([decode(one.document) for one in kept]))


def _letter(letter: LetterRecord) -> LetterAnswer:
    shown = {name: getattr(letter, name) for name in LetterAnswer.__struct_fields__ if name != "headline"}
    return LetterAnswer(headline=headline(decode(letter.document)), **shown)


def _limit(request: Request) -> int:
    named = request.query_params.get("limit")
    return _DEFAULT_ROWS if named is None else parse_whole(named, "limit", 1, _MOST_ROWS)


def _status(request: Request) -> LetterStatus | None:
    named = request.query_params.get("status")
    if named is None:
        return None
    try:
        return LetterStatus(named)
    except ValueError as error:
        raise BadRequest(f"status is one of {', '.join(LetterStatus)}", "status") from error
