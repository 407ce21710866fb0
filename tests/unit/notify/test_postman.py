import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.support.notifications import NOW_MS, notification
from tests.unit.notify.office import Office, ScriptedSettings, messages, receiver_of, refusal

from chatvitals.notify.backoff import MAX_ATTEMPTS
from chatvitals.notify.postman import KEPT_DEAD_MS, KEPT_DELIVERED_MS, Postman
from chatvitals.notify.writing import encode
from chatvitals.store.control.notifications import KeptNotification
from chatvitals.store.control.outbox import LetterStatus, Outbox

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(tmp_path, places=2)
    yield made
    made.database.dispose()


async def test_what_waits_is_delivered_on_every_channel_once(office: Office) -> None:
    office.write(*messages("abc"))
    async with office.open():
        await office.pass_time(DAY_MS)
    assert [place.threads for place in office.places] == [["a", "b", "c"]] * 2
    assert office.statuses() == ["delivered"] * 6
    assert {(letter.attempts, letter.ended_ms, letter.error) for letter in office.letters()} == {(1, NOW_MS + 2, "")}


async def test_it_is_woken(office: Office) -> None:
    async with office.open() as postman:
        office.write(*messages("a"))
        postman.wake()
        await office.settle()
        assert office.place.came == [(NOW_MS, "a")]


async def test_it_looks_by_itself_too(office: Office) -> None:
    async with office.open(look_every_s=5):
        office.write(*messages("a"))
        await office.pass_time(5_000)
        assert office.place.came == [(NOW_MS + 5_000, "a")]


