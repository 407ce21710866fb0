"""When releases were seen for the first and for the last time, as far back as anything is kept."""

from typing import NamedTuple

from chatvitals.query.build import from_file
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import DAY_MS, in_rollups
from chatvitals.store.events.engine import Engine


class Sighting(NamedTuple):
    """First and last event of a release, Unix milliseconds."""

    first_ms: int
    last_ms: int


def sight_releases(engine: Engine, question: Question, now_ms: int, raw_retention_days: int) -> dict[str, Sighting]:
    """All releases of a question's sites, whatever else it filters and whenever they were there. Raises EngineError."""
    raw_from = now_ms - raw_retention_days * DAY_MS
    sites = {name: values for name, values in question.filters.items() if name == "site"}
    everything = Question(Window(raw_from, now_ms), sites, question.scope)
    query = from_file("sightings", everything, rollup_condition=in_rollups(everything))
    return {
        row["release"]: Sighting(row["first_ms"], row["last_ms"])
        for row in engine.query(query.sql, {**query.parameters, "raw_from": raw_from})
    }
