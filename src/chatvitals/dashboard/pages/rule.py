"""`/dashboard/rules/{name}` and `/dashboard/new-rule`: a rule as a form or as YAML, and how often it would have fired.

The address holds the rule as it is being edited, so that the preview and the mistakes beside the fields are the same
page asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec

from chatvitals.alerting.documents import BadDocuments, Mistake, parse
from chatvitals.alerting.rule import Category, NoData, Rule
from chatvitals.alerting.rules.book import Entry, Source
from chatvitals.alerting.rules.reading import read_rule
from chatvitals.alerting.rules.writing import document_of, write_rule
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.episodes import Firing, show_firing
from chatvitals.dashboard.elements.rule_fields import (
    CONDITIONS,
    FIELDS,
    YAML,
    by_field,
    empty_fields,
    fields_of,
    given,
    read_fields,
)
from chatvitals.dashboard.elements.rule_row import OriginShown, show_origin
from chatvitals.dashboard.page import Action, Done, Page, PageContext, Undo, Visit, help_
from chatvitals.dashboard.view import segment
from chatvitals.errors import BadRequest, Conflict
from chatvitals.query.request import Window

PATH = "/dashboard/rules/{name}"
NEW_PATH = "/dashboard/new-rule"
LENGTHS: tuple[tuple[str, str, int], ...] = (
    ("24h", "24 hours", 86_400_000),
    ("7d", "7 days", 7 * 86_400_000),
)
"""Over how much of the past a rule is tried: value, words, milliseconds."""

PATIENCE_S = 0.4
"""How long a look at a preview works on it before it says how far it is."""

_ALIGNED_MS = 300_000
"""Previews end at a multiple of this, so that looks a moment later are of the same one."""

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What trying the rule came to: `firing` when it is done, how many `percent` of it are done before that, or what
    kept it from being tried. `seen` is the same more exactly: the next look asks for what comes after it."""

    firing: Firing | None = None
    percent: int | None = None
    seen: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext(PageContext):
    """A rule that is being edited."""

    name: str = help_("The rule's name; empty for a new one")
    path: str = help_("The page's own path")
    saves: str = help_("The path of the action that saves it; empty for a rule of a file")
    origin: OriginShown | None = help_("Where it comes from; None for a new one")
    hides: tuple[OriginShown, ...] = help_("Where those come from whose place it takes")
    enabled: bool = help_("Whether it is evaluated, as it is kept")
    switch: str = help_("The path of the action that switches it; empty where that can't be done here")
    remove: str = help_("The path of the action that removes it; empty where it isn't written here")
    copy: str = help_("Link to a new rule like this one")
    as_yaml: bool = help_("Whether it is edited as YAML")
    fields: Mapping[str, str] = help_("The texts of the form's fields")
    yaml: str = help_("The rule as YAML; empty where it has mistakes and is edited as a form")
    mistakes: Mapping[str, str] = help_(
        "What is wrong with each field; under the empty name what is about no single one"
    )
    mistake_ids: str = help_("Selectors of what stands below the fields, for the script that renews it")
    conditions: tuple[tuple[str, str], ...] = help_("When a rule can be bad")
    categories: tuple[tuple[str, str], ...] = help_("Categories to choose from")
    metrics: tuple[tuple[str, str], ...] = help_("Metrics to choose from: path and title")
    severities: tuple[tuple[str, str], ...] = help_("Severities to choose from")
    no_data: tuple[tuple[str, str], ...] = help_("What too little data can mean")
    unit: str = help_("The unit of the metric; empty where there is none")
    lengths: tuple[tuple[str, str, bool], ...] = help_("Over how much of the past it is tried: value, words, chosen")
    preview: Preview = help_("How often it would have fired")


def build(visit: Visit) -> RuleContext:
    """A rule of the book, or as the address says it. Raises NotFound."""
    entry = visit.parts.book.find(visit.path["name"])
    path = f"/dashboard/rules/{segment(entry.rule.name)}"
    draft = _draft(visit, entry.rule, entry.rule.name)
    return _context(visit, entry, path, draft, heading=entry.rule.title)


