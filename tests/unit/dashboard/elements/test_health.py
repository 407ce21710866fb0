from tests.unit.dashboard.elements.pictures import figures_of

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import HEALTH_WEIGHTS, METRICS
from chatvitals.dashboard.elements.health import HealthShown, show_health
from chatvitals.query.health import assess

BANDS: dict[str, Bands] = {metric.path: metric.bands for metric in METRICS if metric.bands}
GOOD = {
    "persistence.operations.successRate": 100.0,
    "persistence.restoration.avgDuration": 50.0,
    "performance.renders.p95Time": 5.0,
    "performance.scroll.avgFps": 60.0,
    "memory.peak": 1e6,
    "api.p95Duration": 100.0,
}


def shown(values: dict[str, float], n: int = 100) -> HealthShown:
    health = assess(figures_of(values, n), HEALTH_WEIGHTS, BANDS, 10)
    return show_health(health, HEALTH_WEIGHTS, lambda path: f"/metrics/{path}")


def test_all_is_well() -> None:
    health = shown(GOOD)
    assert (health.overall.text, health.overall.grade, health.status, health.cap) == ("100", "good", "healthy", "")
    assert [(bar.title, bar.length, bar.weight) for bar in health.bars] == [
        ("Persistence", 100, "40 %"),
        ("Performance", 100, "30 %"),
        ("Memory", 100, "15 %"),
        ("API", 100, "15 %"),
    ]


def test_it_says_what_holds_the_score_down() -> None:
    lossy = shown(GOOD | {"persistence.dataLoss.incidents": 3.0})
    assert (lossy.overall.text, lossy.overall.grade) == ("49", "bad")
    assert lossy.cap == "Not above 49, since conversations were lost"
    weak = shown(GOOD | {"api.p95Duration": 1_000.0})
    assert weak.cap == "Not above 69, since a category is weak: api below 50"
    assert weak.bars[-1].score.grade == "bad"


def test_what_too_little_tells_is_unknown_and_has_no_bar() -> None:
    health = shown(GOOD, n=9)
    assert (health.overall.text, health.overall.grade, health.status) == ("–", "unknown", "unknown")
    assert {(bar.score.grade, bar.length) for bar in health.bars} == {("unknown", 0)}
    assert {row.band for row in health.contributions} == {"too few samples"}


def test_every_scored_metric_says_what_it_added_and_leads_to_its_detail() -> None:
    rows = shown(GOOD).contributions
    assert {row.href for row in rows} == {f"/metrics/{path}" for path in BANDS}
    assert {(row.score.text, row.band, row.n) for row in rows} == {("100", "excellent", 100)}


def test_what_is_unknown_does_not_count_and_the_rest_for_more() -> None:
    health = shown({path: value for path, value in GOOD.items() if path != "memory.peak"})
    assert [bar.weight for bar in health.bars] == ["47.06 %", "35.29 %", "", "17.65 %"]
    weights = {row.href.removeprefix("/metrics/"): row.weight for row in health.contributions}
    assert weights["performance.renders.p95Time"] == weights["performance.scroll.avgFps"] == "17.65 %"
    assert (weights["api.p95Duration"], weights["memory.peak"]) == ("17.65 %", "")
