"""From contexts to HTML, with Jinja. Escaping is always on, and a name that isn't there is an error.

What is inside `{% call live("id") %}` is a fragment: it changes by itself as events come, and is also told apart, so
that only what changed is sent to those who look.
"""

import dataclasses
import re
from collections.abc import Callable
from datetime import tzinfo
from hashlib import blake2b
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from chatvitals import __version__
from chatvitals.dashboard import saying
from chatvitals.dashboard.assets import Assets
from chatvitals.dashboard.frame import Frame
from chatvitals.dashboard.page import Page, PageContext, Visit
from chatvitals.dashboard.view import segment

_RELATIVE = re.compile(r"(?<= data-ago>)[^<]*")
"""The words of a relative time: browsers keep them current, so they are no change."""


class Fragment(NamedTuple):
    """The HTML of a fragment, and a digest that changes with it."""

    digest: str
    html: str


class Rendered(NamedTuple):
    """A page, and its fragments by id."""

    html: str
    fragments: dict[str, Fragment]


class Renderer:
    """Renders all pages of one program."""

    def __init__(self, assets: Assets) -> None:
        environment = Environment(
            loader=PackageLoader("chatvitals.dashboard"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals |= {
            "asset": assets.href,
            "preloads": assets.preloads,
            "version": __version__,
            "segment": segment,
        }
        environment.filters |= {
            "count": saying.count,
            "short_count": saying.short_count,
            "duration": saying.duration,
            "iso": saying.iso_time,
            "share": saying.share,
        }
        self.environment = environment

    def page(self, page: Page, context: PageContext, frame: Frame, visit: Visit) -> Rendered:
        """The whole page."""
        fields = {field.name: getattr(context, field.name) for field in dataclasses.fields(context)}
        return self._render(page.template, frame, visit.view.tzinfo, fields)

    def other(self, template: str, frame: Frame, zone: tzinfo, **fields: Any) -> str:
        """A page with no context of its own, as the one that says what went wrong."""
        return self._render(template, frame, zone, fields).html

    def _render(self, template: str, frame: Frame, zone: tzinfo, fields: dict[str, Any]) -> Rendered:
        fragments: dict[str, Fragment] = {}

        def live(id: str, caller: Callable[[], str]) -> Markup:
            body = caller()
            digest = blake2b(_RELATIVE.sub("", body).encode(), digest_size=6).hexdigest()
            whole = Markup('<div id="{}" data-live="{}">{}</div>').format(id, digest, Markup(body))
            fragments[id] = Fragment(digest, str(whole))
            return whole

        html = self.environment.get_template(template).render(
            fields,
            frame=frame,
            live=live,
            ago=lambda moment_ms: saying.ago(moment_ms, frame.now_ms),
            exact_time=lambda moment_ms: saying.exact_time(moment_ms, zone),
            clock_time=lambda moment_ms: saying.clock_time(moment_ms, zone),
        )
        return Rendered(html, fragments)
