"""The drawing of a session: where times are on its axis, and that it has a mark for each moment."""

import re
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.dashboard.story.script import Script

from chatvitals.dashboard.elements.time_axis import IDLE_MS, MOST_BREAKS, TICK_WIDTH, make_axis
from chatvitals.dashboard.elements.timeline import MOST_LANES, Timeline, draw_timeline

UTC = ZoneInfo("UTC")
TIMES = st.lists(st.integers(0, 10**9), min_size=1, max_size=60).map(sorted)


def draw(script: Script) -> Timeline:
    return draw_timeline(script.story(), UTC, lambda place: f"#moment-{place}")


@given(TIMES)
def test_times_keep_their_order_and_stay_on_the_drawing(times: list[int]) -> None:
    axis = make_axis(times, 100, 1_000)
    places = [axis.x(time) for time in times]
    assert places == sorted(places)
    assert places[0] >= 100
    assert places[-1] <= 1_000.1


@given(TIMES)
def test_ticks_can_be_read_and_are_where_their_times_are(times: list[int]) -> None:
    axis = make_axis(times, 100, 1_000)
    ticks = axis.ticks()
    assert ticks
    assert all(after[0] - before[0] >= TICK_WIDTH for before, after in pairwise(ticks))
    assert all(axis.x(at_ms) == x for x, at_ms in ticks)


def test_idle_time_is_a_break_and_says_how_long() -> None:
    axis = make_axis([0, 1_000, 2_000, 2_000 + IDLE_MS + 1, 2_000 + IDLE_MS + 1_001], 0, 1_000)
    ((_, idle_ms),) = axis.breaks()
    assert idle_ms == IDLE_MS + 1
    assert axis.x(1_000) - axis.x(0) > 100


def test_only_the_longest_idle_times_are_breaks() -> None:
    times = [IDLE_MS * place * place for place in range(20)]
    axis = make_axis(times, 0, 1_000)
    assert [idle_ms for _, idle_ms in axis.breaks()] == [
        IDLE_MS * (2 * place + 1) for place in range(19 - MOST_BREAKS, 19)
    ]


def test_a_single_moment_has_a_place() -> None:
    script = Script()
    script.say(0, "boot", stage="ready")
    drawing = draw(script)
    assert len(drawing.marks) == 1
    assert drawing.ticks[0].text == "12:00:00"


def test_each_moment_has_a_mark_that_leads_to_it_in_its_own_lane() -> None:
    script = Script()
    script.say(0, "boot", stage="ready")
    script.save(1_000, "QuotaExceededError")
    script.say(1_500, "render", tab=2, renderTime=50)
    drawing = draw(script)
    assert [(mark.href, mark.grade) for mark in drawing.marks] == [
        ("#moment-0", "good"),
        ("#moment-1", "bad"),
        ("#moment-2", "warning"),
    ]
    heights = [float(re.match(r"M[\d.]+ ([\d.]+)", mark.path).group(1)) for mark in drawing.marks]  # type: ignore[union-attr]
    assert heights[2] > heights[1] + 50
    assert [name.text for name in drawing.names if name.text.startswith("Tab")] == ["Tab 1", "Tab 2"]
    assert drawing.marks[1].words == "1 s: save to localStorage failed: QuotaExceededError, the storage is full"


def test_losses_cross_all_lanes_and_gaps_are_boxes() -> None:
    script = Script()
    script.say(0, "render", renderTime=5)
    script.say(1_000, "render", seq=9, renderTime=5)
    script.loss(2_000, "restore", 1)
    drawing = draw(script)
    assert len(drawing.losses) == 1
    (gap,) = drawing.gaps
    assert gap.words.startswith("8 events missing")
    assert gap.width > 100


def test_very_many_tabs_are_left_to_the_list() -> None:
    script = Script()
    for tab in range(1, MOST_LANES + 4):
        script.say(tab, "render", tab=tab, renderTime=5)
    drawing = draw(script)
    assert drawing.more == 3
    assert len(drawing.marks) == MOST_LANES
