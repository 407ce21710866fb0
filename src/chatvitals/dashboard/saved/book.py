"""The saved views of one control store: found, made, changed and removed, always checked. What is here blocks."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from chatvitals.clock import Clock
from chatvitals.dashboard.saved.checking import refuse_flawed
from chatvitals.dashboard.saved.document import SavedView
from chatvitals.dashboard.saved.editing import numbered
from chatvitals.dashboard.saved.slugs import EXPECTED, free_slug, is_slug
from chatvitals.errors import BadRequest, NotFound
from chatvitals.store.control.saved_views import NEW, Change, SavedViewRow, SavedViews


class KeptView(Struct, rename="camel", frozen=True, kw_only=True):
    """A view with its part of an address, and who made and changed it when, in Unix milliseconds.

    `revision` is one more after each change; `id` is what a removal is undone by.
    """

    id: str
    slug: str
    revision: int
    view: SavedView
    created_ms: int
    created_by: str
    updated_ms: int
    updated_by: str


class ViewBook:
    """Knows all saved views. `new_id` makes ids."""

    def __init__(self, rows: SavedViews, clock: Clock, new_id: Callable[[], str]) -> None:
        self._rows = rows
        self._clock = clock
        self._new_id = new_id

    def all(self) -> list[KeptView]:
        """Every view, by name."""
        return [_kept(row) for row in self._rows.all()]

    def find(self, slug: str) -> KeptView:
        """The view of an address. Raises NotFound."""
        return _found(self._rows.get(slug) if is_slug(slug) else None, slug)

    def put(self, slug: str, view: SavedView, revision: int, who: str) -> KeptView:
        """Change the view that is at a revision, or with 0 make a new one. Raises BadRequest and Conflict."""
        if not is_slug(slug):
            raise BadRequest(f"a view can't have the address {slug[:80]!r}: use {EXPECTED}", "slug")
        refuse_flawed(view)
        view = numbered(view)
        change = Change(
            id=self._new_id(),
            slug=slug,
            name=view.name,
            document=msgspec.json.encode(view).decode(),
            revision=revision,
            who=who,
            at_ms=self._clock(),
        )
        return _kept(self._rows.put(change))

    def make(self, view: SavedView, who: str) -> KeptView:
        """Make a view at an address that reads like its name. Raises BadRequest and Conflict."""
        return self.put(free_slug(view.name, {row.slug for row in self._rows.all()}), view, NEW, who)

    def remove(self, slug: str, revision: int | None = None) -> KeptView:
        """Remove a view, only if it is at a revision where one is given, and return it. Raises NotFound, Conflict."""
        return _found(self._rows.remove(slug, self._clock(), revision) if is_slug(slug) else None, slug)

    def put_back(self, id: str) -> KeptView:
        """Undo a removal. Raises NotFound where it can't be undone any more."""
        row = self._rows.put_back(id) if id.isprintable() else None
        if row is None:
            raise NotFound("this view can't be put back: it was removed too long ago, or another one has its address")
        return _kept(row)


def _found(row: SavedViewRow | None, slug: str) -> KeptView:
    if row is None:
        raise NotFound(f"there is no view {slug[:80]!r}: /dashboard/views lists those there are")
    return _kept(row)


def _kept(row: SavedViewRow) -> KeptView:
    return KeptView(
        id=row.id,
        slug=row.slug,
        revision=row.revision,
        view=msgspec.json.decode(row.document, type=SavedView),
        created_ms=row.created_ms,
        created_by=row.created_by,
        updated_ms=row.updated_ms,
        updated_by=row.updated_by,
    )
