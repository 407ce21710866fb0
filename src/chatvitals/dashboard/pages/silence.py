"""`/dashboard/silences/new`: whom nobody is told about for a while, with what that hides."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.routing.hiding import PreviewAnswer, preview_silence
from chatvitals.alerting.routing.matchers import Matcher, Operator
from chatvitals.alerting.routing.routes import labels_of
from chatvitals.alerting.routing.silencing import SilenceForm, make_silence, read_matchers
from chatvitals.dashboard.elements.alert import AlertRow, alert_rows
from chatvitals.dashboard.page import Action, Done, Page, PageContext, Undo, Visit, help_
from chatvitals.dashboard.pages.alerts import MAIN_PATH
from chatvitals.dashboard.saying import iso_time, plural
from chatvitals.dashboard.view import View, segment
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.request import FILTERABLE

PATH = "/dashboard/silences/new"
LENGTHS: tuple[tuple[str, str], ...] = (
    ("30m", "30 minutes"),
    ("1h", "1 hour"),
    ("2h", "2 hours"),
    ("4h", "4 hours"),
    ("8h", "8 hours"),
    ("1d", "1 day"),
    ("7d", "7 days"),
)
"""How long a silence may last, as the form offers it."""

DEFAULT_LENGTH = "2h"
PREVIEW_DAYS = 7
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencePreview:
    """What the matchers hide: open alerts, the first of them, and how many of the last days."""

    said: str
    past: str
    alerts: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceContext(PageContext):
    """The form for a new silence."""

    alert: str = help_("Id of the alert that it was opened for; empty for none")
    matchers: str = help_("The matchers, one a line")
    mistake: str = help_("What is wrong with them; empty where nothing is")
    lengths: tuple[tuple[str, str], ...] = help_("How long it may last: values and words")
    lasts: str = help_("How long it is to last")
    reason: str = help_("Why")
    preview: SilencePreview | None = help_("What it hides; None where the matchers can't be read")


def build(visit: Visit) -> SilenceContext:
    """The form, filled in for an alert or another silence, or as it is being edited. Raises NotFound."""
    query = visit.query
    matchers, reason = _prefilled(visit)
    matchers, reason = query.get("matchers", matchers), query.get("reason", reason)
    mistake, preview = "", None
    if matchers.strip():
        try:
            found = preview_silence(visit.parts.incidents, read_matchers(_lines(matchers)), PREVIEW_DAYS, visit.now_ms)
            preview = _shown(found, visit.view)
        except BadRequest as error:
            mistake = str(error)
    return SilenceContext(
        heading="New silence",
        alert=query.get("alert", ""),
        matchers=matchers,
        mistake=mistake,
        lengths=LENGTHS,
        lasts=query.get("lasts", DEFAULT_LENGTH),
        reason=reason,
        preview=preview,
    )


def _prefilled(visit: Visit) -> tuple[str, str]:
    """Matchers and reason to begin with."""
    if "alert" in visit.query:
        found = visit.parts.incidents.get(visit.query["alert"])
        if found is None:
            raise NotFound(f"there is no alert {visit.query['alert'][:64]!r}")
        labels = labels_of(found[0])
        told = {name: labels[name] for name in ("rule", *FILTERABLE) if labels.get(name)}
        return "\n".join(str(Matcher(name, Operator.EQUAL, value)) for name, value in told.items()), ""
    if "like" in visit.query:
        silence = visit.parts.silences.get(visit.query["like"])
        if silence is None:
            raise NotFound(f"there is no silence {visit.query['like'][:64]!r}")
        return "\n".join(silence.matchers), silence.reason
    return "", ""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _shown(found: PreviewAnswer, view: View) -> SilencePreview:
    some = "" if found.complete else "at least "
    return SilencePreview(
        said=f"hides {some}{plural(found.open.count, 'open alert')} of {found.open.of:,}",
        past=f"{some}{plural(found.past.count, 'alert')} of the {found.past.of:,} in the last {found.days} days",
        alerts=alert_rows(found.open.incidents[:_MOST_SHOWN], (), view),
    )


def add(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Add a silence. Raises BadRequest."""
    matchers, ends = _lines(fields.get("matchers", "")), fields.get("ends", "")
    if not matchers:
        raise BadRequest("a silence needs a matcher, as site=shop: it says which alerts it hides", "matchers")
    form = SilenceForm(
        matchers=matchers,
        ends=ends or None,
        lasts=None if ends else fields.get("lasts", DEFAULT_LENGTH),
        reason=fields.get("reason", "")[:2_000],
        author=visit.who[:200],
    )
    silence = make_silence(form, visit.parts.new_id(), visit.now_ms)
    visit.parts.silences.add(silence)
    return Done(
        f"Silenced for {say_duration(silence.ends_ms - silence.starts_ms)}: {', '.join(silence.matchers)}",
        to=_opened_from(visit.view, fields.get("alert", "")),
        undo=Undo(f"/dashboard/silences/{segment(silence.id)}/end", {}),
    )


def _opened_from(view: View, alert: str) -> str:
    """An alert, or the list of silences."""
    return view.href(f"/dashboard/alerts/{segment(alert)}") if alert else view.href(MAIN_PATH, tab="alerts")


def end(visit: Visit, _fields: Mapping[str, str]) -> Done:
    """End a silence now. Raises NotFound."""
    before = visit.parts.silences.get(visit.path["id"])
    ended = visit.parts.silences.end(visit.path["id"], visit.now_ms)
    if before is None or ended is None:
        raise NotFound(f"there is no silence {visit.path['id'][:64]!r}")
    undo = None
    if before.ends_ms > visit.now_ms:
        undo = Undo(
            "/dashboard/silences",
            {"matchers": "\n".join(before.matchers), "ends": iso_time(before.ends_ms), "reason": before.reason},
        )
    return Done(f"The silence of {', '.join(ended.matchers)} ended", undo=undo)


PAGE = Page(PATH, "silence", "New silence", "silence.html", build, live=False, filtered=False, section="performance")
ACTIONS = (Action("/dashboard/silences", add), Action("/dashboard/silences/{id}/end", end))
