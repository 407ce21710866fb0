import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from chatvitals.alerting.pace import RealPace


@pytest.fixture
def pace() -> Iterator[RealPace]:
    with closing(RealPace(lambda: 5)) as pace:
        yield pace


async def test_it_waits_until_woken_or_the_time_is_over(pace: RealPace) -> None:
    woken = asyncio.Event()
    before_s = pace.elapsed_s()
    await pace.wait(woken, 0.02)
    assert pace.elapsed_s() - before_s >= 0.02
    woken.set()
    await pace.wait(woken, 3_600)
    assert not woken.is_set()
    assert pace.now_ms() == 5


async def test_work_is_done_elsewhere(pace: RealPace) -> None:
    assert await pace.work(threading.get_ident) != threading.get_ident()


async def test_work_waits_for_none_of_the_threads_that_others_have_taken(pace: RealPace) -> None:
    over = threading.Event()
    others = [asyncio.create_task(asyncio.to_thread(over.wait)) for _ in range(100)]
    try:
        assert await pace.work(lambda: not over.is_set())
    finally:
        over.set()
        await asyncio.gather(*others)
