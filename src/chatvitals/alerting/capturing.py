"""Capturing baselines because somebody asks for it."""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from chatvitals.alerting.baselines import Capture, capture
from chatvitals.alerting.durations import Duration, parse_duration
from chatvitals.errors import BadRequest
from chatvitals.query.figures import Source
from chatvitals.query.request import MAX_WINDOW_MS, Window
from chatvitals.store.control.baselines import BaselineHead, Baselines

_LEAST_WINDOW_MS = 60_000
_NAMELIKE = "up to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit"

Name = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?!\n)$", description=_NAMELIKE, extra={"expected": _NAMELIKE})
]


class CaptureForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to capture: of every site and release where none is named, over the window up to now."""

    name: Name
    site: Annotated[str, Meta(max_length=64)] = ""
    release: Annotated[str, Meta(max_length=100)] = ""
    window: Duration = "24h"
    by: Annotated[str, Meta(max_length=200, description="Who captures it.")] = ""


def capture_now(
    source: Source, baselines: Baselines, form: CaptureForm, now_ms: int, new_id: Callable[[], str]
) -> list[BaselineHead]:
    """Capture what a form asks for and keep it. Raises BadRequest, also where there is nothing to capture."""
    length_ms = parse_duration(form.window)
    if not _LEAST_WINDOW_MS <= length_ms <= MAX_WINDOW_MS:
        raise BadRequest("window is from 1m to 400d", "window")
    wanted = Capture(
        name=form.name,
        window=Window(now_ms - length_ms, now_ms),
        site=form.site,
        release=form.release,
        captured_ms=now_ms,
        captured_by=form.by,
    )
    captured = capture(source, wanted, lambda *_: new_id())
    if not captured:
        raise BadRequest("nothing was measured in this window of this site and release: there is nothing to capture")
    baselines.add(captured)
    return [BaselineHead(**{name: getattr(one, name) for name in BaselineHead.__struct_fields__}) for one in captured]
