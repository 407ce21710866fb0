import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.saved.document import MOST_PANELS, Panel, PanelKind, SavedView
from chatvitals.dashboard.saved.editing import change, insert, move, numbered, place_of, remove
from chatvitals.errors import Conflict, NotFound

PANELS = st.lists(st.sampled_from(METRICS).map(lambda metric: Panel(metric=metric.path)), max_size=8)
VIEWS = PANELS.map(lambda panels: numbered(SavedView(name="x", panels=tuple(panels))))
SOME = VIEWS.filter(lambda view: view.panels)
NEW = Panel(metric="api.totalCalls", kind=PanelKind.CHART)


def ids(view: SavedView) -> list[int]:
    return [panel.id for panel in view.panels]


@given(VIEWS)
def test_each_panel_gets_an_id_of_its_own_and_keeps_it(view: SavedView) -> None:
    assert ids(view) == list(range(1, len(view.panels) + 1))
    assert numbered(view) == view


def test_new_panels_get_numbers_that_none_has() -> None:
    panels = (Panel(metric="a"), Panel(metric="b", id=7), Panel(metric="c"))
    assert ids(numbered(SavedView(name="x", panels=panels))) == [8, 7, 9]


@given(SOME, st.data())
def test_a_move_keeps_every_panel_and_can_be_taken_back(view: SavedView, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(view.panels) - 1))
    to = data.draw(st.integers(-2, len(view.panels) + 2))
    panel = view.panels[place]
    moved = move(view, panel.id, to)
    assert moved.panels[min(max(to, 0), len(view.panels) - 1)] == panel
    assert sorted(ids(moved)) == sorted(ids(view))
    assert move(moved, panel.id, place) == view


@given(SOME, st.data())
def test_a_panel_that_was_removed_is_put_back_as_it_was(view: SavedView, data: st.DataObject) -> None:
    panel = data.draw(st.sampled_from(view.panels))
    place = place_of(view, panel.id)
    without = remove(view, panel.id)
    assert panel not in without.panels
    assert insert(without, panel, place) == view


@given(VIEWS, st.integers(0, 10))
def test_an_id_that_is_taken_is_not_given_twice(view: SavedView, place: int) -> None:
    more = insert(view, Panel(metric="api.totalCalls", id=1), place)
    assert len(more.panels) == len(view.panels) + 1
    assert len(set(ids(more))) == len(more.panels)


@given(SOME, st.data())
def test_a_change_leaves_the_rest_alone(view: SavedView, data: st.DataObject) -> None:
    panel = data.draw(st.sampled_from(view.panels))
    changed = change(view, panel.id, NEW)
    assert ids(changed) == ids(view)
    assert [now for now, was in zip(changed.panels, view.panels, strict=True) if now != was and was != panel] == []
    assert changed.panels[place_of(view, panel.id)].metric == NEW.metric


def test_what_is_not_there_can_not_be_edited() -> None:
    view = numbered(SavedView(name="Checkout", panels=(NEW,)))
    with pytest.raises(NotFound, match="the view 'Checkout' has no panel 5"):
        remove(view, 5)
    with pytest.raises(NotFound):
        move(view, 5, 0)
    with pytest.raises(NotFound):
        change(view, 5, NEW)


def test_there_is_an_end_to_panels() -> None:
    view = SavedView(name="x", panels=(NEW,) * MOST_PANELS)
    with pytest.raises(Conflict, match="40 panels at most"):
        insert(view, NEW, 0)
