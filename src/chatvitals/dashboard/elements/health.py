"""The health score for people: the whole, its categories as bars, what holds it down, and what each metric added."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.grades import BAND_GRADES, Grade
from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.elements.standing import HEALTH_GRADES
from chatvitals.dashboard.saying import digits, share, show
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


@dataclass(frozen=True, slots=True)
class HealthBar:
    """A category's score and how much it counts; `length` is the bar's, from 0 to 100."""

    title: str
    score: Shown
    length: float
    weight: str


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """What one metric added: its value, band and score, and how many samples tell it. `href` is its detail."""

    title: str
    href: str
    category: str
    value: Shown
    band: str
    score: Shown
    n: int


@dataclass(frozen=True, slots=True)
class HealthShown:
    """`cap` is the sentence that says why the score can't be higher; empty where nothing holds it down."""

    overall: Shown
    status: str
    bars: tuple[HealthBar, ...]
    cap: str
    contributions: tuple[ContributionRow, ...]


def show_health(health: Health, weights: Mapping[str, float], href: Callable[[str], str]) -> HealthShown:
    """Health as it is shown; `weights` say how much each category counts, `href` where a metric's detail is."""
    total = sum(weights.values())
    return HealthShown(
        overall=_score(health.overall, HEALTH_GRADES[health.status]),
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
        contributions=tuple(_row(one, href(one.metric)) for one in health.contributions),
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
        return f"Not above {cap.limit}, since conversations were lost"
    return f"Not above {cap.limit}, since a category is weak: {cap.detail}"


def _row(one: Contribution, href: str) -> ContributionRow:
    metric = METRICS_BY_PATH[one.metric]
    grade: Grade = "unknown" if one.grade is None else BAND_GRADES[one.grade]
    return ContributionRow(
        metric.title,
        href,
        CATEGORY_TITLES.get(one.category, one.category),
        show(one.value, metric.unit, grade),
        one.grade or "too few samples",
        _score(one.score, grade),
        one.n,
    )
