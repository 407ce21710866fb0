"""A metric by the values of a dimension, as a table: worst first or by traffic."""

from dataclasses import dataclass

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import Metric
from chatvitals.dashboard.elements.grades import COUNTED, grade_figure
from chatvitals.dashboard.elements.table import Cell, Direction, Field, cell_of
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.saying import count, share, show
from chatvitals.query.figures import Figure
from chatvitals.query.series import Part


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The metric that is broken down, and what is good of it."""

    metric: Metric
    bands: Bands | None
    min_samples: int

    @property
    def worst_first(self) -> Direction:
        return "ascending" if self.metric.higher_is_better else "descending"

    def known(self, part: Part) -> float | None:
        """A part's value, where enough samples tell it: few of them are no news."""
        enough = self.metric.statistic in COUNTED or part.n >= self.min_samples
        return part.value if enough else None

    def value_cell(self, part: Part) -> Cell:
        """The value with its grade; hovering tells all its digits."""
        figure = Figure(part.value, part.n, part.sessions)
        grade = grade_figure(self.metric, figure, self.bands, self.min_samples)
        return cell_of(show(part.value, self.metric.unit, grade))


def part_fields(dimension: str, title: str, yardstick: Yardstick) -> tuple[Field[Part], ...]:
    """The columns: who it is, the metric, on how much it rests, and the share of all samples."""
    return (
        Field(
            "name",
            title,
            lambda part: Cell(name_of(dimension, part.key), exact=explain(dimension, part.key)),
            lambda part: part.key,
            "ascending",
            "left",
        ),
        Field("value", "Value", yardstick.value_cell, yardstick.known, yardstick.worst_first),
        Field("n", "Samples", lambda part: Cell(count(part.n)), lambda part: part.n),
        Field("sessions", "Sessions", lambda part: Cell(count(part.sessions)), lambda part: part.sessions),
        Field(
            "share",
            "Share",
            lambda part: Cell(share(part.share), "%", share=part.share),
            lambda part: part.share,
            help="Of all samples in this window",
        ),
    )
