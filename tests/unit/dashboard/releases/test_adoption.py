from chatvitals.dashboard.elements.chart import Line
from chatvitals.dashboard.releases.adoption import draw_adoption
from chatvitals.query.figures import GroupKey
from chatvitals.query.presence import Presence
from chatvitals.query.request import Window

THERE: dict[GroupKey, Presence] = {
    (0, ("1",)): Presence(9, 3),
    (0, ("2",)): Presence(9, 1),
    (2, ("2",)): Presence(9, 2),
    (2, ("",)): Presence(9, 2),
}


def test_a_line_is_the_share_of_all_sessions_and_a_step_without_any_is_a_gap() -> None:
    chart = draw_adoption(THERE, Window(1_000, 4_000), 1_000, ["1", "2"], "UTC")
    assert chart.times == (1_000, 2_000, 3_000)
    assert chart.lines == (
        Line("1", "part", (75, None, 0), (3, 0, 0)),
        Line("2", "part", (25, None, 50), (1, 0, 2)),
    )


def test_one_that_was_never_there_has_had_no_share() -> None:
    (line,) = draw_adoption(THERE, Window(1_000, 4_000), 1_000, ["3"], "UTC").lines
    assert line.values == (0, None, 0)
