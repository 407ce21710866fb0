"""The forms of the pages about saved views: the fields that browsers send, as parts of a document."""

from collections.abc import Mapping

import msgspec

from chatvitals.alerting.conversion import convert
from chatvitals.alerting.documents import say_path
from chatvitals.alerting.nodes import node_of
from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.saved.checking import flaws_of_panel
from chatvitals.dashboard.saved.document import MOST_PANELS, Panel, PanelKind
from chatvitals.errors import BadRequest
from chatvitals.query.request import parse_whole

_MOST_REVISIONS = 1_000_000_000


def read_revision(fields: Mapping[str, str]) -> int:
    """The revision that a form was made for. Raises BadRequest."""
    return parse_whole(fields.get("revision", ""), "revision", 0, _MOST_REVISIONS)


def read_place(fields: Mapping[str, str]) -> int:
    """The place that is asked for, counted from 1 in forms and from 0 here; the last one where none is.

    Raises BadRequest.
    """
    return parse_whole(fields.get("place") or str(MOST_PANELS), "place", 0, MOST_PANELS + 1) - 1


def read_panel(fields: Mapping[str, str]) -> Panel:
    """The panel that a form describes. Its metric may be given by path or title; only tables keep `by`.

    Raises BadRequest, which lists every mistake.
    """
    given = {name: fields[name].strip() for name in ("metric", "kind", "title") if fields.get(name, "").strip()}
    described = {
        **given,
        "metric": _metric(given.get("metric", "")),
        "width": _number(fields.get("width", "")),
        "filters": read_filters(fields.get("filters", "")),
        "by": fields.get("by", "").strip() if given.get("kind") == PanelKind.TABLE else "",
    }
    panel, found = convert(node_of(described), Panel, ())
    wrong = [(one.field, one.message) for one in found] if found else list(flaws_of_panel(panel))
    if wrong:
        raise BadRequest("\n".join(f"{say_path(path)}: {what}" for path, what in wrong), say_path(wrong[0][0]))
    read: Panel = panel
    return read


def read_filters(text: str) -> dict[str, list[str]]:
    """Filters as people write them: `browser=Safari 17` a line; a dimension on several lines is any of its values.

    Raises BadRequest.
    """
    filters: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not (name or value):
            continue
        if not (name and equals and value):
            raise BadRequest(f"filters, line {number} is {line[:60]!r}: write it as browser=Safari 17", "filters")
        filters.setdefault(name, []).append(value)
    return filters


def write_filters(filters: Mapping[str, tuple[str, ...]]) -> str:
    """Filters as `read_filters` reads them."""
    return "\n".join(f"{name}={value}" for name, values in filters.items() for value in values)


def write_panel(panel: Panel) -> str:
    """A panel as one field of a form, for an undo."""
    return msgspec.json.encode(panel).decode()


def read_written_panel(text: str) -> Panel:
    """The panel that `write_panel` wrote. Raises BadRequest."""
    try:
        return msgspec.json.decode(text, type=Panel)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadRequest(f"the panel can't be put back: {error}", "panel") from error


def _metric(text: str) -> str:
    """The path of a metric that is named by its title; everything else as it is. Raises BadRequest for nothing."""
    if not text:
        raise BadRequest("metric: is missing: type a part of its name, and choose", "metric")
    titled = [metric.path for metric in METRICS if metric.title.casefold() == text.casefold()]
    return titled[0] if len(titled) == 1 else text


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text or 1