async def test_what_fails_is_tried_later_and_later(office: Office) -> None:
    office.place.failures = [refusal() for _ in range(5)]
    office.write(*messages("a"))
    async with office.open():
        (waiting, _) = office.letters()
        assert (waiting.status, waiting.attempts, waiting.error) == ("waiting", 1, "not now")
        assert (waiting.failed_ms, waiting.due_ms) == (NOW_MS, NOW_MS + 5_000)
        await office.pass_time(HOUR_MS)
    after_s = [(at - NOW_MS) // 1_000 for at, _ in office.place.came]
    assert after_s == [0, 5, 15, 35, 75, 155]
    assert office.statuses() == ["delivered", "delivered"]


async def test_a_receiver_says_when_to_come_again(office: Office) -> None:
    office.place.failures = [refusal(after_s=120.0)]
    office.write(*messages("a"))
    async with office.open():
        await office.pass_time(HOUR_MS)
    assert [at - NOW_MS for at, _ in office.place.came] == [0, 120_000]


async def test_after_about_a_day_it_is_dead_and_can_be_sent_again(office: Office) -> None:
    office.place.always = refusal()
    office.write(*messages("a"))
    async with office.open() as postman:
        await office.pass_time(23 * HOUR_MS)
        assert office.statuses() == ["waiting", "delivered"]
        await office.pass_time(HOUR_MS)
        (dead,) = office.outbox.find(10, LetterStatus.DEAD)
        assert (dead.attempts, dead.error) == (MAX_ATTEMPTS, "not now")
        await office.pass_time(DAY_MS)
        assert len(office.place.came) == MAX_ATTEMPTS, "what is dead is left alone"
        office.place.always = None
        assert office.outbox.resend(dead.id, office.time.now_ms)
        postman.wake()
        await office.settle()
        assert office.statuses() == ["delivered", "delivered"]
        assert len(office.place.came) == MAX_ATTEMPTS + 1


async def test_a_final_refusal_is_dead_at_once(office: Office) -> None:
    office.place.failures = [refusal(final=True)]
    office.write(*messages("a"))
    async with office.open():
        await office.pass_time(DAY_MS)
    assert office.statuses() == ["dead", "delivered"]
    assert len(office.place.came) == 1


async def test_a_channel_that_hangs_delays_no_other(office: Office) -> None:
    slow, fast = office.places
    slow.hold = asyncio.Event()
    office.write(*messages("abc"))
    async with office.open() as postman:
        assert (slow.threads, fast.threads) == (["a"], ["a", "b", "c"])
        office.write(*messages("d", first=4))
        postman.wake()
        await office.settle()
        assert (slow.threads, fast.threads) == (["a"], ["a", "b", "c", "d"])
        slow.hold.set()
        await office.settle()
        assert slow.threads == ["a", "b", "c", "d"], "one after the other"


async def test_an_attempt_that_hangs_ends(office: Office) -> None:
    office.place.hold = asyncio.Event()
    office.write(*messages("a"))
    postman = office.postman(deadline_s=0.05)
    postman.start()
    while not (letter := office.letters()[0]).error:  # noqa: ASYNC110 - it is the others' turn
        await asyncio.sleep(0)
    assert (letter.status, letter.error) == ("waiting", "it took longer than 0.05 s")
    assert letter.due_ms == NOW_MS + 5_000
    await postman.close()


async def test_a_later_letter_of_a_thread_waits_for_the_earlier_one(office: Office) -> None:
    office.place.failures = [refusal(), None, refusal()]
    office.write(*messages("a"))
    office.time.move(NOW_MS + 1)
    office.write(*messages("ab", first=2))
    async with office.open():
        assert office.place.threads == ["a", "b"], "the second of `a` waits, `b` doesn't"
        await office.pass_time(5_000)
        assert office.place.threads == ["a", "b", "a"]
        await office.pass_time(HOUR_MS)
    assert office.place.threads == ["a", "b", "a", "a", "a"]
    assert office.statuses() == ["delivered"] * 6


async def test_but_not_for_a_dead_one(office: Office) -> None:
    office.place.failures = [refusal(final=True)]
    office.write(*messages("a"))
    office.time.move(NOW_MS + 1)
    office.write(*messages("a", first=2))
    async with office.open():
        assert office.place.threads == ["a", "a"]


@pytest.mark.parametrize("failure", [ValueError("https://hunter2@hooks.example"), TimeoutError(), OSError("hunter2")])
async def test_what_nobody_expected_is_tried_again_and_keeps_secrets(
    office: Office, failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    office.place.failures = [failure]
    office.write(*messages("a"))
    async with office.open():
        (waiting, _) = office.letters()
        assert waiting.status == "waiting"
        assert type(failure).__name__ in waiting.error
        await office.pass_time(HOUR_MS)
    assert office.statuses() == ["delivered"] * 2
    told = capsys.readouterr()
    assert "office.py" in told.out + told.err
    assert "hunter2" not in waiting.error + told.out + told.err


async def test_a_channel_that_is_gone_may_come_back(office: Office) -> None:
    office.write(*messages("a"))
    office.receivers = {}
    async with office.open():
        assert "no channel 'scripted' of a receiver 'on-call'" in office.letters()[0].error
        office.receivers = {"on-call": office.receiver}
        await office.pass_time(HOUR_MS)
        assert office.statuses() == ["delivered", "delivered"]


async def test_other_settings_open_the_channel_anew(office: Office) -> None:
    async with office.open(look_every_s=5):
        for first in (1, 2):
            office.write(*messages("a", first=first))
            await office.pass_time(5_000)
        assert (office.place.opened, office.place.closed) == (1, 0)
        changed = [ScriptedSettings(place=place, version=1) for place in office.places]
        office.receivers = {"on-call": receiver_of(*changed)}
        office.write(*messages("a", first=3))
        await office.pass_time(5_000)
        assert (office.place.opened, office.place.closed) == (2, 1)
        office.receivers = {}
        await office.pass_time(5_000)
        assert (office.place.opened, office.place.closed) == (2, 2)


async def test_channels_are_closed_at_the_end(office: Office) -> None:
    office.write(*messages("a"))
    async with office.open():
        pass
    assert [(place.opened, place.closed) for place in office.places] == [(1, 1)] * 2


async def test_a_store_that_fails_delays_only(office: Office) -> None:
    broken = True

    def guard(_connection: Connection) -> None:
        if broken:
            raise OSError("disk full")

    office.write(*messages("a"))
    async with office.open(outbox=Outbox(office.database, guard)):
        await office.pass_time(60_000)
        assert office.place.came == []
        assert [letter.attempts for letter in office.letters()] == [0, 0]
        broken = False
        await office.pass_time(10_000)
        assert office.place.threads == ["a"]


async def test_what_is_under_way_may_end(office: Office) -> None:
    office.place.hold = asyncio.Event()
    office.write(*messages("ab"))
    postman = office.postman()
    postman.start()
    await office.settle()
    closing = asyncio.create_task(postman.close())
    await asyncio.sleep(0)
    office.place.hold.set()
    await closing
    assert office.place.threads == ["a"], "and nothing more is begun"
    assert [letter.status for letter in office.letters() if letter.channel == "scripted"] == ["delivered", "waiting"]


async def _abandon(postman: Postman) -> None:
    """End it as a kill would: in the middle, with nothing written any more."""
    for task in asyncio.all_tasks():
        if task.get_name().startswith(("deliver ", "postman")):
            task.cancel()
    await postman.close()


async def test_what_was_under_way_at_a_kill_is_tried_again_once_its_time_is_over(office: Office) -> None:
    office.place.hold = asyncio.Event()
    office.write(*messages("ab"))
    killed = office.postman(deadline_s=20)
    killed.start()
    await office.settle()
    await _abandon(killed)
    office.place.hold = None
    async with office.open():
        assert office.place.threads == ["a", "b"], "nobody knows whether `a` arrived: its time isn't over"
        await office.pass_time(29_000)
        assert office.place.threads == ["a", "b"]
        await office.pass_time(1_000)
        assert office.place.threads == ["a", "b", "a"]
        await office.pass_time(DAY_MS)
    assert office.place.threads == ["a", "b", "a"]


async def test_two_that_work_at_once_deliver_once(office: Office) -> None:
    """A lease keeps them from it; but for a moment there may be two."""
    office.write(*messages("abcdefghij"))
    first, second = office.postman(), office.postman()
    first.start()
    second.start()
    while any(status == "waiting" for status in office.statuses()):  # noqa: ASYNC110 - it is the others' turn
        await asyncio.sleep(0)
    await first.close()
    await second.close()
    assert [sorted(place.threads) for place in office.places] == [list("abcdefghij")] * 2


async def test_what_ended_long_ago_is_removed(office: Office) -> None:
    office.place.failures = [refusal(final=True)]
    office.write(*messages("a"))
    kept = notification(9)
    office.surroundings.notifications.keep(KeptNotification(kept.id, "on-call", NOW_MS, encode(kept)))
    async with office.open():
        await office.jump(NOW_MS + KEPT_DELIVERED_MS)
        assert office.statuses() == ["dead", "delivered"]
        await office.jump(NOW_MS + KEPT_DELIVERED_MS + 2 * HOUR_MS)
        assert office.statuses() == ["dead"]
        assert office.surroundings.notifications.find(10) == []
        await office.jump(NOW_MS + KEPT_DEAD_MS + 2 * HOUR_MS)
        assert office.statuses() == []
