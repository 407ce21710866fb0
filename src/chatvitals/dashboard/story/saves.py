"""What failing saves mean: for how long nothing was kept. Only the saves after them tell."""

from collections.abc import Sequence
from dataclasses import replace

from chatvitals.catalogue.kinds import Persistence
from chatvitals.dashboard.saying import duration
from chatvitals.dashboard.story.moment import Told
from chatvitals.query.session_events import SessionEvent


def explain_saves(events: Sequence[SessionEvent], told: Sequence[Told]) -> list[Told]:
    """What the events say, with what follows from the first of each row of failed saves, and the save that ends it.

    A save holds the whole conversation, so one that succeeds makes good those that failed before.
    """
    explained = list(told)
    failing: dict[str | None, int] = {}
    for place, each in enumerate(events):
        match each.event:
            case Persistence(operation="save", success=False, storage=storage):
                failing.setdefault(storage, place)
            case Persistence(operation="save", success=True, storage=storage) if storage in failing:
                began = failing.pop(storage)
                took = duration(each.at_ms - events[began].at_ms)
                explained[began] = replace(
                    told[began], meaning=f"Nothing was kept until a save succeeded {took} later."
                )
                explained[place] = replace(
                    told[place], words=f"{told[place].words}, again", many=f"{told[place].many}, again", grade="good"
                )
    for began in failing.values():
        explained[began] = replace(told[began], meaning="From here on nothing was kept.")
    return explained
