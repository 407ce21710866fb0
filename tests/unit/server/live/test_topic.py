import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chatvitals.dashboard.rendering import Fragment
from chatvitals.errors import EngineError, NotFound
from chatvitals.server.live.movement import Movement
from chatvitals.server.live.topic import Pieces, Topics

PATIENCE_S = 10


class Sight:
    """Something to look at that counts how often it was made."""

    def __init__(self) -> None:
        self.times = 0
        self.error: Exception | None = None

    async def make(self) -> Pieces:
        self.times += 1
        if self.error is not None:
            raise self.error
        return {"piece": Fragment(str(self.times), f"<p>{self.times}</p>")}


class Eye:
    """One who looks, and can wait for news."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def stir(self) -> None:
        self._news.set()

    async def news(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._news.wait()
        self._news.clear()


@pytest.fixture
def movement() -> Movement:
    return Movement()


@pytest.fixture
def topics(movement: Movement) -> Topics:
    return Topics(lambda: 1_000, movement, shortest_s=0)


async def test_a_topic_is_made_once_for_all_who_look(topics: Topics) -> None:
    sight, first, second = Sight(), Eye(), Eye()
    topic = topics.join("page", sight.make, first.stir)
    assert topics.join("page", Sight().make, second.stir) is topic
    await first.news()
    await second.news()
    assert sight.times == 1
    assert topic.made is not None
    assert (topic.made.at_ms, topic.made.pieces["piece"].html) == (1_000, "<p>1</p>")


async def test_it_is_made_again_when_something_moved(topics: Topics, movement: Movement) -> None:
    sight, eye = Sight(), Eye()
    topic = topics.join("page", sight.make, eye.stir)
    await eye.news()
    movement.tell()
    await eye.news()
    assert sight.times == 2
    assert topic.made is not None
    assert topic.made.pieces["piece"].digest == "2"


async def test_what_moves_while_it_is_made_is_not_missed(topics: Topics, movement: Movement) -> None:
    eye, sight = Eye(), Sight()

    async def make_while_it_moves() -> Pieces:
        pieces = await sight.make()
        if sight.times == 1:
            movement.tell()
        return pieces

    topics.join("page", make_while_it_moves, eye.stir)
    await eye.news()
    await eye.news()
    assert sight.times == 2


async def test_with_the_last_viewer_the_work_ends(topics: Topics, movement: Movement) -> None:
    sight, first, second = Sight(), Eye(), Eye()
    topics.join("page", sight.make, first.stir)
    topics.join("page", sight.make, second.stir)
    await first.news()
    topics.leave("page", first.stir)
    assert len(topics) == 1
    topics.leave("page", second.stir)
    assert len(topics) == 0
    movement.tell()
    other = Eye()
    topics.join("other page", sight.make, other.stir)
    await other.news()
    assert sight.times == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotFound("there is no such customer"), "there is no such customer"),
        (EngineError("too slow"), "the events store could not answer this"),
        (ZeroDivisionError(), "the server made a mistake; its log says more"),
    ],
)
async def test_what_cannot_be_made_is_said_and_tried_again(
    topics: Topics, movement: Movement, error: Exception, said: str
) -> None:
    sight, eye = Sight(), Eye()
    sight.error = error
    topic = topics.join("page", sight.make, eye.stir)
    await eye.news()
    assert topic.made is not None
    assert (topic.made.problem, topic.made.pieces) == (said, {})
    sight.error = None
    movement.tell()
    await eye.news()
    assert (topic.made.problem, sight.times) == ("", 2)


async def test_no_more_are_made_at_once_than_allowed(movement: Movement) -> None:
    topics, eyes = Topics(lambda: 0, movement, at_once=2, shortest_s=0), [Eye() for _ in range(6)]
    making, most = 0, 0
    go_on = asyncio.Event()

    def maker() -> Callable[[], Awaitable[Pieces]]:
        async def make() -> Pieces:
            nonlocal making, most
            making += 1
            most = max(most, making)
            await go_on.wait()
            making -= 1
            return {}

        return make

    for number, eye in enumerate(eyes):
        topics.join(number, maker(), eye.stir)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert making == 2
    go_on.set()
    for eye in eyes:
        await eye.news()
    assert most == 2


async def test_what_nobody_waits_for_any_more_keeps_its_turn_until_it_is_made(movement: Movement) -> None:
    topics, sight, first, second = Topics(lambda: 0, movement, at_once=1, shortest_s=0), Sight(), Eye(), Eye()
    begun, end = asyncio.Event(), asyncio.Event()

    async def make_slowly() -> Pieces:
        begun.set()
        await end.wait()
        return {}

    topics.join("slow page", make_slowly, first.stir)
    await begun.wait()
    topics.leave("slow page", first.stir)
    topics.join("page", sight.make, second.stir)
    for _ in range(5):
        await asyncio.sleep(0)
    assert sight.times == 0
    end.set()
    await second.news()
    assert sight.times == 1


async def test_waiting_for_movement_ends_by_itself(movement: Movement) -> None:
    await movement.wait(movement.number, timeout_s=0.001)
    seen = movement.number
    movement.tell()
    async with asyncio.timeout(PATIENCE_S):
        await movement.wait(seen, timeout_s=1_000)
