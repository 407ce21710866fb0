"""The handlers under `/api/monitoring/alerts`: incidents, what people do to them, their statistics, and where alerts
stand."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.alerting import handling
from chatvitals.alerting.rule import Category
from chatvitals.alerting.rule_states import AlertStatesAnswer, read_rule_states
from chatvitals.catalogue.severities import Severity
from chatvitals.clock import Clock
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.request import parse_time, parse_whole
from chatvitals.server.api.answers import json_answer
from chatvitals.server.api.bodies import read_json
from chatvitals.server.api.parameters import refuse_others
from chatvitals.server.api.routes import ApiRoute, Parameter, in_path
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.incident_statistics import IncidentStatistics
from chatvitals.store.control.incidents import Entry, Incident, Incidents, IncidentStatus, Update, Wanted

T = TypeVar("T")

PATH = "/api/monitoring/alerts"
_DEFAULT_PAGE = 100
_MONTH_MS = 30 * 86_400_000
_LONGEST_MS = 400 * 86_400_000


class IncidentPage(Struct, rename="camel", frozen=True):
    """Incidents, newest first. `next` is what to give as `after` for those that follow, null at the end."""

    incidents: list[Incident]
    next: str | None


class IncidentStory(Struct, rename="camel", frozen=True):
    """An incident, and what happened to it, oldest first; the last 2,000 lines where there are more."""

    incident: Incident
    timeline: list[Entry]


class Act(Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    """Who does something to an incident, and what they say."""

    who: Annotated[str, Meta(min_length=1, max_length=200, description="Name of who does it.")]
    words: Annotated[str, Meta(max_length=2_000, description="What to keep in the timeline.")] = ""


class StatisticsAnswer(Struct, rename="camel", frozen=True):
    """Of the incidents that opened from `start` on and before `end`, Unix milliseconds."""

    start: int
    end: int
    statistics: IncidentStatistics


def _filter(name: str, what: str, values: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, f"{what}; several times for any of several", values=values, several=True)


_FILTERS = (
    _filter("status", "only of this status", values=tuple(one.value for one in IncidentStatus)),
    _filter("severity", "only of this severity", values=tuple(one.value for one in Severity)),
    _filter("category", "only of this category", values=get_args(Category)),
    _filter("rule", "only of this rule"),
    _filter("site", "only about this site"),
    Parameter("window", "opened in the last so many ms", "integer"),
    Parameter("from", "opened from then on, as Unix milliseconds or RFC 3339"),
    Parameter("to", "opened before then, as Unix milliseconds or RFC 3339"),
)
_ID = in_path("id", "id of the incident")


class Alerts:
    """Answers from one control store."""

    def __init__(self, incidents: Incidents, states: AlertStates, clock: Clock) -> None:
        self._incidents = incidents
        self._states = states
        self._clock = clock

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        act = "; `who` is needed"
        return [
            ApiRoute(
                "GET",
                PATH,
                "Incidents, newest first",
                self.find,
                IncidentPage,
                (
                    *_FILTERS,
                    Parameter("limit", f"most to answer with; default {_DEFAULT_PAGE}, at most 1000", "integer"),
                    Parameter("after", "go on after the incident of this id"),
                ),
            ),
            ApiRoute(
                "GET",
                f"{PATH}/stats",
                "How many incidents of which kind, and how fast they were handled; by default of the last 30 days",
                self.statistics,
                StatisticsAnswer,
                _FILTERS,
            ),
            ApiRoute(
                "GET",
                f"{PATH}/states",
                "What each rule found last, its alerts that are pending or fire, and what it can't tell and why",
                self.states,
                AlertStatesAnswer,
                (Parameter("rule", "only this rule"),),
            ),
            ApiRoute("GET", f"{PATH}/{{id}}", "An incident with its timeline", self.show, IncidentStory, (_ID,)),
            ApiRoute(
                "POST",
                f"{PATH}/{{id}}/acknowledge",
                f"Take an incident on, or over{act}",
                self.acknowledge,
                Incident,
                (_ID,),
                body=Act,
            ),
            ApiRoute(
                "POST",
                f"{PATH}/{{id}}/resolve",
                f"End an incident; its alert opens another when it ended and fires again, gets graver, or still fires a"
                f" day later{act}",
                self.resolve,
                Incident,
                (_ID,),
                body=Act,
            ),
            ApiRoute(
                "POST",
                f"{PATH}/{{id}}/release",
                f"Take an acknowledgement back{act}",
                self.release,
                Incident,
                (_ID,),
                body=Act,
            ),
            ApiRoute(
                "POST",
                f"{PATH}/{{id}}/reopen",
                f"Take a resolution by hand back, unless its alert has another incident by now{act}",
                self.reopen,
                Incident,
                (_ID,),
                body=Act,
            ),
            ApiRoute(
                "POST",
                f"{PATH}/{{id}}/comment",
                f"Put words into an incident's timeline{act}",
                self.comment,
                Incident,
                (_ID,),
                body=Act,
            ),
        ]

    async def find(self, request: Request) -> Response:
        """`GET /api/monitoring/alerts`."""
        wanted = self._wanted(request, ("limit", "after"))
        parameters = request.query_params
        limit = parse_whole(parameters["limit"], "limit", 1, 1_000) if "limit" in parameters else _DEFAULT_PAGE
        found = await asyncio.to_thread(self._incidents.find, wanted, limit + 1, parameters.get("after", ""))
        more = len(found) > limit
        return json_answer(IncidentPage(found[:limit], found[limit - 1].id if more else None))

    async def statistics(self, request: Request) -> Response:
        """`GET /api/monitoring/alerts/stats`."""
        wanted = self._wanted(request)
        now = self._clock()
        end = now if wanted.opened_to_ms is None else wanted.opened_to_ms
        start = end - _MONTH_MS if wanted.opened_from_ms is None else wanted.opened_from_ms
        wanted = msgspec.structs.replace(wanted, opened_from_ms=start, opened_to_ms=end)
        return json_answer(StatisticsAnswer(start, end, await asyncio.to_thread(self._incidents.statistics, wanted)))

    async def states(self, request: Request) -> Response:
        """`GET /api/monitoring/alerts/states`."""
        refuse_others(request, "rule")
        rule = request.query_params.get("rule")
        return json_answer(await asyncio.to_thread(read_rule_states, self._states, rule))

    async def show(self, request: Request) -> Response:
        """`GET /api/monitoring/alerts/{id}`."""
        refuse_others(request)
        found = await asyncio.to_thread(self._incidents.get, request.path_params["id"])
        if found is None:
            raise _no_incident(request)
        return json_answer(IncidentStory(*found))

    async def acknowledge(self, request: Request) -> Response:
        """`POST /api/monitoring/alerts/{id}/acknowledge`."""
        return await self._act(request, handling.acknowledge)

    async def resolve(self, request: Request) -> Response:
        """`POST /api/monitoring/alerts/{id}/resolve`."""
        return await self._act(request, handling.resolve)

    async def release(self, request: Request) -> Response:
        """`POST /api/monitoring/alerts/{id}/release`."""
        return await self._act(request, handling.release)

    async def reopen(self, request: Request) -> Response:
        """`POST /api/monitoring/alerts/{id}/reopen`."""
        return await self._act(request, handling.reopen)

    async def comment(self, request: Request) -> Response:
        """`POST /api/monitoring/alerts/{id}/comment`."""
        return await self._act(request, handling.comment)

    async def _act(self, request: Request, make: Callable[[Incident, str, str, int], Update]) -> Response:
        refuse_others(request)
        act = await read_json(request, Act)
        who, words, now_ms = act.who.strip(), act.words.strip(), self._clock()
        if not who:
            raise BadRequest("who is empty: say who does this", "who")
        incident = await asyncio.to_thread(
            self._incidents.change, request.path_params["id"], lambda one: make(one, who, words, now_ms)
        )
        if incident is None:
            raise _no_incident(request)
        return json_answer(incident)

    def _wanted(self, request: Request, others: tuple[str, ...] = ()) -> Wanted:
        refuse_others(request, *(parameter.name for parameter in _FILTERS), *others)
        start, end = _opened(request.query_params, self._clock())
        return Wanted(
            statuses=_choices(request, "status", IncidentStatus),
            severities=_choices(request, "severity", Severity),
            categories=_choices(request, "category", _category),
            rules=tuple(request.query_params.getlist("rule")),
            sites=tuple(request.query_params.getlist("site")),
            opened_from_ms=start,
            opened_to_ms=end,
        )


def _opened(parameters: Mapping[str, str], now_ms: int) -> tuple[int | None, int | None]:
    if "window" in parameters:
        if "from" in parameters or "to" in parameters:
            raise BadRequest("give either window, or from and to", "window")
        return now_ms - parse_whole(parameters["window"], "window", 1_000, _LONGEST_MS), None
    start = parse_time(parameters["from"], "from") if "from" in parameters else None
    end = parse_time(parameters["to"], "to") if "to" in parameters else None
    if start is not None and end is not None and start >= end:
        raise BadRequest("from must be before to", "from")
    return start, end


def _category(text: str) -> str:
    if text not in get_args(Category):
        raise ValueError(text)
    return text


def _choices(request: Request, name: str, type: Callable[[str], T]) -> tuple[T, ...]:
    """The values of a parameter that may be given several times."""
    try:
        return tuple(type(value) for value in request.query_params.getlist(name))
    except ValueError as error:
        known = next(parameter.values for parameter in _FILTERS if parameter.name == name)
        raise BadRequest(f"{name} is one of {', '.join(known)}", name) from error


def _no_incident(request: Request) -> NotFound:
    return NotFound(f"there is no incident {request.path_params['id'][:64]!r}")
