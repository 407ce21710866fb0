"""`/dashboard/baselines`: figures captured to compare later ones with, and capturing them now."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from chatvitals.alerting.capturing import CaptureForm, capture_now
from chatvitals.alerting.documents import BadDocuments, Document
from chatvitals.dashboard.page import Action, Done, Page, PageContext, Undo, Visit, help_
from chatvitals.dashboard.saying import duration, plural
from chatvitals.errors import BadRequest, NotFound
from chatvitals.store.control.baselines import ALL_RELEASES, BaselineHead

PATH = "/dashboard/baselines"
WINDOWS: tuple[tuple[str, str], ...] = (
    ("1h", "the last hour"),
    ("6h", "the last 6 hours"),
    ("24h", "the last 24 hours"),
    ("7d", "the last 7 days"),
)
_MOST_SHOWN = 1_000
_MOST_FORGOTTEN = 2_000


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A baseline of a capture: of a site, and of one release or all; `api` leads to its figures beside those of now."""

    site: str
    release: str
    api: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """What was captured at once, under one name, over a window `lasted` long."""

    name: str
    captured_ms: int
    captured_by: str
    lasted: str
    said: str
    baselines: tuple[BaselineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselinesContext(PageContext):
    """Captures, the newest first."""

    captures: tuple[CaptureRow, ...] = help_("The newest captures, each with its baselines")
    windows: tuple[tuple[str, str], ...] = help_("Over what can be captured: values and words")
    schedule: str = help_("How often they are captured by themselves, in words")


def build(visit: Visit) -> BaselinesContext:
    """Read which baselines there are."""
    found = visit.parts.baselines.find(_MOST_SHOWN)
    every = visit.parts.settings.baseline_every_hours
    return BaselinesContext(
        heading="Baselines",
        captures=tuple(_capture(list(group)) for _, group in groupby(found, key=attrgetter("captured_ms", "name"))),
        windows=WINDOWS,
        schedule=f"Captured by themselves every {plural(every, 'hour')}." if every else "Captured only when asked for.",
    )


def _capture(heads: list[BaselineHead]) -> CaptureRow:
    first = heads[0]
    sites = len({head.site for head in heads})
    releases = sum(head.release != ALL_RELEASES for head in heads)
    return CaptureRow(
        name=first.name,
        captured_ms=first.captured_ms,
        captured_by=first.captured_by,
        lasted=duration(first.to_ms - first.from_ms),
        said=f"{plural(sites, 'site')}, {plural(releases, 'release')}",
        baselines=tuple(
            BaselineRow(head.site, head.release or "all releases", f"/api/monitoring/baselines/{head.id}/compare")
            for head in heads
        ),
    )


def capture(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Capture now. Raises BadRequest."""
    body = {name: fields[name] for name in ("name", "window", "site", "release") if fields.get(name)}
    try:
        form: CaptureForm = Document.of({**body, "by": visit.who[:200]}).convert((), CaptureForm)
    except BadDocuments as bad:
        raise BadRequest(str(bad), bad.mistakes[0].field or None) from bad
    captured = capture_now(visit.parts.source, visit.parts.baselines, form, visit.now_ms, visit.parts.new_id)
    ids = ",".join(head.id for head in captured)
    return Done(
        f"Captured {plural(len(captured), 'baseline')} as {form.name}", undo=Undo(f"{PATH}/forget", {"ids": ids})
    )


def forget(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Forget baselines, by their ids with commas between them. Raises NotFound where none is there."""
    ids = fields.get("ids", "").split(",")[:_MOST_FORGOTTEN]
    forgotten = sum(visit.parts.baselines.delete(id) for id in ids)
    if not forgotten:
        raise NotFound("these baselines aren't there")
    return Done(f"Forgot {plural(forgotten, 'baseline')}")


PAGE = Page(PATH, "baselines", "Baselines", "baselines.html", build, live=False, filtered=False, section="rules")
ACTIONS = (Action(PATH, capture), Action(f"{PATH}/forget", forget))
