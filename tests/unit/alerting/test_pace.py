import asyncio
import threading

from chatvitals.alerting.pace import RealPace


async def test_it_waits_until_woken_or_the_time_is_over() -> None:
    pace, woken = RealPace(lambda: 5), asyncio.Event()
    before_s = pace.elapsed_s()
    await pace.wait(woken, 0.02)
    assert pace.elapsed_s() - before_s >= 0.02
    woken.set()
    await pace.wait(woken, 3_600)
    assert not woken.is_set()
    assert pace.now_ms() == 5


async def test_work_is_done_elsewhere() -> None:
    assert await RealPace(lambda: 5).work(threading.get_ident) != threading.get_ident()
