import pytest
from tests.unit.dashboard.elements.pictures import picture_of

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.card import Card, Deck, target_said
from chatvitals.dashboard.elements.shown import Shown

RENDER = "performance.renders.p95Time"
LOSS = "persistence.dataLoss.incidents"
SUCCESS = "persistence.operations.successRate"


def card(
    path: str,
    now: dict[str, float],
    before: dict[str, float] | None = None,
    *,
    n: int = 100,
    sessions: int = 200,
    sessions_before: int = 200,
    bands: dict[str, Bands] | None = None,
    trends: dict[str, tuple[float | None, ...]] | None = None,
    beside: tuple[tuple[str, str], ...] = (),
) -> Card:
    catalogue = {metric.path: metric.bands for metric in METRICS if metric.bands}
    deck = Deck(
        now=picture_of(now, n, sessions),
        before=picture_of(before or {}, n, sessions_before),
        before_said="the hour before",
        trends=trends or {},
        bands=bands or catalogue,
        min_samples=10,
    )
    return deck.card(path, "Title", "/there", beside)


def test_a_card_says_how_much_how_good_and_where_it_went() -> None:
    made = card(RENDER, {RENDER: 18.5}, {RENDER: 10.0}, trends={RENDER: (10.0, None, 18.5)})
    assert (made.id, made.href) == ("card-performance-renders-p95Time", "/there")
    assert made.value == Shown("18.5", "ms", "18.5 ms", "warning")
    assert made.target.text == "≤ 16 ms"
    assert made.trend is not None
    assert (made.trend.text, made.trend.better) == ("+85 %", False)
    assert made.sparkline is not None
    assert made.sparkline.points == (10.0, None, 18.5)


def test_bands_of_the_settings_replace_those_of_the_catalogue() -> None:
    assert card(RENDER, {RENDER: 18.5}, bands={RENDER: Bands(20, 30, 40)}).value.grade == "good"


def test_it_says_on_how_much_it_rests() -> None:
    assert card(RENDER, {RENDER: 9.0}, n=100, sessions=200).coverage == Shown(
        "100 samples, 100 sessions (50 %)", "", "100 samples of 100 sessions, 50 % of 200 sessions"
    )


@pytest.mark.parametrize(("n", "sessions", "part"), [(1, 1_000, "< 1"), (999, 1_000, "> 99"), (1_000, 1_000, "100")])
def test_of_less_than_all_it_never_says_all(n: int, sessions: int, part: str) -> None:
    assert f"({part} %)" in card(RENDER, {RENDER: 9.0}, n=n, sessions=sessions).coverage.text


def test_that_there_was_none_rests_on_all_who_were_there() -> None:
    made = card(LOSS, {})
    assert (made.value.text, made.value.grade, made.coverage.text) == ("0", "good", "none in 200 sessions")


def test_where_nobody_was_0_is_unknown() -> None:
    made = card(LOSS, {}, sessions=0)
    assert (made.value.text, made.value.grade, made.coverage.text) == ("–", "unknown", "nothing measured")
    assert made.trend is None


def test_against_a_window_in_which_nobody_was_there_is_no_trend() -> None:
    assert card(LOSS, {LOSS: 3}, sessions_before=0).trend is None
    assert card(LOSS, {LOSS: 3}).trend is not None


def test_what_stands_beside_it_has_its_own_unit_and_grade() -> None:
    made = card(LOSS, {LOSS: 2, SUCCESS: 90.0}, beside=(("operations succeed", SUCCESS),))
    assert made.beside == (("operations succeed", Shown("90", "%", "90 %", "bad")),)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
def test_every_metric_has_a_card_whatever_is_known(metric: Metric) -> None:
    for now in ({}, {metric.path: 1.0}):
        for sessions in (0, 200):
            made = card(metric.path, now, sessions=sessions)
            assert made.value.text
            assert made.coverage.text


def test_targets_in_words() -> None:
    assert target_said(METRICS_BY_PATH[SUCCESS]) == Shown("≥ 99 %", "", "at least 99 %")
    assert target_said(METRICS_BY_PATH["memory.peak"]) == Shown("≤ 50 MB", "", "at most 50 MB")
    assert target_said(METRICS_BY_PATH[LOSS]) == Shown("0", "", "none at all")
    assert target_said(METRICS_BY_PATH["api.totalCalls"]).text == ""
