"""How good a figure is, in the three words and colours of the dashboard: by its bands, or else by its target."""

from typing import Literal

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import Metric
from chatvitals.query.figures import Figure

Grade = Literal["good", "warning", "bad", "unknown", ""]

BAND_GRADES: dict[str, Grade] = {"excellent": "good", "good": "good", "degraded": "warning", "critical": "bad"}
"""The colour of each band."""
COUNTED = ("count", "sum")
"""Statistics that are sure however small they are: three incidents are three."""


def grade_figure(metric: Metric, figure: Figure, bands: Bands | None, min_samples: int, *, seen: bool = True) -> Grade:
    """Unknown where too few samples tell it or nothing was `seen` at all; empty where nothing says what is good.

    Beyond its target a figure is a warning, and bad where the target is that there be none.
    """
    if bands is None and metric.target is None:
        return "" if figure.value is not None and seen else "unknown"
    if figure.value is None or not seen:
        return "unknown"
    if metric.statistic not in COUNTED and figure.n < min_samples:
        return "unknown"
    if bands is not None:
        return BAND_GRADES[bands.grade(figure.value)]
    if metric.target is None or within_target(metric, figure.value):
        return "good"
    return "bad" if metric.target == 0 else "warning"


def within_target(metric: Metric, value: float) -> bool:
    """Whether a value is as good as the metric's target, or better."""
    if metric.target is None:
        return True
    return value >= metric.target if metric.higher_is_better else value <= metric.target
