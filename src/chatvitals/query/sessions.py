"""Sessions of a window, the worst first, and sessions by what is known of their ids."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chatvitals.errors import BadRequest
from chatvitals.query.build import from_file
from chatvitals.query.request import Question
from chatvitals.query.troubles import TROUBLES, TROUBLES_BY_NAME
from chatvitals.store.events.engine import Engine, Parameter

HASH_DIGITS = 16
FEWEST_DIGITS = 4
"""Of a hash at least so many digits are looked for: fewer would fit to too many sessions."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A trouble of one session: its name, how often, and its most frequent reason, as the widget named it."""

    trouble: str
    n: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session, as far as its events are in the window. `session` is its hash; times are Unix milliseconds.

    `customers`, `releases` and `browsers` are up to three each; hardly a session has more than one.
    """

    site: str
    session: int
    started_ms: int
    ended_ms: int
    events: int
    tabs: int
    pages: int
    conversations_lost: int
    customers: tuple[str, ...]
    releases: tuple[str, ...]
    browsers: tuple[str, ...]
    troubles: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Some of `total` sessions, the worst first."""

    total: int
    sessions: tuple[SessionSummary, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which sessions are looked for: those with one of `hashes`, or with a hash in one of the spans, ends included."""

    hashes: tuple[int, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()


def seek(text: str, hashes: Iterable[int]) -> Sought:
    """What a search means: `#` and at least four digits begin a hash, without it the text may also be a session's
    own id, whose `hashes` with each site's salt are given. Raises BadRequest."""
    sought = text.strip()
    digits = sought.removeprefix("#").lower()
    is_hash = re.fullmatch(rf"[0-9a-f]{{{FEWEST_DIGITS},{HASH_DIGITS}}}", digits) is not None
    if sought.startswith("#") and not is_hash:
        raise BadRequest(
            f"{sought[:40]!r} is no session: after # come {FEWEST_DIGITS} to {HASH_DIGITS} digits from 0-9 and a-f", "q"
        )
    spans = ((int(digits.ljust(HASH_DIGITS, "0"), 16), int(digits.ljust(HASH_DIGITS, "f"), 16)),) if is_hash else ()
    return Sought(() if sought.startswith("#") else tuple(hashes), spans)


def list_sessions(
    engine: Engine,
    question: Question,
    *,
    limit: int,
    offset: int = 0,
    wrong: str | None = None,
    sought: Sought | None = None,
) -> Sessions:
    """The sessions of a question, worst first; `wrong` names the trouble that they must have. Raises EngineError.

    Worse is who has more of the gravest trouble (`troubles.TROUBLES` has their order); among equals the next one
    decides, and at last who ended later.
    """
    parameters: dict[str, Parameter] = {"limit": limit, "offset": offset}
    query = from_file(
        "sessions",
        question,
        troubles=", ".join(f"{each.count_sql} AS n_{each.name}" for each in TROUBLES),
        gravest=", ".join(f"n_{each.name} DESC" for each in TROUBLES),
        wrong=f"n_{TROUBLES_BY_NAME[wrong].name} > 0" if wrong else "1",
        sought=_sought_sql(sought, parameters) if sought else "1",
    )
    rows = engine.query(query.sql, {**query.parameters, **parameters})
    details = _details(engine, question, rows)
    summaries = tuple(_summary(row, details[row["site"], row["session"]]) for row in rows)
    return Sessions(rows[0]["total"] if rows else 0, summaries)


def _sought_sql(sought: Sought, parameters: dict[str, Parameter]) -> str:
    parts = []
    if sought.hashes:
        parts.append("session IN {sought:Array(UInt64)}")
        parameters["sought"] = sought.hashes
    for place, (least, most) in enumerate(sought.spans):
        parts.append(f"session BETWEEN {{least{place}:UInt64}} AND {{most{place}:UInt64}}")
        parameters |= {f"least{place}": least, f"most{place}": most}
    return f"({' OR '.join(parts)})" if parts else "0"


def _details(
    engine: Engine, question: Question, rows: list[dict[str, Any]]
) -> Mapping[tuple[str, int], Mapping[str, Any]]:
    if not rows:
        return {}
    query = from_file(
        "session_details",
        question,
        reasons=", ".join(f"topKIf(1)({each.why}, {each.sql}) AS why_{each.name}" for each in TROUBLES if each.why),
    )
    found = engine.query(query.sql, {**query.parameters, "sessions": [row["session"] for row in rows]})
    return {(row["site"], row["session"]): row for row in found}


def _summary(row: Mapping[str, Any], details: Mapping[str, Any]) -> SessionSummary:
    return SessionSummary(
        site=row["site"],
        session=row["session"],
        started_ms=details["started"],
        ended_ms=row["ended"],
        events=details["events"],
        tabs=details["tabs"],
        pages=details["pages"],
        conversations_lost=details["conversations_lost"],
        customers=tuple(details["customers"]),
        releases=tuple(details["releases"]),
        browsers=tuple(details["browsers"]),
        troubles=tuple(
            Happened(each.name, row[f"n_{each.name}"], next(iter(details.get(f"why_{each.name}", ())), ""))
            for each in TROUBLES
            if row[f"n_{each.name}"]
        ),
    )
