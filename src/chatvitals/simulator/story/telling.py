"""A session's story from the first page to the last."""

from collections.abc import Iterator

from chatvitals.simulator.story.boot import boot
from chatvitals.simulator.story.conversation import converse, see_changes
from chatvitals.simulator.story.reading import scroll, stumble, watch_memory, weigh_on_host
from chatvitals.simulator.story.scene import Scene
from chatvitals.simulator.story.session import PageVisit, Session
from chatvitals.simulator.story.storage import cross_page

RETURN_MS = 40.0
"""How long a page that the browser kept, or that changed in place, takes until the widget is there again."""


def tell(session: Session, from_page: int = 0) -> Iterator[list[Scene]]:
    """Tell page by page what happens in each tab; pages before `from_page` are over and not told.

    A widget that doesn't start on the first page ends the story there.
    """
    session.messages += from_page * round(session.visitor.habit.messages) * 2
    for number in range(from_page, len(session.pages)):
        page = session.pages[number]
        scene = Scene(session, session.tabs[0], page, page.starts_ms)
        origin = session.pages[number - 1].path if number else None
        ready = boot(scene) if page.arrival in ("first", "hard") else page.starts_ms + RETURN_MS
        if ready is None:
            yield [scene]
            return
        if origin is not None:
            cross_page(scene, ready, origin)
        changes = _stay(scene, ready)
        scenes = [scene]
        if session.second_tab_ms is not None:
            scenes.append(_second_tab(session, number, changes, session.second_tab_ms))
        if number == len(session.pages) - 1:
            for each in scenes:
                _leave(each)
        yield scenes


def _stay(scene: Scene, ready_ms: float) -> list[float]:
    changes = converse(scene, ready_ms)
    scroll(scene, ready_ms)
    watch_memory(scene, ready_ms)
    stumble(scene, ready_ms)
    weigh_on_host(scene)
    return changes


def _second_tab(session: Session, number: int, changes: list[float], opened_ms: float) -> Scene:
    """What another tab, opened beside the first page, sees until this page of the first tab is left."""
    page = session.pages[number]
    opens = number == 0
    view = PageVisit(session.pages[0].path, "first" if opens else "stayed", page.starts_ms, page.ends_ms)
    scene = Scene(session, session.tabs[1], view, opened_ms if opens else page.starts_ms)
    ready = boot(scene) if opens else page.starts_ms
    if ready is None:
        session.second_tab_ms = None
        return scene
    see_changes(scene, [changed for changed in changes if changed > ready])
    watch_memory(scene, ready)
    return scene


def _leave(scene: Scene) -> None:
    """The SDK's account of itself, a tab's last word; its totals are filled in with the tab's ordinals."""
    dice = scene.dice
    scene.tell(
        scene.ends_ms - 1,
        "sdk",
        recorded=0,
        sent=0,
        initMs=dice.around(2.4, 0.4),
        perEventUs=dice.around(14, 0.3),
    )
