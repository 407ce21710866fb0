from collections.abc import Iterator
from pathlib import Path

import pytest

from chatvitals.alerting.documents import BadDocuments, parse
from chatvitals.alerting.rules import book
from chatvitals.alerting.rules.book import Origin, RuleBook, Source
from chatvitals.alerting.rules.reading import FiledRule, read_rules
from chatvitals.errors import BadRequest, Conflict, NotFound
from chatvitals.store.control.database import open_database
from chatvitals.store.control.rules import AlertRules, RuleRow

NOW_MS = 1_760_000_000_000
FORM = {"category": "api", "metric": "api.errorRate", "threshold": {"above": {"error": 1}}}
SHIPPED = """
rules:
  - {name: errors, category: api, metric: api.errorRate, threshold: {above: {error: 5}}}
  - {name: slow, category: api, metric: api.p95Duration, threshold: {above: {error: 500}}}
"""
WRITER = "somebody"


BUILT_IN = read_rules([parse(SHIPPED, "built-in.yaml")], {})


def rules_of(text: str, file: str) -> tuple[FiledRule, ...]:
    return read_rules([parse(text, file)], {one.rule.name: one.rule for one in BUILT_IN})


class World:
    """A rule book over a real store, and files that a test may change."""

    def __init__(self, url: str) -> None:
        self.database = open_database(url)
        self.rows = AlertRules(self.database)
        self.files: tuple[FiledRule, ...] = ()
        self.now_ms = NOW_MS
        self.book = self.open()

    def open(self) -> RuleBook:
        book = RuleBook(BUILT_IN, self.rows, lambda: self.files, lambda: self.now_ms)
        book.look()
        return book

    def bound(self, name: str) -> float:
        condition = self.book.find(name).rule.condition
        return float(condition.levels["error"])  # type: ignore[union-attr, index]  # these tests have thresholds of errors


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.database.dispose()


def test_at_first_there_is_what_is_built_in(world: World) -> None:
    assert [rule.name for rule in world.book.rules()] == ["errors", "slow"]
    entry = world.book.find("errors")
    assert entry.origin == Origin(source=Source.BUILT_IN, file="built-in.yaml", line=3)
    assert not entry.read_only
    assert entry.hides == ()


def test_a_row_comes_before_a_built_in_rule_and_a_file_before_both(world: World) -> None:
    row = world.book.put("errors", FORM, WRITER)
    assert row.origin == Origin(source=Source.ROW, updated_ms=NOW_MS, updated_by=WRITER)
    assert [origin.source for origin in row.hides] == [Source.BUILT_IN]
    assert world.bound("errors") == 1
    world.files = rules_of("rules:\n  - {name: errors, enabled: false}\n", "web.yaml")
    world.book.look()
    entry = world.book.find("errors")
    assert entry.read_only
    assert entry.origin == Origin(source=Source.FILE, file="web.yaml", line=2)
    assert [origin.source for origin in entry.hides] == [Source.ROW, Source.BUILT_IN]
    assert [rule.name for rule in world.book.rules()] == ["slow"]
    world.files = ()
    world.book.look()
    assert world.bound("errors") == 1


def test_a_rule_of_a_file_is_changed_there(world: World) -> None:
    world.files = rules_of("rules:\n  - {name: errors, enabled: false}\n", "web.yaml")
    world.book.look()
    for change in (lambda: world.book.put("errors", FORM, WRITER), lambda: world.book.remove("errors")):
        with pytest.raises(Conflict, match=r"errors stands in web\.yaml, line 2: change it there"):
            change()
    assert world.rows.all() == []


def test_a_new_rule_is_in_force_at_once_and_after_a_restart(world: World) -> None:
    world.book.put("calls", FORM, WRITER)
    assert world.bound("calls") == 1
    world.now_ms += 5
    world.book.put("calls", {**FORM, "name": "calls", "threshold": {"above": {"error": 2}}}, WRITER)
    world.book = world.open()
    assert world.bound("calls") == 2
    assert world.book.find("calls").origin.updated_ms == NOW_MS + 5


def test_what_another_server_wrote_is_seen_at_the_next_look(world: World) -> None:
    other = world.open()
    other.put("calls", FORM, WRITER)
    with pytest.raises(NotFound):
        world.book.find("calls")
    world.book.look()
    assert world.bound("calls") == 1
    other.remove("calls")
    world.book.look()
    with pytest.raises(NotFound, match="there is no rule 'calls'"):
        world.book.find("calls")


def test_a_built_in_rule_is_switched_off_and_on_again(world: World) -> None:
    world.book.put("slow", {"enabled": False}, WRITER)
    assert [rule.name for rule in world.book.rules()] == ["errors"]
    assert world.bound("slow") == 500
    with pytest.raises(BadDocuments, match="no built-in rule 'other'"):
        world.book.put("other", {"enabled": False}, WRITER)
    world.book.remove("slow")
    assert [rule.name for rule in world.book.rules()] == ["errors", "slow"]
    with pytest.raises(Conflict, match="slow is built in: switch it off"):
        world.book.remove("slow")


def test_what_is_wrong_is_not_kept(world: World) -> None:
    with pytest.raises(BadDocuments, match=r"did you mean 'api\.errorRate'"):
        world.book.put("calls", {**FORM, "metric": "api.errorate"}, WRITER)
    with pytest.raises(BadRequest, match="names another rule than the path"):
        world.book.put("calls", {**FORM, "name": "other"}, WRITER)
    with pytest.raises(BadDocuments, match="name: expected lower-case"):
        world.book.put("No Name", FORM, WRITER)
    with pytest.raises(NotFound):
        world.book.remove("calls")
    assert world.rows.all() == []


def test_a_row_that_can_not_be_read_any_more_is_told_and_keeps_no_other_from_work(world: World) -> None:
    document = '{"name":"old","category":"api","metric":"weather","threshold":{"above":{"error":1}}}'
    world.rows.put(RuleRow(name="old", document=document, updated_ms=NOW_MS, updated_by=WRITER))
    world.book.look()
    assert [rule.name for rule in world.book.rules()] == ["errors", "slow"]
    assert [str(mistake) for mistake in world.book.mistakes] == ["row old: metric: there is no metric 'weather'"]
    world.book.remove("old")
    assert world.book.mistakes == ()


def test_rules_have_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MAX_ROWS", 2)
    for name in ("one", "two"):
        world.book.put(name, FORM, WRITER)
    with pytest.raises(Conflict, match="remove one"):
        world.book.put("three", FORM, WRITER)
    world.book.put("two", FORM, WRITER)
