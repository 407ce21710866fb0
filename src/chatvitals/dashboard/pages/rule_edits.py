"""What can be done to a rule on its page, and to a new one: saving, switching, removing, and taking that back."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chatvitals.alerting.documents import BadDocuments
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.writing import document_of
from chatvitals.dashboard.elements.rule_fields import YAML, given, read_fields
from chatvitals.dashboard.page import Action, Done, Undo, Visit
from chatvitals.dashboard.pages.rule import NEW_PATH, PATH
from chatvitals.dashboard.rules.draft import draft_from_yaml
from chatvitals.dashboard.view import segment
from chatvitals.errors import BadRequest, Conflict


def save(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Write the rule of the path. Raises BadRequest with all its mistakes, and Conflict for one of a file."""
    return _save(visit, _read(visit, {**given(fields), "name": visit.path["name"]}), visit.path["name"])


def add(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Write a new rule. Raises BadRequest, and Conflict where there is one of its name."""
    rule = _read(visit, given(fields))
    if rule.name in visit.parts.book.entries:
        raise Conflict(f"there is a rule {rule.name!r} already: choose another name, or change that one")
    return _save(visit, rule, rule.name)


def _read(visit: Visit, fields: Mapping[str, str]) -> Rule:
    if fields.get(YAML):
        draft = draft_from_yaml(fields[YAML], visit.parts.book)
        rule, mistakes = draft.rule, list(draft.mistakes)
    else:
        rule, _, mistakes = read_fields(fields, visit.parts.book.built_in)
    if rule is None:
        raise BadRequest("\n".join(str(mistake) for mistake in mistakes), mistakes[0].field or None)
    return rule


def _save(visit: Visit, rule: Rule, name: str) -> Done:
    before = visit.parts.book.written(name)
    if rule.name != name:
        raise BadRequest(f"this is the rule {name!r}: its name stays; make a new rule for another one", "name")
    visit.parts.book.put(name, document_of(rule), visit.who[:200])
    return Done(f"{rule.title} is saved", to=f"/dashboard/rules/{segment(name)}", undo=_undo(name, before))


def _undo(name: str, before: Mapping[str, Any] | None) -> Undo:
    """Have the row as it was again, or none."""
    document = "" if before is None else msgspec.json.encode(before).decode()
    return Undo(f"/dashboard/rules/{segment(name)}/restore", {"document": document})


def switch(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Switch a rule on or off, and leave all else about it. Raises NotFound, and Conflict for one of a file."""
    book, name, enabled = visit.parts.book, visit.path["name"], bool(fields.get("enabled"))
    title, before = book.find(name).rule.title, book.written(name)
    book.put(name, {**(before or {}), "enabled": enabled}, visit.who[:200])
    return Done(f"{title} is switched {'on' if enabled else 'off'}", undo=_undo(name, before))


def remove(visit: Visit, _fields: Mapping[str, str]) -> Done:
    """Remove a rule that was written here; where it took another one's place, that one is in force again."""
    book, name = visit.parts.book, visit.path["name"]
    title, before = book.find(name).rule.title, book.written(name)
    book.remove(name)
    back = name in book.entries
    return Done(
        f"{title} is as it was shipped" if back else f"{title} is removed",
        to=f"/dashboard/rules/{segment(name)}" if back else "/dashboard/rules",
        undo=_undo(name, before),
    )


def restore(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Have a row as it was before: what undoing does. Raises BadRequest, BadDocuments' mistakes and Conflict."""
    book, name, document = visit.parts.book, visit.path["name"], fields.get("document", "")
    try:
        if document:
            book.put(name, msgspec.json.decode(document, type=dict[str, Any]), visit.who[:200])
        else:
            book.remove(name)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"the rule can't be read: {error}", "document") from error
    except BadDocuments as bad:
        raise BadRequest(str(bad), "document") from bad
    there = name in book.entries
    return Done("It is as it was before", to=f"/dashboard/rules/{segment(name)}" if there else "/dashboard/rules")


ACTIONS = (
    Action(NEW_PATH, add),
    *(
        Action(f"{PATH}/{name}", handle)
        for name, handle in (("save", save), ("switch", switch), ("remove", remove), ("restore", restore))
    ),
)
