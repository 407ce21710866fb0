import pytest
from tests.unit.alerting.fake_pace import FakePace

from chatvitals.alerting.watch import EVERY_S, Watch


class Looks:
    def __init__(self) -> None:
        self.count = 0
        self.fails = False

    def look(self) -> None:
        self.count += 1
        if self.fails:
            raise OSError("the store is away")


async def test_it_looks_at_first_and_then_again_and_again() -> None:
    looks, pace = Looks(), FakePace(0)
    watch = Watch([looks.look, looks.look], pace)
    await watch.start()
    assert looks.count == 2
    await pace.pass_s(5 * EVERY_S)
    assert looks.count == 12
    await watch.close()
    assert looks.count == 12


async def test_what_can_not_be_looked_at_at_first_is_raised() -> None:
    looks = Looks()
    looks.fails = True
    watch = Watch([looks.look], FakePace(0))
    with pytest.raises(OSError, match="away"):
        await watch.start()
    await watch.close()


async def test_a_failure_later_is_logged_once_and_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    looks, pace = Looks(), FakePace(0)
    watch = Watch([looks.look], pace)
    await watch.start()
    looks.fails = True
    await pace.pass_s(3 * EVERY_S)
    assert capsys.readouterr().out.count("the store is away") == 1
    looks.fails = False
    await pace.pass_s(EVERY_S)
    looks.fails = True
    await pace.pass_s(EVERY_S)
    assert capsys.readouterr().out.count("the store is away") == 1
    await watch.close()
