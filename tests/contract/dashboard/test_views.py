"""The list of saved views, and how views are made, copied, removed and put back."""

import pytest
from tests.support.dashboard import act, render_page
from tests.support.reading import read

from chatvitals.dashboard.page import Done
from chatvitals.dashboard.pages.views import PATH
from chatvitals.dashboard.parts import Parts
from chatvitals.dashboard.saved.book import KeptView, ViewBook
from chatvitals.dashboard.saved.document import FixedRange
from chatvitals.dashboard.saved.starters import STARTERS
from chatvitals.errors import BadRequest, Conflict, NotFound


def make(parts: Parts, name: str = "Checkout", on: str = PATH, **fields: str) -> Done:
    return act(parts, PATH, {"name": name, **fields}, on)


def kept(parts: Parts, slug: str = "checkout") -> KeptView:
    return ViewBook(parts.saved_views, parts.clock, parts.new_id).find(slug)


def test_without_views_the_page_says_what_they_are(parts: Parts) -> None:
    seen = read(render_page(parts, PATH).html)
    assert "No views yet A view is a dashboard of your own" in seen.text
    assert "It keeps what the bar above says: last 1 h." in seen.text, seen.text
    assert seen.tables == {}


def test_a_view_is_made_of_what_is_looked_at(parts: Parts) -> None:
    on = f"{PATH}?window=86400000&customer=acme&customer=globex&compare=week&tz=Europe/Berlin"
    assert "last 1 d, customer acme or globex" in read(render_page(parts, on).html).text
    done = make(parts, "  The  checkout ", on, starter="speed", description="Ask dana.")
    assert (done.said, done.to) == ("Made the view The checkout", f"{PATH}/the-checkout?edit=1")
    view = kept(parts, "the-checkout").view
    assert (view.name, view.description) == ("The checkout", "Ask dana.")
    assert (view.window_ms, view.compare) == (86_400_000, "week")
    assert view.filters == {"customer": ("acme", "globex")}
    assert [panel.metric for panel in view.panels] == [panel.metric for panel in STARTERS["speed"].panels]


def test_a_fixed_range_is_kept(parts: Parts) -> None:
    make(parts, on=f"{PATH}?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")
    assert kept(parts).view.range == FixedRange(from_ms=1_767_225_600_000, to_ms=1_767_312_000_000)
    (row,) = read(render_page(parts, PATH).html).tables["Saved views"].rows
    assert row["Shows"] == "2026-01-01 00:00:00 UTC to 2026-01-02 00:00:00 UTC"


def test_views_are_listed_by_name_with_what_they_show(parts: Parts) -> None:
    for name in ("zoo", "Checkout"):
        make(parts, name, f"{PATH}?browser=Safari+17", starter="overview")
    table = read(render_page(parts, PATH).html).tables["Saved views"]
    assert table.column("Name") == ["Checkout", "zoo"]
    assert table.column("Shows") == ["last 1 h, browser Safari 17"] * 2
    assert table.column("Panels") == [f"{len(STARTERS['overview'].panels)} panels"] * 2
    assert table.column("Changed") == ["just now by tester"] * 2
    assert table.links == {"Checkout": f"{PATH}/checkout", "zoo": f"{PATH}/zoo"}


def test_two_views_of_one_name_have_addresses_of_their_own(parts: Parts) -> None:
    assert [make(parts).to for _ in range(2)] == [f"{PATH}/checkout?edit=1", f"{PATH}/checkout-2?edit=1"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "  "}, "give the view a name"),
        ({"name": "x" * 101}, "up to 100 characters"),
        ({"name": "x", "description": "x" * 501}, "longer than 500 characters"),
        ({"name": "x", "starter": "everything"}, "starter is 'everything': give one of overview, "),
    ],
)
def test_what_can_not_be_made_is_refused(parts: Parts, fields: dict[str, str], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        act(parts, PATH, fields, PATH)
    assert parts.saved_views.all() == []


def test_a_copy_is_another_view(parts: Parts) -> None:
    make(parts, starter="overview")
    assert act(parts, f"{PATH}/checkout/copy", {}).to == f"{PATH}/checkout-copy?edit=1"
    copy = kept(parts, "checkout-copy").view
    assert copy.name == "Checkout, copy"
    assert copy.panels == kept(parts).view.panels


def test_a_removal_is_undone(parts: Parts) -> None:
    make(parts)
    before = kept(parts)
    done = act(parts, f"{PATH}/checkout/remove", {"revision": "1"})
    assert (done.said, done.to) == ("Removed the view Checkout", PATH)
    with pytest.raises(NotFound):
        kept(parts)
    assert done.undo is not None
    assert act(parts, done.undo.path, done.undo.fields).said == "The view Checkout is back"
    assert kept(parts) == before


def test_what_somebody_else_changed_is_not_removed_unseen(parts: Parts) -> None:
    make(parts)
    act(parts, f"{PATH}/checkout/about", {"revision": "1", "name": "Theirs"})
    with pytest.raises(Conflict, match="tester changed the view 'checkout' meanwhile"):
        act(parts, f"{PATH}/checkout/remove", {"revision": "1"})
    assert kept(parts).view.name == "Theirs"


def test_names_are_text_and_nothing_else(parts: Parts) -> None:
    name = "<script>alert(1)</script>\"'&"
    make(parts, name, description=name)
    for path in (PATH, f"{PATH}/{parts.saved_views.all()[0].slug}?edit=1"):
        html = render_page(parts, path).html
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
