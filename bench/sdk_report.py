"""What was measured of the SDK against what it should be: a table for people and JSON for programs."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rich.table import Table


class Bound(StrEnum):
    """On which side of its target a figure should be."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


class Verdict(StrEnum):
    """How a figure stands; one without a target is only told."""

    MET = "met"
    MISSED = "missed"
    TOLD = "–"


@dataclass
class Figure:
    """One row: a name, its unit, the target, and one value a run."""

    name: str
    unit: str = ""
    target: float | None = None
    bound: Bound = Bound.AT_MOST
    digits: int = 0
    strict: bool = False  # every value has to meet the target rather than their median
    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> Verdict:
        if self.target is None:
            return Verdict.TOLD
        lowest, highest = (min(self.values), max(self.values)) if self.strict else (self.median, self.median)
        met = highest <= self.target if self.bound is Bound.AT_MOST else lowest >= self.target
        return Verdict.MET if met else Verdict.MISSED

    def text(self, value: float) -> str:
        return f"{value:,.{self.digits}f}"


class Figures:
    """Rows in the order in which they were first measured, under headings."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Figure] = {}

    def add(self, heading: str, figure: Figure, values: Iterable[float]) -> None:
        """Values of one run for a row."""
        self._rows.setdefault((heading, figure.name), figure).values.extend(values)

    def table(self) -> Table:
        """Medians, extremes and targets."""
        table = Table(title="What the SDK costs and delivers", title_justify="left")
        table.add_column("figure")
        for column in ("median", "min – max", "target"):
            table.add_column(column, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        before = ""
        for (heading, _), row in self._rows.items():
            if heading != before:
                table.add_section()
                table.add_row(f"[bold]{heading}[/]")
            before = heading
            least, most = row.text(min(row.values)), row.text(max(row.values))
            table.add_row(
                row.name,
                f"{row.text(row.median)} {row.unit}".rstrip(),
                least if least == most else f"{least} – {most}",
                "" if row.target is None else f"{row.bound} {row.text(row.target)}",
                {Verdict.MET: "[green]met[/]", Verdict.MISSED: "[red]missed[/]"}.get(row.verdict, "[dim]–[/]"),
            )
        return table

    def document(self) -> list[dict[str, Any]]:
        """The same for programs, with each run's value."""
        return [
            {
                "heading": heading, "figure": row.name, "unit": row.unit, "median": row.median, "values": row.values,
                "target": row.target, "bound": row.bound, "every_run": row.strict, "verdict": row.verdict,
            }
            for (heading, _), row in self._rows.items()
        ]  # fmt: skip
