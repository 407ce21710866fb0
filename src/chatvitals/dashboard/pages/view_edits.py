"""What can be changed of a saved view on its page. A form is for the revision that it was made of, and for no other."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from chatvitals.dashboard.page import Action, Done, Undo, Visit
from chatvitals.dashboard.pages.view import PATH, adopt
from chatvitals.dashboard.pages.views import book_of
from chatvitals.dashboard.saved.document import WIDEST, Panel, SavedView, fixed_range
from chatvitals.dashboard.saved.editing import change, insert, move, place_of, remove
from chatvitals.dashboard.saved.forms import (
    read_about,
    read_panel,
    read_place,
    read_revision,
    read_written_panel,
    write_panel,
)
from chatvitals.dashboard.saved.panels import title_of
from chatvitals.query.request import parse_whole

_MOST_IDS = 1_000_000_000


def _edit(visit: Visit, fields: Mapping[str, str], edit: Callable[[SavedView], SavedView]) -> SavedView:
    """Keep what an edit makes of the view. Raises Conflict where somebody changed it since the form was made."""
    book, slug = book_of(visit), visit.path["slug"]
    view = book.find(slug).view
    return book.put(slug, edit(view), read_revision(fields), visit.who).view


def _rename(visit: Visit, fields: Mapping[str, str]) -> Done:
    name, description = read_about(fields)
    _edit(visit, fields, lambda view: replace(view, name=name, description=description))
    return Done(f"Its name is {name}")


def _keep_look(visit: Visit, fields: Mapping[str, str]) -> Done:
    """The window and the filters of the page are the view's from now on."""
    look = adopt(visit).view

    def edit(view: SavedView) -> SavedView:
        return replace(
            view,
            window_ms=look.window_ms,
            range=fixed_range(look.range),
            compare=look.compare,
            filters=look.filters,
        )

    _edit(visit, fields, edit)
    return Done("The view keeps this window and these filters", to=f"{PATH.format(**visit.path)}?edit=1")


def _add_panel(visit: Visit, fields: Mapping[str, str]) -> Done:
    panel, place = read_panel(fields), read_place(fields)
    _edit(visit, fields, lambda view: insert(view, panel, place))
    return Done(f"Added {title_of(panel)}")


def _put_panel_back(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Undo a removal, whatever was changed since: nothing is overwritten by one more panel."""
    panel, place = read_written_panel(fields.get("panel", "")), read_place(fields)
    book, slug = book_of(visit), visit.path["slug"]
    kept = book.find(slug)
    book.put(slug, insert(kept.view, panel, place), kept.revision, visit.who)
    return Done(f"{title_of(panel)} is back")


def _change_panel(visit: Visit, fields: Mapping[str, str]) -> Done:
    panel = read_panel(fields)
    _edit(visit, fields, lambda view: change(view, _panel_id(visit), panel))
    return Done(f"Changed {title_of(panel)}")


def _move_panel(visit: Visit, fields: Mapping[str, str]) -> Done:
    id, place = _panel_id(visit), read_place(fields)
    view = _edit(visit, fields, lambda view: move(view, id, place))
    now = place_of(view, id)
    return Done(f"{title_of(view.panels[now])} is at place {now + 1} of {len(view.panels)}")


def _resize_panel(visit: Visit, fields: Mapping[str, str]) -> Done:
    id, width = _panel_id(visit), parse_whole(fields.get("width", ""), "width", 1, WIDEST)

    def edit(view: SavedView) -> SavedView:
        return change(view, id, replace(view.panels[place_of(view, id)], width=width))

    view = _edit(visit, fields, edit)
    return Done(f"{title_of(view.panels[place_of(view, id)])} is {width} of {WIDEST} wide")


def _remove_panel(visit: Visit, fields: Mapping[str, str]) -> Done:
    id, removed = _panel_id(visit), list[tuple[int, Panel]]()

    def edit(view: SavedView) -> SavedView:
        place = place_of(view, id)
        removed.append((place, view.panels[place]))
        return remove(view, id)

    _edit(visit, fields, edit)
    ((place, panel),) = removed
    undo = {"panel": write_panel(panel), "place": str(place + 1)}
    return Done(f"Removed {title_of(panel)}", undo=Undo(f"{PATH.format(**visit.path)}/panels/put-back", undo))


def _panel_id(visit: Visit) -> int:
    return parse_whole(visit.path["panel"], "panel", 1, _MOST_IDS)


ACTIONS: tuple[Action, ...] = (
    Action(f"{PATH}/about", _rename),
    Action(f"{PATH}/look", _keep_look),
    Action(f"{PATH}/panels", _add_panel),
    Action(f"{PATH}/panels/put-back", _put_panel_back),
    Action(f"{PATH}/panels/{{panel}}", _change_panel),
    Action(f"{PATH}/panels/{{panel}}/move", _move_panel),
    Action(f"{PATH}/panels/{{panel}}/width", _resize_panel),
    Action(f"{PATH}/panels/{{panel}}/remove", _remove_panel),
)
