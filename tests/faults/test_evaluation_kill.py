"""A server that dies between two statements of a tick: the store is whole, and the next one does what is missing."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from tests.support.evaluation import MINUTE_MS, Desk, Figures, instant_rule, slow
from tests.unit.alerting.situations import NOON

from chatvitals.alerting.incidents import fingerprint_of
from chatvitals.alerting.kept import decode_key, kept_alert
from chatvitals.alerting.rule import Side, Threshold
from chatvitals.alerting.state import Status
from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import OPEN, Incident
from chatvitals.store.control.leases import Lease, Leases

RULE = instant_rule(
    condition=Threshold(Side.ABOVE, {Severity.WARNING: 16.0, Severity.CRITICAL: 50.0}, 16.0), for_ms=MINUTE_MS
)
KEYS = [("shop", customer) for customer in ("acme", "globex", "initech")]
HISTORY = (
    (20.0, 12.0, 20.0),
    (20.0, 12.0, 20.0),  # two open
    (60.0, 20.0, 12.0),  # one resolves
    (60.0, 20.0, 60.0),  # one escalates, one opens
    (12.0, 12.0, 60.0),  # two resolve, one opens
)


class Killed(BaseException):
    """No handler of ours takes this for an error that it could go on after."""


@contextmanager
def before_each_statement(database: Engine, act: Callable[[], None]) -> Iterator[None]:
    """Call `act` before each statement that is sent, and before each commit."""

    def statement(*_: object) -> None:
        act()

    event.listen(database, "before_cursor_execute", statement)
    event.listen(database, "commit", statement)
    try:
        yield
    finally:
        event.remove(database, "before_cursor_execute", statement)
        event.remove(database, "commit", statement)


def lease_of(database: Engine) -> Lease:
    lease = Leases(database, lambda: NOON).take("alerting", "one", 15_000)
    assert lease is not None
    return lease


def set_figures(figures: Figures, tick: int) -> None:
    figures.seen[RULE.name] = {key: slow(value) for key, value in zip(KEYS, HISTORY[tick], strict=True)}


def told(desk: Desk) -> list[tuple[object, ...]]:
    """All that people see, without ids, which differ."""
    return sorted(
        (one.labels["customer"], one.status, one.severity, one.opened_ms, one.resolved_ms or 0, *desk.story(one.id))
        for one in desk.all()
    )


def check_whole(desk: Desk) -> None:
    """What fires has an open incident, nothing else has, and each change of an incident has its line."""
    kept = {fingerprint_of(row.rule, decode_key(row.key)): kept_alert(row).state for row in desk.states.states()}
    firing = {fingerprint for fingerprint, state in kept.items() if state.status is Status.FIRING}
    incidents: list[Incident] = desk.all()
    assert firing == {one.fingerprint for one in incidents if one.status in OPEN}
    for one in incidents:
        assert len(desk.story(one.id)) == one.revision, one


@pytest.fixture
def expected(tmp_path: Path) -> list[list[tuple[object, ...]]]:
    """What is told after each tick where nothing goes wrong."""
    database = open_database(f"sqlite:///{tmp_path / 'undisturbed.sqlite'}")
    figures = Figures()
    desk = Desk(database, figures, lease_of(database))
    after = []
    for tick in range(len(HISTORY)):
        set_figures(figures, tick)
        desk.tick(NOON + tick * MINUTE_MS, RULE)
        check_whole(desk)
        after.append(told(desk))
    database.dispose()
    assert [story[5:] for story in after[-1]] == [
        ("opened", "escalated", "resolved"),  # acme
        ("opened", "resolved"),  # globex
        ("opened",),  # initech
        ("opened", "resolved"),  # initech, before
    ]
    return after


def test_the_files_of_a_killed_server_hold_the_tick_whole_or_not_at_all(
    tmp_path: Path, expected: list[list[tuple[object, ...]]]
) -> None:
    """The files are copied as they are between any two statements, and opened as after a crash."""
    source = tmp_path / "live"
    source.mkdir()
    database = open_database(f"sqlite:///{source / 'control.sqlite'}")
    figures = Figures()
    desk = Desk(database, figures, lease_of(database))
    images: list[tuple[int, Path]] = []

    for tick in range(len(HISTORY)):
        set_figures(figures, tick)

        def copy(tick: int = tick) -> None:
            image = tmp_path / f"image-{len(images)}"
            shutil.copytree(source, image)
            images.append((tick, image))

        with before_each_statement(database, copy):
            desk.tick(NOON + tick * MINUTE_MS, RULE)
    database.dispose()
    assert len(images) > 30

    for tick, image in images:
        opened = open_database(f"sqlite:///{image / 'control.sqlite'}")
        successor = Desk(opened, figures, lease_of(opened), "successor")
        check_whole(successor)
        for missing in range(tick, len(HISTORY)):
            set_figures(figures, missing)
            successor.tick(NOON + missing * MINUTE_MS, RULE)
            check_whole(successor)
            assert told(successor) == expected[missing], (tick, image.name, missing)
        opened.dispose()


def test_a_statement_that_fails_leaves_the_tick_to_be_done_again(
    tmp_path: Path, expected: list[list[tuple[object, ...]]]
) -> None:
    """The server lives on, with what it has in memory."""
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    figures = Figures()
    desk = Desk(database, figures, lease_of(database))
    failed = 0
    for tick in range(len(HISTORY)):
        set_figures(figures, tick)
        fails_at = 0
        done = False
        while not done:
            left = fails_at

            def fail() -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed

            try:
                with before_each_statement(database, fail):
                    desk.tick(NOON + tick * MINUTE_MS, RULE)
                done = True
            except Killed:
                failed += 1
            finally:
                fails_at += 1
            check_whole(desk)
        assert told(desk) == expected[tick]
    assert failed > 30
    database.dispose()
