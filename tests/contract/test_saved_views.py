from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, event

from chatvitals.errors import Conflict
from chatvitals.store.control import saved_views
from chatvitals.store.control.database import open_database
from chatvitals.store.control.saved_views import KEPT_REMOVED_MS, NEW, Change, SavedViewRow, SavedViews

_ids = count()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


@pytest.fixture
def views(database: Engine) -> SavedViews:
    return SavedViews(database)


def change(slug: str, revision: int = NEW, name: str = "", who: str = "dana", at_ms: int = 1_000) -> Change:
    document = f'{{"name":"{name}"}}'
    return Change(
        id=f"view-{next(_ids)}",
        slug=slug,
        name=name or slug,
        document=document,
        revision=revision,
        who=who,
        at_ms=at_ms,
    )


def test_a_view_is_made_changed_and_found(views: SavedViews) -> None:
    made = views.put(change("checkout", name="Checkout"))
    assert (made.revision, made.created_ms, made.created_by) == (1, 1_000, "dana")
    changed = views.put(change("checkout", 1, "The checkout", "eli", 2_000))
    assert changed == replace(
        made,
        name="The checkout",
        document='{"name":"The checkout"}',
        revision=2,
        updated_ms=2_000,
        updated_by="eli",
    )
    assert views.get("checkout") == changed
    assert views.get("elsewhere") is None


def test_views_are_listed_by_name_whatever_their_case(views: SavedViews) -> None:
    for slug, name in (("c", "zebra"), ("a", "Apple"), ("b", "mango"), ("d", "Apple")):
        views.put(change(slug, name=name))
    assert [row.slug for row in views.all()] == ["a", "d", "b", "c"]


def test_who_has_not_seen_the_last_change_overwrites_nothing(views: SavedViews) -> None:
    views.put(change("checkout"))
    second = views.put(change("checkout", 1, who="eli"))
    for revision in (NEW, 1, 3):
        with pytest.raises(Conflict, match="eli changed the view 'checkout' meanwhile, it is at revision 2 now"):
            views.put(change("checkout", revision, "mine"))
    with pytest.raises(Conflict, match="eli changed"):
        views.remove("checkout", 5_000, 1)
    assert views.get("checkout") == second


def test_a_view_that_was_removed_is_not_changed(views: SavedViews) -> None:
    views.put(change("checkout"))
    views.remove("checkout", 2_000)
    with pytest.raises(Conflict, match="was removed meanwhile: give revision 0"):
        views.put(change("checkout", 1))


def test_a_removal_is_undone(views: SavedViews) -> None:
    made = views.put(change("checkout"))
    assert views.remove("checkout", 2_000, made.revision) == made
    assert views.get("checkout") is None
    assert views.all() == []
    assert views.remove("checkout", 3_000) is None
    assert views.put_back(made.id) == made
    assert views.put_back(made.id) == made, "twice does no harm"
    assert views.get("checkout") == made


def test_an_address_is_free_again_and_then_the_old_view_is_gone(views: SavedViews) -> None:
    old = views.put(change("checkout"))
    views.remove("checkout", 2_000)
    new = views.put(change("checkout"))
    assert new.revision == 1
    assert views.put_back(old.id) is None
    assert views.all() == [new]


def test_what_was_removed_long_ago_is_gone_for_good(views: SavedViews) -> None:
    first, second = (views.put(change(slug)) for slug in ("first", "second"))
    views.remove("first", 2_000)
    views.remove("second", 2_000 + KEPT_REMOVED_MS)
    assert views.put_back(first.id) == first
    views.remove("first", 2_000)
    views.put(change("third"))
    views.remove("third", 2_001 + KEPT_REMOVED_MS)
    assert views.put_back(first.id) is None
    assert views.put_back(second.id) == second


def test_there_is_an_end_to_views(views: SavedViews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 2)
    for slug in ("a", "b"):
        views.put(change(slug))
    with pytest.raises(Conflict, match="there are 2 views already"):
        views.put(change("c"))
    views.remove("a", 2_000)
    views.put(change("c"))


def test_of_two_who_make_a_view_at_once_the_first_wins(database: Engine, views: SavedViews) -> None:
    """Where a database lets both find nothing there, as PostgreSQL does; here that is brought about."""
    others = [change("checkout", who="eli")]

    def come_first(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if others and statement.startswith("INSERT INTO saved_views"):
            saved_views._insert(connection, others.pop())

    event.listen(database, "before_cursor_execute", come_first)
    with pytest.raises(Conflict, match="eli changed the view 'checkout' meanwhile"):
        views.put(change("checkout"))


def test_rows_hold_what_they_are_given(views: SavedViews) -> None:
    name = "Ünïcode ' ; DROP TABLE 💬"
    row = views.put(change("x", name=name))
    assert isinstance(row, SavedViewRow)
    assert views.all()[0].name == name
