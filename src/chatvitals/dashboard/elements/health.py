"""The health score for people: the whole, its categories as bars, what holds it down, and what each metric added."""

from collections import Counter
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
    """A category's score and how much it counts, empty where it isn't known and so doesn't; `length` is the bar's, from
    0 to 100."""

    title: str
    score: Shown
    length: float
    weight: str


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """What one metric added: its value, band and score, how much that counts in the whole, empty where it doesn't, and
    how many samples tell it. `href` is its detail."""

    title: str
    href: str
    category: str
    value: Shown
    band: str
    score: Shown
    weight: str
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
    """Health as it is shown; `weights` say how much each category counts, `href` where a metric's detail is.

    What is unknown doesn't count, and the rest for more; in a category each metric counts the same.
    """
    total = sum(weights[category] for category, score in health.scores.items() if score is not None)
    shares = {
        category: 100 * weights[category] / total
        for category, score in health.scores.items()
        if score is not None and weights[category]
    }
    scored = Counter(one.category for one in health.contributions if one.score is not None)
    return HealthShown(
        overall=_score(health.overall, HEALTH_GRADES[health.status]),
        status=health.status,
        bars=tuple(
            HealthBar(
                CATEGORY_TITLES.get(category, category),
                _score(score, _grade(score)),
                score or 0,
                _weight(shares.get(category)),
            )
            for category, score in health.scores.items()
        ),
        cap=_cap(health.cap),
        contributions=tuple(
            _row(
                one,
                href(one.metric),
                shares[one.category] / scored[one.category]
                if one.score is not None and one.category in shares
                else None,
            )
            for one in health.contributions
        ),
    )


def _weight(percent: float | None) -> str:
    return "" if percent is None else f"{share(percent)} %"


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


def _row(one: Contribution, href: str, weight: float | None) -> ContributionRow:
    metric = METRICS_BY_PATH[one.metric]
    grade: Grade = "unknown" if one.grade is None else BAND_GRADES[one.grade]
    return ContributionRow(
        metric.title,
        href,
        CATEGORY_TITLES.get(one.category, one.category),
        show(one.value, metric.unit, grade),
        one.grade or "too few samples",
        _score(one.score, grade),
        _weight(weight),
        one.n,
    )
