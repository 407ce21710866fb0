"""The forms of the pages about saved views: the fields that browsers send, as parts of a document."""

import re
from collections.abc import Mapping

import msgspec

from chatvitals.alerting.conversion import convert
from chatvitals.alerting.documents import say_path
from chatvitals.alerting.nodes import BadYaml, node_of
from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.saved.checking import flaws_of_panel
from chatvitals.dashboard.saved.document import LONGEST_DESCRIPTION, LONGEST_NAME, MOST_PANELS, Panel, PanelKind
from chatvitals.errors import BadRequest
from chatvitals.query.request import parse_whole

_MOST_REVISIONS = 1_000_000_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read_revision(fields: Mapping[str, str]) -> int:
    """The revision that a form was made for. Raises BadRequest."""
    return parse_whole(fields.get("revision", ""), "revision", 0, _MOST_REVISIONS)


def read_place(fields: Mapping[str, str]) -> int:
    """The place that is asked for, counted from 1 in forms and from 0 here; the last one where none is.

    Raises BadRequest.
    """
    return parse_whole(fields.get("place") or str(MOST_PANELS), "place", 0, MOST_PANELS + 1) - 1


def read_about(fields: Mapping[str, str]) -> tuple[str, str]:
    """The name and the description of a view. Raises BadRequest."""
    name, description = (_words(fields, field) for field in ("name", "description"))
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadRequest(f"give the view a name of up to {LONGEST_NAME} characters", "name")
    if len(description) > LONGEST_DESCRIPTION:
        raise BadRequest(f"the description is longer than {LONGEST_DESCRIPTION} characters", "description")
    return name, description


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
    try:
        panel, found = convert(node_of(described), Panel, ())
    except BadYaml as bad:
        raise BadRequest(f"the form {bad.found[0][1]}") from bad
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


def _words(fields: Mapping[str, str], name: str) -> str:
    """The words of a line, one space between any two."""
    words = " ".join(fields.get(name, "").split())
    if _CONTROL.search(words):
        raise BadRequest(f"{name} has a control character", name)
    return words


def _metric(text: str) -> str:
    """The path of a metric that is named by its title; everything else as it is. Raises BadRequest for nothing."""
    if not text:
        raise BadRequest("metric: is missing: type a part of its name, and choose", "metric")
    titled = [metric.path for metric in METRICS if metric.title.casefold() == text.casefold()]
    return titled[0] if len(titled) == 1 else text


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text or 1
