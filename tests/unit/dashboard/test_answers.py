import pytest
from tests.unit.dashboard.elements.pictures import figures_of

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.answers import Answer, Judge, answer_loss, answer_rollout, answer_speed
from chatvitals.query.comparison import Standing
from chatvitals.query.presence import Presence

JUDGE = Judge({metric.path: metric.bands for metric in METRICS if metric.bands}, 10)
LOSS = "persistence.dataLoss.incidents"
SUCCESS = "persistence.operations.successRate"
RENDER = "performance.renders.p95Time"
API = "api.p95Duration"


def loss(values: dict[str, float], sessions: int = 500) -> Answer:
    return answer_loss(JUDGE, figures_of(values), sessions, "/loss", seen=sessions > 0)


def test_losses_are_counted() -> None:
    answer = loss({LOSS: 3, "persistence.dataLoss.messages": 12})
    assert (answer.grade, answer.said, answer.detail) == (
        "bad",
        "Yes: 3 incidents",
        "12 messages lost, in 100 of 500 sessions",
    )


def test_what_threatens_conversations_is_said_before_any_is_lost() -> None:
    answer = loss({SUCCESS: 96.0, "persistence.navigation.successRate": 99.9})
    assert (answer.grade, answer.said, answer.detail) == (
        "warning",
        "None known, but it may be",
        "96 % operations succeed",
    )


def test_no_loss_is_known_of_those_that_were_seen_and_unknown_where_nobody_was() -> None:
    assert loss({SUCCESS: 99.9}).said == "None known"
    assert loss({SUCCESS: 99.9}).detail == (
        "in 500 sessions; 0 restored for the wrong person, 99.9 % operations succeed"
    )
    assert loss({}, sessions=0).grade == "unknown"


def test_that_no_loss_is_known_is_no_good_news_of_widgets_that_tell_nothing_of_keeping() -> None:
    answer = loss({RENDER: 8.0})
    assert (answer.grade, answer.said, answer.detail) == (
        "unknown",
        "None known",
        "in 500 sessions; too little tells how they are kept",
    )


@pytest.mark.parametrize(
    ("values", "grade", "said", "detail"),
    [
        ({RENDER: 8.0, API: 100.0}, "good", "Yes", "render p95 8 ms, API p95 100 ms"),
        ({RENDER: 20.0, API: 100.0}, "warning", "Not quite", "render p95 20 ms"),
        ({RENDER: 20.0, API: 900.0}, "bad", "No", "API p95 900 ms, render p95 20 ms"),
        ({}, "unknown", "Too little was measured", ""),
    ],
)
def test_it_is_as_fast_as_its_slowest_part(values: dict[str, float], grade: str, said: str, detail: str) -> None:
    answer = answer_speed(JUDGE, figures_of(values), "/speed")
    assert (answer.grade, answer.said, answer.detail) == (grade, said, detail)


def release(sessions: int, **values: float) -> Standing:
    paths = {"loss": LOSS, "success": SUCCESS, "render": RENDER, "api_errors": "api.errorRate"}
    return Standing(figures_of({paths[name]: value for name, value in values.items()}), Presence(sessions, sessions))


def rollout(**releases: Standing) -> Answer:
    return answer_rollout(JUDGE, {name.replace("_", "."): one for name, one in releases.items()}, "/releases")


FINE = {"success": 99.9, "render": 8.0, "api_errors": 0.1}


def test_the_newest_release_is_held_against_the_most_used_of_the_others() -> None:
    answer = rollout(_2_9=release(100, **FINE), _2_10=release(50, **FINE), _1_0=release(20, **FINE))
    assert (answer.grade, answer.said, answer.detail) == (
        "",
        "Nothing graded worse on .2.10 than on .2.9",
        "it has 50 of 170 sessions",
    )


def test_a_figure_that_falls_a_grade_makes_it_worse() -> None:
    worse = rollout(a1=release(100, **FINE), a2=release(50, **(FINE | {"render": 30.0, "api_errors": 2.0})))
    assert (worse.grade, worse.said) == ("bad", "Worse figures on a2 than on a1")
    assert worse.detail == "render p95 30 ms against 8 ms; 2 % API errors against 0.1 %"


def test_what_is_as_bad_in_both_is_not_the_rollouts() -> None:
    slow = FINE | {"render": 30.0}
    assert rollout(a1=release(100, **slow), a2=release(50, **slow)).grade == ""


def test_losses_are_held_against_how_many_have_it() -> None:
    fewer = rollout(a1=release(1_000, **FINE, loss=10), a2=release(100, **FINE, loss=1))
    assert fewer.grade == ""
    more = rollout(a1=release(1_000, **FINE, loss=10), a2=release(100, **FINE, loss=2))
    assert (more.grade, more.detail) == ("bad", "2 losses in 100 sessions against 10 losses in 1,000 sessions")


def test_of_too_few_sessions_nothing_is_told() -> None:
    early = rollout(a1=release(100, **FINE), a2=release(9, **(FINE | {"render": 99.0})))
    assert (early.grade, early.said) == ("unknown", "Too early to tell for a2")


def test_a_release_that_is_alone_is_held_against_the_bands() -> None:
    alone = rollout(a1=release(100, **(FINE | {"success": 90.0})))
    assert (alone.grade, alone.said, alone.detail) == ("bad", "Only a1 was seen", "90 % operations succeed")


def test_without_names_of_releases_nothing_is_known() -> None:
    unnamed = answer_rollout(JUDGE, {"": release(100, **FINE)}, "/releases")
    assert (unnamed.grade, unnamed.said) == ("unknown", "No release is named")
    assert answer_rollout(JUDGE, {}, "/releases").said == "Nobody was seen"


def test_releases_beyond_the_cap_are_no_release() -> None:
    folded = answer_rollout(JUDGE, {OVERFLOW: release(100, **FINE), "a1": release(100, **FINE)}, "/releases")
    assert folded.said == "Only a1 was seen"
