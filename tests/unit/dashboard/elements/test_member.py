from collections.abc import Sequence

import pytest

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.catalogue.metrics import HEALTH_WEIGHTS, METRICS, METRICS_BY_PATH
from chatvitals.dashboard.elements.member import (
    Member,
    assess_member,
    background_of,
    member_fields,
    metrics_needed,
)
from chatvitals.dashboard.elements.table import Cell, Field
from chatvitals.query.comparison import Comparison, Standing, absent
from chatvitals.query.figures import Figure
from chatvitals.query.health import LOSS_PATH
from chatvitals.query.presence import Presence

BANDS = {metric.path: metric.bands for metric in METRICS if metric.bands}
RENDER = "performance.renders.p95Time"
NEEDED = metrics_needed(BANDS)


def standing(sessions: int = 10, **figures: Figure) -> Standing:
    """Figures are named by `render`, `lost` and `messages`; all others were not measured."""
    paths = {"render": RENDER, "lost": LOSS_PATH, "messages": "persistence.dataLoss.messages"}
    told = {paths[name]: figure for name, figure in figures.items()}
    return Standing({**absent(NEEDED).figures, **told}, Presence(100, sessions))


def member(now: Standing, before: Standing | None = None, value: str = "acme") -> Member:
    return assess_member("customer", Comparison(value, now, before), HEALTH_WEIGHTS, BANDS, 10)


def fields_of(*members: Member) -> dict[str, Field[Member]]:
    return {
        field.key: field for field in member_fields("customer", background_of(members, BANDS, 10, "the day before"))
    }


def cell(key: str, one: Member, others: Sequence[Member] = ()) -> Cell:
    return fields_of(one, *others)[key].cell(one)


def by(key: str, one: Member) -> object:
    order = fields_of(one)[key].by
    assert order is not None
    return order(one)


def test_losses_of_who_was_not_there_are_unknown() -> None:
    gone = member(absent(NEEDED))
    assert (cell("loss", gone).text, by("loss", gone)) == ("–", None)
    assert (cell("loss", member(standing())).text, by("loss", member(standing()))) == ("0", 0)


def test_all_that_is_shown_and_all_that_health_needs_is_asked_for_once() -> None:
    paths = [
        metric.path for metric in metrics_needed(BANDS, [METRICS_BY_PATH[RENDER], METRICS_BY_PATH["api.totalCalls"]])
    ]
    assert len(paths) == len(set(paths))
    assert {*BANDS, LOSS_PATH, "api.totalCalls"} <= set(paths)


@pytest.mark.parametrize(
    ("value", "name"), [("acme", "acme"), ("", "no customer named"), (OVERFLOW, "other customers")]
)
def test_a_member_is_called_and_sorted_by_its_name(value: str, name: str) -> None:
    one = member(standing(), value=value)
    assert (cell("customer", one).text, by("customer", one)) == (name, name)


def test_losses_tell_their_messages() -> None:
    one = member(standing(lost=Figure(1, 1, 1), messages=Figure(4, 1, 1)))
    assert cell("loss", one) == Cell("1", exact="1 data-loss incident, 4 messages lost", grade="bad", word="bad")
    assert cell("loss", member(standing())) == Cell("0", exact="no data loss")
    assert by("loss", one) == 1


def test_a_figure_has_its_grade_and_its_samples() -> None:
    slow = cell("render", member(standing(render=Figure(18.5, 1_200, 9))))
    assert (slow.text, slow.unit, slow.grade, slow.exact) == ("18.5", "ms", "warning", "18.5 ms, 1,200 samples")


def test_a_figure_of_too_few_samples_is_shown_as_unknown_and_sorted_as_unknown() -> None:
    few = member(standing(render=Figure(18.5, 9, 9)))
    assert (cell("render", few).text, cell("render", few).grade, by("render", few)) == ("18.5", "unknown", None)


def test_the_worst_is_what_a_column_shows_first() -> None:
    fields = fields_of(member(standing()))
    assert {key: field.first for key, field in fields.items() if field.by} == {
        "customer": "ascending",
        "health": "ascending",
        "change": "ascending",
        "loss": "descending",
        "persistence": "ascending",
        "restore": "descending",
        "render": "descending",
        "api": "descending",
        "sessions": "descending",
        "course": "descending",
    }


def test_health_before_makes_the_change() -> None:
    now, before = standing(render=Figure(40, 50, 5)), standing(render=Figure(5, 50, 5))
    moved = cell("change", member(now, before)).trend
    assert moved is not None
    assert (moved.text, by("change", member(now, before))) == ("−100", -100)
    assert cell("change", member(now)) == Cell("–", exact="unknown in one of the two")


def test_bars_are_against_the_busiest_and_shares_of_all() -> None:
    one, busiest = member(standing(sessions=25)), member(standing(sessions=75))
    shown = cell("sessions", one, [busiest])
    assert (shown.text, shown.share) == ("25", 33.3)
    assert shown.exact.startswith("25 % of 100 sessions")


def test_traffic_is_sorted_by_how_it_moved() -> None:
    doubled = member(standing(sessions=20), standing(sessions=10))
    assert by("course", doubled) == 2
    assert by("course", member(standing(), standing(sessions=0))) is None
    assert by("course", member(standing())) is None
