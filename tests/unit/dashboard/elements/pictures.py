"""Pictures of a window for tests: every metric unmeasured, except those that are said."""

from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.metrics import METRICS
from chatvitals.query.figures import Figure
from chatvitals.query.snapshot import Coverage, KindCoverage, Picture, TelemetryLoss


def figures_of(values: dict[str, float], n: int = 100) -> dict[str, Figure]:
    """Figures of all metrics: counts that aren't said are 0, all else is unknown."""
    unmeasured = {metric.path: 0.0 if metric.statistic in ("count", "sum") else None for metric in METRICS}
    return {
        path: Figure(values.get(path, value), n if path in values else 0, n if path in values else 0)
        for path, value in unmeasured.items()
    }


def picture_of(values: dict[str, float], n: int = 100, sessions: int = 200) -> Picture:
    """A picture in which every kind came from `n` sessions of all that were seen; none at all where nobody was."""
    kinds = {kind: KindCoverage(n, n, 100 * n / sessions) for kind in KINDS} if sessions else {}
    coverage = Coverage(n if sessions else 0, sessions, sessions, TelemetryLoss(0, 0, None), kinds)
    return Picture(figures_of(values, n), {"persistence": {}, "loss": {}}, coverage)
