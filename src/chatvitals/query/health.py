"""The health score: how well users fare, capped by what they feel worst. Pure; unknown is not good.

The rules are those of `docs/reference/health.md`.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from chatvitals.catalogue.bands import Bands, Grade
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.query.figures import Figure

Status = Literal["healthy", "degraded", "unhealthy", "unknown"]

HEALTHY_FROM = 90
DEGRADED_FROM = 70
LOSS_CAP = 49
WEAK_CATEGORY_BELOW = 50
WEAK_CATEGORY_CAP = 69

LOSS_PATH = "persistence.dataLoss.incidents"


class Contribution(Struct, rename="camel", frozen=True):
    """What one metric adds: its value, samples, score and band; score and band are None with too few samples."""

    metric: str
    category: str
    value: float | None
    n: int
    score: float | None
    grade: Grade | None


class Cap(Struct, rename="camel", frozen=True):
    """Why the overall score can't be higher than `limit`."""

    limit: int
    reason: Literal["dataLoss", "weakCategory"]
    detail: str


class Health(Struct, rename="camel", frozen=True):
    """Scores from 0 to 100, None where too little was measured; `cap` is the one that applied, if any did."""

    overall: int | None
    scores: dict[str, int | None]
    status: Status
    cap: Cap | None
    contributions: list[Contribution]


def assess(
    figures: Mapping[str, Figure], weights: Mapping[str, float], bands: Mapping[str, Bands], min_samples: int
) -> Health:
    """Health from figures by path; `bands` by path say what is good, `weights` how much a category counts."""
    contributions = [_contribution(path, figures[path], bands[path], min_samples) for path in bands if path in figures]
    exact = {category: _category_score(category, contributions) for category in weights}
    known = {category: score for category, score in exact.items() if score is not None}
    total = sum(weights[category] for category in known)
    overall = sum(weights[category] * score for category, score in known.items()) / total if total else None
    loss = figures.get(LOSS_PATH)
    cap = _cap(loss.value if loss else None, known)
    if overall is not None and cap is not None:
        overall = min(overall, cap.limit)
    rounded = None if overall is None else round(overall)
    return Health(
        rounded,
        {category: None if score is None else round(score) for category, score in exact.items()},
        _status(rounded, cap),
        cap,
        contributions,
    )


def _contribution(path: str, figure: Figure, bands: Bands, min_samples: int) -> Contribution:
    category = METRICS_BY_PATH[path].category
    if figure.value is None or figure.n < min_samples:
        return Contribution(path, category, figure.value, figure.n, None, None)
    score = round(bands.score(figure.value), 1)
    return Contribution(path, category, figure.value, figure.n, score, bands.grade(figure.value))


def _category_score(category: str, contributions: list[Contribution]) -> float | None:
    scores = [one.score for one in contributions if one.category == category and one.score is not None]
    return sum(scores) / len(scores) if scores else None


def _cap(lost: float | None, scores: Mapping[str, float]) -> Cap | None:
    if lost:
        return Cap(LOSS_CAP, "dataLoss", f"{lost:g} data-loss incident(s) in the window")
    weak = [category for category, score in scores.items() if score < WEAK_CATEGORY_BELOW]
    if weak:
        return Cap(WEAK_CATEGORY_CAP, "weakCategory", f"{', '.join(weak)} below {WEAK_CATEGORY_BELOW}")
    return None


def _status(overall: int | None, cap: Cap | None) -> Status:
    if cap is not None and cap.reason == "dataLoss":
        return "unhealthy"
    if overall is None:
        return "unknown"
    if overall >= HEALTHY_FROM:
        return "healthy"
    return "degraded" if overall >= DEGRADED_FROM else "unhealthy"
