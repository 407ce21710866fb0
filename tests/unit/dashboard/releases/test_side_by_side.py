from collections.abc import Mapping

import pytest

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.releases.side_by_side import (
    COMPARED,
    MetricRow,
    ReleaseValue,
    choose_releases,
    side_by_side,
    what_cannot_be_said,
)
from chatvitals.query.comparison import Standing, absent
from chatvitals.query.figures import Figure
from chatvitals.query.health import LOSS_PATH
from chatvitals.query.presence import Presence

RENDER = "performance.renders.p95Time"
BANDS = {metric.path: metric.bands for metric in METRICS if metric.bands}


def standing(sessions: int = 1_000, **figures: Figure) -> Standing:
    """Figures are named by `render` and `lost`; all others were not measured."""
    paths = {"render": RENDER, "lost": LOSS_PATH, "cached": "api.cacheHitRate"}
    told: Mapping[str, Figure] = {paths[name]: figure for name, figure in figures.items()}
    return Standing({**absent(METRICS).figures, **told}, Presence(10 * sessions, sessions))


def rows_of(releases: Mapping[str, Standing], bands: Mapping[str, Bands] = BANDS) -> dict[str, MetricRow]:
    groups = side_by_side(releases, bands, 10, lambda path: f"/{path}")
    return {row.href.removeprefix("/"): row for group in groups for row in group.rows}


def values_of(releases: Mapping[str, Standing], path: str = RENDER) -> tuple[ReleaseValue, ...]:
    return rows_of(releases)[path].values


def test_the_others_are_compared_with_the_first() -> None:
    first, second = values_of({"1": standing(render=Figure(10, 50, 5)), "2": standing(render=Figure(20, 60, 6))})
    assert (first.value.said, first.value.grade, first.n, first.difference) == ("10 ms", "good", "50", None)
    assert (second.value.said, second.value.grade, second.n) == ("20 ms", "warning", "60")
    assert second.difference is not None
    assert (second.difference.text, second.difference.better) == ("+100 %", False)
    assert second.difference.words == "100 % more than in 1"


@pytest.mark.parametrize(("first", "second"), [(9, 60), (60, 9), (0, 60)])
def test_too_few_samples_of_either_say_no_difference(first: int, second: int) -> None:
    figures = [Figure(10 if n else None, n, n) for n in (first, second)]
    found = values_of({str(place): standing(render=figure) for place, figure in enumerate(figures)})
    assert [value.difference for value in found] == [None, None]
    assert [value.value.grade == "unknown" for value in found] == [first < 10, second < 10]


def test_what_none_of_them_measured_is_left_out() -> None:
    assert list(rows_of({"1": standing(), "2": standing()})) == [LOSS_PATH]
    assert RENDER in rows_of({"1": standing(), "2": standing(render=Figure(10, 50, 5))})


def test_losses_are_told_by_the_sessions_that_had_any_since_counts_follow_traffic() -> None:
    many = standing(sessions=1_000, lost=Figure(30, 30, 20))
    few = standing(sessions=100, lost=Figure(5, 5, 4))
    first, second = values_of({"1": many, "2": few}, LOSS_PATH)
    assert (first.value.said, first.value.grade, first.n) == ("2 %", "bad", "1,000")
    assert (second.value.said, second.n) == ("4 %", "100")
    assert second.difference is not None
    assert (second.difference.text, second.difference.better) == ("+2 pt", False)


def test_nobody_there_is_unknown_and_not_free_of_losses() -> None:
    (value,) = values_of({"1": standing(sessions=0)}, LOSS_PATH)
    assert (value.value.text, value.value.grade) == ("–", "unknown")


def test_no_count_is_compared_and_everything_that_has_bands_is() -> None:
    assert not [metric.path for metric in COMPARED if metric.unit == "count"]
    assert BANDS.keys() <= {metric.path for metric in COMPARED}


def test_a_metric_without_a_target_is_compared_without_a_grade() -> None:
    first, second = values_of(
        {"1": standing(cached=Figure(50, 90, 9)), "2": standing(cached=Figure(75, 90, 9))}, "api.cacheHitRate"
    )
    assert (first.value.grade, second.value.grade) == ("", "")
    assert second.difference is not None
    assert (second.difference.text, second.difference.better) == ("+25 pt", True)


def test_groups_follow_the_categories() -> None:
    groups = side_by_side({"1": standing(render=Figure(10, 50, 5))}, BANDS, 10, str)
    assert [(group.title, len(group.rows)) for group in groups] == [("Persistence", 1), ("Performance", 1)]


def test_nothing_to_compare_makes_a_row_of_no_values() -> None:
    assert rows_of({})[LOSS_PATH].values == ()


def test_what_too_few_samples_leave_open_is_named() -> None:
    few = Figure(10, 3, 3)
    assert what_cannot_be_said({"1": standing(render=few), "2": standing(render=Figure(10, 50, 5))}, 10) == (
        "1 has fewer than 10 samples of: Render time, p95.",
    )
    every = Standing({metric.path: few for metric in METRICS}, Presence(9, 3))
    assert what_cannot_be_said({"": every}, 10)[0].endswith(f" and {len(COMPARED) - 3} more.")


def test_what_was_not_measured_at_all_is_no_hint() -> None:
    assert what_cannot_be_said({"1": standing()}, 10) == ()


@pytest.mark.parametrize(
    ("sessions", "chosen"),
    [
        ({"1": 50, "2": 60, "3": 70, "4": 80}, ["2", "3", "4"]),
        ({"1": 50, "2": 60, "3": 70, "4": 9}, ["1", "2", "3"]),
        ({"1": 50}, ["1"]),
        ({"1": 3, "2": 0}, ["1"]),
        ({}, []),
    ],
)
def test_the_newest_with_enough_traffic_are_chosen_oldest_first(sessions: dict[str, int], chosen: list[str]) -> None:
    seen = {"1": 100, "2": 200, "3": 300, "4": 400}
    assert choose_releases(seen, sessions, enough=10, most=3) == chosen
