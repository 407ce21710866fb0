"""`/dashboard/rules/{name}` and `/dashboard/new-rule`: a rule as a form or as YAML, and how often it would have fired.

The address holds the rule as it is being edited, so that the preview and the mistakes beside the fields are the same
page asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from chatvitals.alerting.documents import Mistake
from chatvitals.alerting.rule import Category, NoData
from chatvitals.alerting.rules.book import Entry, Source
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.episodes import Firing, show_firing
from chatvitals.dashboard.elements.rule_fields import CONDITIONS, FIELDS, by_field
from chatvitals.dashboard.elements.rule_row import OriginShown, show_origin
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.rules.draft import Draft, draft_of
from chatvitals.dashboard.view import segment
from chatvitals.errors import BadRequest
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
    draft = draft_of(visit.query, visit.parts.book, entry.rule, entry.rule.name)
    return _context(visit, entry, path, draft, heading=entry.rule.title)


def build_new(visit: Visit) -> RuleContext:
    """A new rule: empty, or like another one. Raises NotFound."""
    like = visit.query.get("like")
    start = None if like is None else visit.parts.book.find(like).rule
    return _context(visit, None, NEW_PATH, draft_of(visit.query, visit.parts.book, start, ""), heading="New rule")


def _context(visit: Visit, entry: Entry | None, path: str, draft: Draft, *, heading: str) -> RuleContext:
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


def _preview(visit: Visit, draft: Draft, over: str) -> Preview:
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


PAGE = Page(PATH, "rule", "Rule", "rule.html", build, live=False, filtered=False, section="rules")
NEW_PAGE = Page(NEW_PATH, "new-rule", "New rule", "rule.html", build_new, live=False, filtered=False, section="rules")
