"""Traffic: who was there, whatever they sent."""

from typing import NamedTuple

from chatvitals.catalogue.kinds import KINDS
from chatvitals.query.build import WHOLE, Grouping, from_file
from chatvitals.query.figures import GroupKey, Source
from chatvitals.query.request import Question
from chatvitals.query.rollups import ALL, read_query


class Presence(NamedTuple):
    """Events and sessions of a group."""

    events: int
    sessions: int


ABSENT = Presence(0, 0)


def who_was_there(source: Source, question: Question, grouping: Grouping = WHOLE) -> dict[GroupKey, Presence]:
    """Events and sessions by group, of groups that have any. Raises EngineError."""
    plan = source.rollups.plan(question, grouping)
    if plan is not None and source.rollups.kinds_worth_it(plan, list(KINDS)):
        query = read_query([ALL], question, grouping, plan)
    else:
        query = from_file("presence", question, grouping)
    return {
        (row["bucket"], tuple(row["key"])): Presence(row["n"], row["sessions"])
        for row in source.engine.query(query.sql, query.parameters)
    }


def anything_stored(source: Source) -> bool:
    """Whether there is any event at all, of whomever and whenever. Raises EngineError."""
    return bool(source.engine.query("SELECT count() AS n FROM events")[0]["n"])
