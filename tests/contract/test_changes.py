"""Every change that pages show is seen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine
from tests.unit.alerting.situations import NOON, incident

from chatvitals.alerting.handling import acknowledge, comment, release, reopen, resolve
from chatvitals.store.control.changes import Changes
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import (
    Entry,
    EntryKind,
    Incident,
    Incidents,
    Update,
    append_entries,
    put_updates,
)
from chatvitals.store.control.outbox import Letter, Outbox, insert_letters
from chatvitals.store.control.rules import AlertRules, RuleRow
from chatvitals.store.control.saved_views import Change, SavedViews
from chatvitals.store.control.silences import Silence, Silences

LETTER = Letter(
    id="l", notification="n", receiver="r", channel="c", thread="t", created_ms=NOON, due_ms=NOON, document="{}"
)
SILENCE = Silence(
    id="s", matchers=("a=b",), starts_ms=NOON, ends_ms=NOON + 9, reason="why", author="kim", created_ms=NOON
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


def open_one(database: Engine, id: str) -> None:
    made = replace(incident(), id=id, fingerprint=id)
    with database.begin() as connection:
        put_updates(connection, [Update(made, Entry(at_ms=NOON, kind=EntryKind.OPENED))])


def test_each_change_is_seen_and_looking_is_none(database: Engine) -> None:
    incidents, silences, rules, outbox = Incidents(database), Silences(database), AlertRules(database), Outbox(database)
    views = SavedViews(database)
    open_one(database, "i")

    def do(make: Callable[[Incident, str, str, int], Update]) -> None:
        incidents.change("i", lambda one: make(one, "kim", "words", NOON))

    def notify() -> None:
        with database.begin() as connection:
            append_entries(connection, [("i", Entry(at_ms=NOON, kind=EntryKind.NOTIFIED))])

    def write(receiver: str) -> None:
        with database.begin() as connection:
            insert_letters(connection, [replace(LETTER, id=receiver, receiver=receiver)])

    def attempt(receiver: str, due_ms: int | None) -> None:
        letter = outbox.take(receiver, "c", NOON, NOON + 1)
        assert letter is not None
        outbox.fail(letter, NOON, "refused", due_ms)

    def deliver(receiver: str) -> None:
        letter = outbox.take(receiver, "c", NOON, NOON + 1)
        assert letter is not None
        outbox.deliver(letter, NOON)

    def put_rule(updated_ms: int) -> None:
        rules.put(RuleRow(name="r", document="{}", updated_ms=updated_ms, updated_by="kim"))

    def put_view(revision: int) -> None:
        change = Change(id="v", slug="v", name="v", document="{}", revision=revision, who="kim", at_ms=NOON)
        views.put(change)

    acts: list[Callable[[], object]] = [
        lambda: open_one(database, "j"),
        *(lambda make=make: do(make) for make in (acknowledge, release, comment, resolve, reopen)),
        notify,
        lambda: silences.add(SILENCE),
        lambda: silences.end("s", NOON + 1),
        lambda: put_rule(NOON),
        lambda: put_rule(NOON + 1),
        lambda: rules.remove("r"),
        lambda: write("one"),
        lambda: attempt("one", NOON),
        lambda: attempt("one", None),
        lambda: outbox.resend("one", NOON),
        lambda: deliver("one"),
        lambda: write("two"),
        lambda: put_view(0),
        lambda: put_view(1),
        lambda: views.remove("v", NOON),
        lambda: views.put_back("v"),
    ]
    changes = Changes(database)
    before = changes.stamp()
    for place, act in enumerate(acts):
        act()
        after = changes.stamp()
        assert after != before, f"act {place} was not seen"
        assert changes.stamp() == after
        before = after
