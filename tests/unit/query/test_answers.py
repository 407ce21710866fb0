import asyncio
import gc
import threading
import weakref
from collections.abc import Callable

import pytest

from chatvitals.query.answers import FRESH_S, Answers


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """A question that counts how often it is asked of the store."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.asked


async def test_the_same_question_at_once_is_asked_once() -> None:
    answers, question, begun = Answers(), Counted(), threading.Event()

    def slow() -> int:
        begun.wait(5)
        return question()

    waiting = [asyncio.create_task(answers.ask("q", slow)) for _ in range(20)]
    await asyncio.sleep(0)
    begun.set()
    assert await asyncio.gather(*waiting) == [1] * 20
    assert question.asked == 1


async def test_an_answer_is_fresh_for_a_second() -> None:
    clock, question = Seconds(), Counted()
    answers = Answers(clock)
    assert await answers.ask("q", question) == 1
    clock.now += FRESH_S
    assert await answers.ask("q", question) == 1
    clock.now += 0.001
    assert await answers.ask("q", question) == 2


async def test_what_took_long_can_be_come_back_for() -> None:
    clock, question = Seconds(), Counted()
    answers = Answers(clock)

    def slow() -> int:
        clock.now += 4 * FRESH_S
        return question()

    assert await answers.ask("q", slow) == 1
    clock.now += 4 * FRESH_S
    assert await answers.ask("q", slow) == 1
    clock.now += 0.001
    assert await answers.ask("q", slow) == 2


async def test_other_questions_have_other_answers() -> None:
    answers = Answers()
    assert await answers.ask(("q", 1), lambda: "one") == "one"
    assert await answers.ask(("q", 2), lambda: "two") == "two"


async def test_an_error_is_told_and_not_kept() -> None:
    answers = Answers(Seconds())
    with pytest.raises(ZeroDivisionError):
        await answers.ask("q", _fails)
    assert await answers.ask("q", lambda: 5) == 5


async def test_who_goes_away_takes_nobodys_answer_along() -> None:
    answers, begun = Answers(), threading.Event()

    def slow() -> bool:
        return begun.wait(5)

    first = asyncio.create_task(answers.ask("q", slow))
    second = asyncio.create_task(answers.ask("q", slow))
    await asyncio.sleep(0)
    first.cancel()
    begun.set()
    assert await second is True
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_old_answers_are_forgotten() -> None:
    clock = Seconds()
    answers = Answers(clock)
    for number in range(3_000):
        await answers.ask(number, _immediate(number))
        clock.now += 0.01
    assert len(answers._asked) <= 1_001


def _fails() -> int:
    raise ZeroDivisionError


def _immediate(number: int) -> Callable[[], int]:
    return lambda: number


class Large:
    """An answer that had better not stay."""


async def test_what_is_not_fresh_any_more_is_let_go_of() -> None:
    clock = Seconds()
    answers = Answers(clock)
    kept = weakref.ref(await answers.ask("large", Large))
    clock.now += FRESH_S + 0.001
    await answers.ask("other", Counted())
    gc.collect()
    assert kept() is None


async def test_slow_answers_keep_no_other_work_from_threads() -> None:
    answers, end = Answers(), threading.Event()
    waiting = [asyncio.create_task(answers.ask(number, lambda: end.wait(20))) for number in range(100)]
    for _ in range(3):  # until all are handed to threads
        await asyncio.sleep(0)
    try:
        async with asyncio.timeout(10):
            assert await asyncio.to_thread(lambda: "done")
    finally:
        end.set()
    assert all(await asyncio.gather(*waiting))
