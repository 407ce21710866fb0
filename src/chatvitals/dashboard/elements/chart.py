"""Charts: lines over time with what happened meanwhile.

A chart goes to the browser as JSON, in a `<script type="application/json">` inside the element whose `data-island` is
`chart`. Times are Unix milliseconds, values are in the chart's unit, None (null) where nothing was measured:

    {
      "id": "performance.renders.p95Time", "title": "Render time", "unit": "ms", "zone": "Europe/Berlin",
      "start": 1760000000000, "end": 1760003600000, "step": 60000,
      "times": [1760000000000, …],                       starts of the steps, as many as there are values in each line
      "lines": [{"name": "p95", "role": "p95", "values": [14.2, null, …], "n": [120, 0, …]}, …],
      "thresholds": [{"value": 16, "name": "good up to 16 ms", "grade": "good"}, …],
      "marks": [{"at": 1760001000000, "name": "2.4.1", "href": "/dashboard/…"}, …],
      "spans": [{"start": 1760001200000, "end": 1760001500000, "name": "Slow Message Renders", "kind": "alert",
                 "severity": "warning", "href": "/dashboard/…"}, …],
      "zeroBased": true, "few": 10,
      "sessionsHref": "/dashboard/sessions?…", "csvHref": "/dashboard/…", "jsonHref": "/api/monitoring/series?…"
    }

Each line's `role` is how it is drawn: see `Role`. A point with fewer samples than `few` is drawn lighter. To link to
the sessions behind a step, set `from` and `to` in `sessionsHref`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import Struct

from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.saying import show

Role = Literal["p50", "p95", "p99", "mean", "value", "before", "part"]
"""p50 and p95 are the main lines, p99 a light edge, `before` a thin dashed line of the period compared with (its times
moved onto this one), `value` the only line, and `part` one of several alike, told apart by their place."""


Beyond = Literal["good", "warning", "bad", "target"]
"""How good it is beyond a threshold, or that this is the target."""


class Line(Struct, rename="camel", frozen=True):
    """One value for each step, None where nothing was measured, and the samples behind it."""

    name: str
    role: Role
    values: tuple[float | None, ...]
    n: tuple[int, ...]


class Threshold(Struct, rename="camel", frozen=True):
    """A dashed line across the chart; `grade` says what lies beyond it."""

    value: float
    name: str
    grade: Beyond


class Mark(Struct, rename="camel", frozen=True):
    """A moment with a name on top, as a release that was first seen then."""

    at: int
    name: str
    href: str = ""


class Span(Struct, rename="camel", frozen=True):
    """A time that is shaded: an alert that was open, or a silence. `severity` is an alert's."""

    start: int
    end: int
    name: str
    kind: Literal["alert", "silence"]
    severity: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the same as a table: the step's start, each line's value, and the samples behind the first."""

    at: int
    values: tuple[Shown, ...]
    n: int


class Chart(Struct, rename="camel", frozen=True, kw_only=True):
    """See the module. `zero_based` says that the axis begins at zero; otherwise it is zoomed to the values."""

    id: str
    title: str
    unit: str
    zone: str
    start: int
    end: int
    step: int
    times: tuple[int, ...]
    lines: tuple[Line, ...]
    thresholds: tuple[Threshold, ...] = ()
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()
    zero_based: bool = True
    few: int = 1
    sessions_href: str = ""
    csv_href: str = ""
    json_href: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The JSON as builtins, for Jinja's `tojson`, which escapes what HTML would take for its own."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    @property
    def measured(self) -> bool:
        """Whether any line has a value."""
        return any(value is not None for line in self.lines for value in line.values)

    @property
    def element_id(self) -> str:
        """The id of the element that shows it."""
        return f"chart-{self.id.replace('.', '-')}"

    @property
    def rows(self) -> Sequence[Step]:
        """The steps in which anything was measured."""
        n = self.lines[0].n if self.lines else ()
        steps = zip(self.times, zip(*(line.values for line in self.lines), strict=True), n, strict=True)
        return [
            Step(at, tuple(show(value, self.unit) for value in values), samples)
            for at, values, samples in steps
            if any(value is not None for value in values)
        ]
