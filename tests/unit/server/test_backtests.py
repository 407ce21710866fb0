"""The handler of backtests, over histories that tests make up."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from tests.unit.alerting.backtest.rules import MINUTE, START_MS
from tests.unit.alerting.backtest.test_form import RULE

from chatvitals.alerting.backtest.backtest import Moment
from chatvitals.alerting.observation import Observation
from chatvitals.alerting.rule import Rule
from chatvitals.errors import BadRequest, EngineError, Unavailable
from chatvitals.server.api.backtests import PROGRESS, Backtests

NOW_MS = START_MS + 24 * 60 * MINUTE


class BadSecondHalf:
    """A site that is bad in the second half of what is read; `broken` fails there instead."""

    def __init__(self) -> None:
        self.broken = False

    def read_range(self, rule: Rule, from_ms: int, to_ms: int, step_ms: int) -> Iterator[Moment]:
        assert rule.every_ms == step_ms
        for at_ms in range(from_ms, to_ms + 1, step_ms):
            bad = at_ms > (from_ms + to_ms) // 2
            if bad and self.broken:
                raise EngineError("out of memory")
            yield at_ms, {("demo",): Observation(20.0 if bad else 10.0, 100, 10)}


@pytest.fixture
def history() -> BadSecondHalf:
    return BadSecondHalf()


@pytest.fixture
def backtests(history: BadSecondHalf) -> Backtests:
    return Backtests(history, {}, lambda: NOW_MS, raw_retention_days=30)


def request_of(body: bytes, accept: str = "application/json") -> Request:
    messages = [{"type": "http.request", "body": body}]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/monitoring/rules/backtest",
        "query_string": b"",
        "headers": [(b"accept", accept.encode())],
    }
    return Request(scope, receive)


def asked(**changes: Any) -> bytes:
    return msgspec.json.encode({"rule": RULE, "from": START_MS, **changes})


async def lines(response: Response) -> list[dict[str, Any]]:
    assert isinstance(response, StreamingResponse)
    return [msgspec.json.decode(piece) async for piece in response.body_iterator]


async def test_the_answer_tells_each_rule(backtests: Backtests) -> None:
    response = await backtests.backtest(request_of(asked(against={**RULE, "name": "other", "for": "2h"})))
    answer = msgspec.json.decode(bytes(response.body))
    assert [(rule["rule"], rule["fired"], rule["firingAtEnd"]) for rule in answer["rules"]] == [
        ("slow", 1, 1),
        ("other", 1, 1),
    ]
    (episode,) = answer["rules"][0]["episodes"]
    assert episode == {
        "labels": {"site": "demo"},
        "start": START_MS + 721 * MINUTE,
        "end": None,
        "severity": "warning",
        "peak": 20.0,
        "threshold": 16.0,
    }


async def test_progress_comes_before_the_answer_in_lines(backtests: Backtests) -> None:
    *progress, answer = await lines(await backtests.backtest(request_of(asked(), PROGRESS)))
    told = [line["progress"] for line in progress]
    assert told == sorted(told)
    assert told[0] == 0
    assert 100 < len(told) <= 210
    assert answer["rules"][0]["fired"] == 1


async def test_what_fails_on_the_way_is_the_last_line(backtests: Backtests, history: BadSecondHalf) -> None:
    history.broken = True
    *_, last = await lines(await backtests.backtest(request_of(asked(), PROGRESS)))
    assert last == {"error": "the events store could not answer this: try a shorter time"}
    with pytest.raises(EngineError):
        await backtests.backtest(request_of(asked()))
    history.broken = False
    assert (await backtests.backtest(request_of(asked()))).status_code == 200


async def test_one_backtest_runs_at_a_time(backtests: Backtests) -> None:
    first = await backtests.backtest(request_of(asked(), PROGRESS))
    with pytest.raises(Unavailable, match="another backtest is under way"):
        await backtests.backtest(request_of(asked()))
    await lines(first)
    assert (await backtests.backtest(request_of(asked()))).status_code == 200


async def test_a_client_that_goes_makes_room_for_the_next(backtests: Backtests) -> None:
    response = await backtests.backtest(request_of(asked(), PROGRESS))
    assert isinstance(response, StreamingResponse)
    pieces = response.body_iterator
    assert isinstance(pieces, AsyncGenerator)
    await anext(pieces)
    await anext(pieces)
    await pieces.aclose()
    assert (await backtests.backtest(request_of(asked()))).status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "the body is not valid JSON"),
        (b'"\xff"', "the body is not valid JSON"),
        (b"[" * 100_000, "the body is not valid JSON"),
        (b"[]", "expected a mapping"),
        (asked(evry="1m"), "did you mean 'every'"),
        (asked(rule={**RULE, "every": "1s"}), "86,401 evaluations"),
        (asked(**{"from": START_MS - 31 * 24 * 60 * MINUTE, "every": "5m"}), "events are kept 30 days"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words(backtests: Backtests, body: bytes, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        await backtests.backtest(request_of(body))