def build_new(visit: Visit) -> RuleContext:
    """A new rule: empty, or like another one. Raises NotFound."""
    like = visit.query.get("like")
    start = None if like is None else visit.parts.book.find(like).rule
    return _context(visit, None, NEW_PATH, _draft(visit, start, ""), heading="New rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A rule as it is being edited; no rule where it has mistakes, or nothing was said yet.

    What has mistakes is `only` shown as it was written: as a form, or as YAML.
    """

    rule: Rule | None
    fields: Mapping[str, str]
    yaml: str
    mistakes: tuple[Mistake, ...] = ()
    only: Literal["", "form", "yaml"] = ""


def _draft(visit: Visit, start: Rule | None, name: str) -> _Draft:
    """What the address says, or else the rule to start from, under a name of its own if it is new."""
    fields = given(visit.query)
    if name and fields:
        fields["name"] = name
    if fields.get(YAML):
        return _from_yaml(visit, fields[YAML])
    if fields:
        rule, _, mistakes = read_fields(fields, visit.parts.book.built_in)
        only: Literal["", "form"] = "form" if rule is None else ""
        return _Draft(rule=rule, fields=fields, yaml=_yaml(rule), mistakes=tuple(mistakes), only=only)
    if start is None:
        return _Draft(rule=None, fields=empty_fields(), yaml="")
    rule = start if name else msgspec.structs.replace(start, name=_free_name(visit, start.name))
    return _Draft(rule=rule, fields=fields_of(rule), yaml=_yaml(rule))


def _from_yaml(visit: Visit, text: str) -> _Draft:
    try:
        rule = read_rule(parse(text, ""), (), visit.parts.book.built_in)
    except BadDocuments as bad:
        return _Draft(rule=None, fields=empty_fields(), yaml=text, mistakes=bad.mistakes, only="yaml")
    return _Draft(rule=rule, fields=fields_of(rule), yaml=text)


def _yaml(rule: Rule | None) -> str:
    return "" if rule is None else write_rule(rule)


def _free_name(visit: Visit, name: str) -> str:
    names = (f"{name[:60]}-{number}" for number in range(2, 1_000))
    return next((one for one in names if one not in visit.parts.book.entries), "")


def _context(visit: Visit, entry: Entry | None, path: str, draft: _Draft, *, heading: str) -> RuleContext:
    as_yaml = (draft.only or visit.query.get("as")) == "yaml"
    saved = "" if entry is None else entry.rule.name
    here = f"/dashboard/rules/{segment(saved)}"
    editable = entry is None or not entry.read_only
    over = visit.query.get("over", LENGTHS[0][0])
    metric = METRICS_BY_PATH.get(draft.fields.get("metric", ""))
    return RuleContext(
        heading=heading,
        name=saved,
        path=path,
        saves="" if not editable else NEW_PATH if entry is None else f"{here}/save",
        origin=None if entry is None else show_origin(entry.origin),
        hides=() if entry is None else tuple(map(show_origin, entry.hides)),
        enabled=entry is None or entry.rule.enabled,
        switch=f"{here}/switch" if entry is not None and editable else "",
        remove=f"{here}/remove" if entry is not None and entry.origin.source is Source.ROW else "",
        copy="" if entry is None else f"{NEW_PATH}?like={segment(saved)}",
        as_yaml=as_yaml,
        fields=draft.fields,
        yaml=draft.yaml,
        mistakes=_by_line(draft.mistakes) if as_yaml else by_field(draft.mistakes),
        mistake_ids=",".join(f"#mistake-{field.replace('.', '-')}" for field in ("all", *FIELDS)),
        conditions=CONDITIONS,
        categories=tuple((one, one) for one in get_args(Category)),
        metrics=tuple((one.path, f"{one.title} ({one.path})") for one in METRICS),
        severities=tuple((one.value, one.value) for one in Severity),
        no_data=(("", "keeps the alert as it is"), (NoData.CLEAR.value, "is good"), (NoData.BREACH.value, "is bad")),
        unit="" if metric is None or metric.unit == "count" else metric.unit,
        lengths=tuple((value, words, value == over) for value, words, _ in LENGTHS),
        preview=_preview(visit, draft, over),
    )


def _by_line(mistakes: tuple[Mistake, ...]) -> dict[str, str]:
    """Of a text: each mistake with its line, all of them about the whole."""
    said = "; ".join(f"line {one.line}: {one.message}" if one.line else one.message for one in mistakes)
    return {"": said} if said else {}


def _preview(visit: Visit, draft: _Draft, over: str) -> Preview:
    rule = draft.rule
    if rule is None:
        return Preview(failure="Once the rule has no mistakes, this shows how often it would have fired.")
    length_ms = next((ms for value, _, ms in LENGTHS if value == over), LENGTHS[0][2])
    end_ms = visit.now_ms // _ALIGNED_MS * _ALIGNED_MS
    kept_ms = visit.parts.settings.raw_retention_days * _DAY_MS
    window = Window(end_ms - min(length_ms, kept_ms), end_ms)
    try:
        found = visit.parts.previews.look(rule, window, visit.parts.reader, PATIENCE_S)
    except BadRequest as error:
        return Preview(failure=str(error))
    if isinstance(found, float):
        return Preview(percent=int(100 * found), seen=f"{found:.5f}")
    unit = METRICS_BY_PATH[rule.metric].unit
    return Preview(firing=show_firing(found, unit, rule.every_ms, visit.view.tzinfo))


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
        draft = _from_yaml(visit, fields[YAML])
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


PAGE = Page(PATH, "rule", "Rule", "rule.html", build, live=False, filtered=False, section="rules")
NEW_PAGE = Page(NEW_PATH, "new-rule", "New rule", "rule.html", build_new, live=False, filtered=False, section="rules")
ACTIONS = (
    Action(NEW_PATH, add),
    *(
        Action(f"{PATH}/{name}", handle)
        for name, handle in (("save", save), ("switch", switch), ("remove", remove), ("restore", restore))
    ),
)
