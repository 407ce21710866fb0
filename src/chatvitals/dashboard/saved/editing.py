"""How a saved view is edited: each edit makes another view of it. Panels are named by their ids."""

from collections.abc import Iterable

from msgspec.structs import replace

from chatvitals.dashboard.saved.document import LONGEST_NAME, MOST_PANELS, Panel, SavedView
from chatvitals.errors import Conflict, NotFound

_COPY = ", copy"


def numbered(view: SavedView) -> SavedView:
    """The view with an id for each panel: those without get the next numbers that none has."""
    last = max((panel.id for panel in view.panels), default=0)
    panels = []
    for panel in view.panels:
        if not panel.id:
            last += 1
            panel = replace(panel, id=last)
        panels.append(panel)
    return _with(view, panels)


def place_of(view: SavedView, id: int) -> int:
    """The place of a panel, counted from 0. Raises NotFound."""
    for place, panel in enumerate(view.panels):
        if panel.id == id:
            return place
    raise NotFound(f"the view {view.name!r} has no panel {id}: somebody may have removed it; look at it as it is now")


def insert(view: SavedView, panel: Panel, place: int) -> SavedView:
    """The view with one more panel at a place, or at the end; it keeps its id where that is free. Raises Conflict."""
    if len(view.panels) >= MOST_PANELS:
        raise Conflict(f"a view has {MOST_PANELS} panels at most: remove one, or make another view")
    if panel.id in {other.id for other in view.panels}:
        panel = replace(panel, id=0)
    return numbered(_with(view, (*view.panels[:place], panel, *view.panels[place:])))


def remove(view: SavedView, id: int) -> SavedView:
    """The view without a panel. Raises NotFound."""
    place = place_of(view, id)
    return _with(view, (*view.panels[:place], *view.panels[place + 1 :]))


def move(view: SavedView, id: int, place: int) -> SavedView:
    """The view with a panel moved to a place, counted from 0; beyond an end is at that end. Raises NotFound."""
    panel = view.panels[place_of(view, id)]
    others = remove(view, id).panels
    place = min(max(place, 0), len(others))
    return _with(view, (*others[:place], panel, *others[place:]))


def change(view: SavedView, id: int, panel: Panel) -> SavedView:
    """The view with another panel in the place of one, whose id that gets. Raises NotFound."""
    place = place_of(view, id)
    return _with(view, (*view.panels[:place], replace(panel, id=id), *view.panels[place + 1 :]))


def copied(view: SavedView) -> SavedView:
    """The same view by a name that says that it is a copy."""
    return replace(view, name=f"{view.name[: LONGEST_NAME - len(_COPY)]}{_COPY}")


def _with(view: SavedView, panels: Iterable[Panel]) -> SavedView:
    return replace(view, panels=tuple(panels))
