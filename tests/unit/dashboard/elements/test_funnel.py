from chatvitals.dashboard.elements.funnel import Stage, make_steps


def test_each_step_is_told_of_all_and_of_the_step_before() -> None:
    asked, ran, ready = make_steps([Stage("a", "", 200, ()), Stage("b", "", 150, ()), Stage("c", "", 75, ())], "start")
    assert (asked.of_before, asked.lost, asked.width) == (None, None, 100)
    assert ran.of_before is not None
    assert ran.lost is not None
    assert (ran.of_before.said, ran.of_all.said, ran.lost.text) == ("75 %", "75 %", "50")
    assert ready.of_before is not None
    assert (ready.of_before.said, ready.of_all.said, ready.width) == ("50 %", "37.5 %", 37.5)
    assert ready.words == "75 starts, 37.5 % of all"


def test_of_nothing_no_share_is_known() -> None:
    first, second = make_steps([Stage("a", "", 0, ()), Stage("b", "", 0, ())], "start")
    assert (first.of_all.text, second.width) == ("–", 0)
    assert second.of_before is not None
    assert second.of_before.text == "–"
    assert make_steps([], "start") == ()
