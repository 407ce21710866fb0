"""Incidents as people label them, in a CSV file: `start,end` and any dimensions, a line each."""

import csv
import io
from collections.abc import Iterable

from chatvitals.alerting.backtest.accuracy import Labelled
from chatvitals.alerting.conversion import did_you_mean
from chatvitals.alerting.documents import BadDocuments, Mistake
from chatvitals.errors import BadRequest
from chatvitals.query.request import FILTERABLE, Window, parse_time

MAX_INCIDENTS = 1_000

_TIMES = ("start", "end")
_COLUMNS = (*_TIMES, *FILTERABLE)


def read_labels(text: str, file: str) -> list[Labelled]:
    """The incidents of a CSV text; an empty cell is a label that isn't known. Raises BadDocuments."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    mistakes: list[Mistake] = []
    incidents: list[Labelled] = []
    try:
        mistakes += (Mistake(file, 1, 1, message) for message in _header_mistakes(table.fieldnames or ()))
        for row in table if not mistakes else ():
            try:
                incidents.append(_incident(row))
            except BadRequest as error:
                mistakes.append(Mistake(file, table.line_num, 1, str(error)))
    except csv.Error as error:
        mistakes.append(Mistake(file, table.line_num + 1, 1, f"is not valid CSV: {error}"))
    if len(incidents) > MAX_INCIDENTS:
        mistakes.append(Mistake(file, 0, 0, f"has more than {MAX_INCIDENTS:,} incidents"))
    if mistakes:
        raise BadDocuments(mistakes)
    return incidents


def within(incidents: Iterable[Labelled], window: Window) -> list[Labelled]:
    """Those that have a part in a window."""
    return [one for one in incidents if one.start_ms < window.end_ms and one.end_ms >= window.start_ms]


def _header_mistakes(names: Iterable[str]) -> Iterable[str]:
    names = list(names)
    for name in _TIMES:
        if name not in names:
            yield f"there is no column {name!r}: give start, end and, where they are known, {', '.join(FILTERABLE)}"
    for name in names:
        if name not in _COLUMNS:
            yield f"there is no column {name[:40]!r}{did_you_mean(name, _COLUMNS)}"
        elif names.count(name) > 1:
            yield f"there are several columns {name!r}"


def _incident(row: dict[str | None, str | None]) -> Labelled:
    cells = {name: value.strip() for name, value in row.items() if name is not None and value is not None}
    if None in row or len(cells) < len(row):
        raise BadRequest("has not as many cells as there are columns")
    start_ms, end_ms = (parse_time(cells[name], name) for name in _TIMES)
    if end_ms < start_ms:
        raise BadRequest("ends before it starts")
    return Labelled(start_ms, end_ms, {name: cells[name] for name in FILTERABLE if cells.get(name)})
