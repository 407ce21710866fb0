"""The health score for people: the whole, its categories as bars, what holds it down, and what each metric added."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.grades import BAND_GRADES, Grade
from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.saying import digits, plural, share, show
from chatvitals.query.health import DEGRADED_FROM, HEALTHY_FROM, Cap, Contribution, Health

CATEGORY_TITLES = {
    "persistence": "Persistence",
    "performance": "Performance",
    "memory": "Memory",
    "api": "API",
    "delivery": "Delivery",
    "boot": "Start-up",
    "host": "Host page",
    "errors": "Errors",
}

_STATUS_GRADES: dict[str, Grade] = {"healthy": "good", "degraded": "warning", "unhealthy": "bad", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class HealthBar:
    """A category's score and how much it counts; `length` is the bar's, from 0 to 100."""

    title: str
    score: Shown
    length: float
    weight: str


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """What one metric added: its value, score and band; both are empty with too few samples."""

    title: str
    path: str
    category: str
    value: Shown
    score: Shown
    band: str
    samples: str


@dataclass(frozen=True, slots=True)
class HealthShown:
    """`cap` is the sentence that says why the score can't be higher; empty where nothing holds it down."""

    overall: Shown
    status: str
    bars: tuple[HealthBar, ...]
    cap: str
    contributions: tuple[ContributionRow, ...]


def show_health(health: Health, weights: Mapping[str, float]) -> HealthShown:
    """Health as it is shown; `weights` say how much each category counts."""
    total = sum(weights.values())
    return HealthShown(
        overall=_score(health.overall, _STATUS_GRADES[health.status]),
        status=health.status,
        bars=tuple(
            HealthBar(
                CATEGORY_TITLES.get(category, category),
                _score(score, _grade(score)),
                score or 0,
                f"{share(100 * weights[category] / total)} %" if total else "",
            )
            for category, score in health.scores.items()
        ),
        cap=_cap(health.cap),
        contributions=tuple(map(_row, health.contributions)),
    )


def _score(score: float | None, grade: Grade) -> Shown:
    if score is None:
        return Shown("–", "", "too little was measured", "unknown")
    return Shown(digits(score), "", f"{score:g} of 100", grade)


def _grade(score: float | None) -> Grade:
    if score is None:
        return "unknown"
    return "good" if score >= HEALTHY_FROM else "warning" if score >= DEGRADED_FROM else "bad"


def _cap(cap: Cap | None) -> str:
    if cap is None:
        return ""
    if cap.reason == "dataLoss":
        return f"No more than {cap.limit} while conversations are lost: {cap.detail}"
    return f"No more than {cap.limit} while a category is weak: {cap.detail}"


def _row(one: Contribution) -> ContributionRow:
    metric = METRICS_BY_PATH[one.metric]
    grade: Grade = "unknown" if one.grade is None else BAND_GRADES[one.grade]
    return ContributionRow(
        metric.title,
        metric.path,
        CATEGORY_TITLES.get(one.category, one.category),
        show(one.value, metric.unit, grade),
        _score(one.score, grade),
        one.grade or "too few samples",
        plural(one.n, "sample"),
    )
