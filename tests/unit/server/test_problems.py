from typing import Any

import msgspec
import pytest

from chatvitals import errors
from chatvitals.errors import BadRequest, RateLimited, RequestError, Unavailable
from chatvitals.server.problems import problem_response

KINDS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, RequestError)]


def answer_to(error: RequestError) -> tuple[Any, dict[str, Any]]:
    response = problem_response(error)
    return response, msgspec.json.decode(bytes(response.body))


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_answered_as_problem_details(kind: type[RequestError]) -> None:
    arguments: tuple[Any, ...] = ("why and what to do", 2.0) if kind is RateLimited else ("why and what to do",)
    response, body = answer_to(kind(*arguments))
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.status_code == body["status"] == kind.status
    assert body["detail"] == "why and what to do"
    assert body["type"] == f"urn:chatvitals:problem:{kind.reason}"
    assert body["title"]


def test_every_error_has_a_reason_of_its_own() -> None:
    assert len({kind.reason for kind in KINDS if kind is not RequestError}) == len(KINDS) - 1


def test_the_wrong_field_is_named() -> None:
    assert answer_to(BadRequest("no", "window"))[1]["field"] == "window"
    assert "field" not in answer_to(BadRequest("no"))[1]


@pytest.mark.parametrize(("wait_s", "header"), [(0.01, "1"), (1, "1"), (1.2, "2"), (60, "60")])
def test_who_shall_wait_is_told_how_long_in_whole_seconds(wait_s: float, header: str) -> None:
    for error in (RateLimited("no", wait_s), Unavailable("no", wait_s)):
        assert problem_response(error).headers["retry-after"] == header
    assert "retry-after" not in problem_response(BadRequest("no")).headers
