"""What reaches whom when, as stories: groups, repeats, silences, inhibition, times, acknowledgement, escalation."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.support.timeline import (
    Timeline,
    acknowledges,
    becomes,
    comes_back,
    configures,
    ends_silence,
    goes_away,
    jumps,
    opens,
    resolves,
    silences,
    timeline,
)

from chatvitals.notify.message import Reason
from chatvitals.store.control.incidents import EntryKind, Incidents

OPENED, CHANGED, REPEATED = Reason.OPENED, Reason.CHANGED, Reason.REPEATED
ESCALATED, RESOLVED = Reason.ESCALATED, Reason.RESOLVED

MINUTE, HOUR = 60.0, 3_600.0
ESCALATING = "route: {escalate: [{after: 15m, receiver: boss}, {after: 30m, receiver: chief}]}"

Stories = Callable[..., Timeline]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Stories]:
    with ExitStack() as stack:
        yield lambda routing="": stack.enter_context(timeline(tmp_path, routing))


# grouping


def test_a_group_waits_for_what_else_happens(story: Stories) -> None:
    it = story()
    it.at(1, opens("a"))
    it.at(5, opens("b"), opens("elsewhere", site="blog"), opens("other", rule="big"))
    it.want(11, 11.5, "default", OPENED, ["a", "b"])
    it.want(15, 15.5, "default", OPENED, ["elsewhere"])
    it.want(15, 15.5, "default", OPENED, ["other"])
    it.run(200)
    assert len({told.thread for told in it.told}) == 3


def test_what_is_critical_waits_for_nothing(story: Stories) -> None:
    it = story()
    it.at(1, opens("lost", "critical", rule="data-loss"))
    it.want(1, 1.5, "default", OPENED, ["lost"])
    it.run(200)


def test_further_critical_ones_of_a_group_come_together(story: Stories) -> None:
    it = story()
    it.at(1, opens("a", "critical"))
    it.at(2, opens("b", "critical"))
    it.at(200, opens("c", "critical"))
    it.want(1, 1.5, "default", OPENED, ["a"])
    it.want(301, 301.5, "default", CHANGED, ["a", "b", "c"])
    it.run(900)


def test_a_group_that_becomes_critical_says_so_at_once(story: Stories) -> None:
    it = story()
    it.at(1, opens("a"), opens("b"))
    it.at(20, becomes("a", "critical"))
    it.at(30, becomes("b", "critical"))
    it.at(40, becomes("a", "warning"), becomes("b", "warning"))
    it.at(50, becomes("a", "critical"))
    it.at(60, becomes("b", "critical"))
    it.want(11, 11.5, "default", OPENED, ["a", "b"])
    it.want(20, 20.5, "default", CHANGED, ["a", "b"])
    it.want(320, 320.5, "default", CHANGED, ["a", "b"])
    it.run(1_200)


def test_a_route_can_make_everything_wait(story: Stories) -> None:
    it = story("route: {atOnce: never, groupWait: 30s}")
    it.at(1, opens("a", "critical"))
    it.want(31, 31.5, "default", OPENED, ["a"])
    it.run(60)


def test_what_is_over_before_it_was_told_is_not_told(story: Stories) -> None:
    it = story()
    it.at(1, opens("a"))
    it.at(9, resolves("a"))
    it.at(500, opens("b"))
    it.at(505, opens("c"))
    it.at(506, resolves("b"))
    it.want(515, 515.5, "default", OPENED, ["c"])
    it.run(900)


def test_changes_are_told_once_an_interval(story: Stories) -> None:
    it = story()
    it.at(1, opens("a"))
    it.at(20, opens("b"))
    it.at(30, opens("c"))
    it.at(40, becomes("a", "error"))
    it.at(50, resolves("c"))
    it.want(11, 11.5, "default", OPENED, ["a"])
    it.want(311, 311.5, "default", CHANGED, ["a", "b"])
    it.run(900)


def test_a_group_is_told_to_have_resolved_once(story: Stories) -> None:
    it = story()
    it.at(1, opens("a"), opens("b"))
    it.at(100, resolves("a"))
    it.at(400, resolves("b"))
    it.want(11, 11.5, "default", OPENED, ["a", "b"])
    it.want(311, 311.5, "default", CHANGED, ["b"], ["a"])
    it.want(611, 611.5, "default", RESOLVED, [], ["b"])
    it.run(10 * HOUR / 10)
    assert len({told.thread for told in it.told}) == 1


def test_a_group_that_begins_again_has_a_new_thread(story: Stories) -> None:
    it = story()
    it.at(1, opens("a"))
    it.at(400, resolves("a"))
    it.at(401, opens("b"))
    it.want(11, 11.5, "default", OPENED, ["a"])
    it.want(400, 400.5, "default", RESOLVED, [], ["a"])
    it.want(411, 411.5, "default", OPENED, ["b"])
    it.run(600)
    first, over, second = it.told
    assert first.thread == over.thread != second.thread


def test_what_goes_on_is_repeated(story: Stories) -> None:
    it = story("route: {repeatInterval: 1h}")
    it.at(0, opens("a"))
    it.at(2 * HOUR, opens("b"))
    it.want(10, 10 + 0.5, "default", OPENED, ["a"])
    it.want(HOUR + 10, HOUR + 10 + 0.5, "default", REPEATED, ["a"])
    it.want(2 * HOUR, 2 * HOUR + 0.5, "default", CHANGED, ["a", "b"])
    it.want(3 * HOUR, 3 * HOUR + 0.5, "default", REPEATED, ["a", "b"])
    it.run(4 * HOUR - 60)


def test_several_routes_tell_several_receivers(story: Stories) -> None:
    it = story(
        """
route:
  routes:
    - {match: [severity=~error|critical], receiver: pager, groupWait: 0s, continue: true}
    - {match: [site=shop], receiver: mail, groupWait: 1m, atOnce: never}
"""
    )
    it.at(1, opens("a", "critical"), opens("b", "error", site="blog"), opens("c"), opens("d", site="blog"))
    it.want(1, 1.5, "pager", OPENED, ["a"])
    it.want(1, 1.5, "pager", OPENED, ["b"])
    it.want(11, 11.5, "default", OPENED, ["d"])
    it.want(61, 61.5, "mail", OPENED, ["a", "c"])
    it.run(200)


def test_who_was_told_is_told_the_end_wherever_it_is_routed_by_then(story: Stories) -> None:
    it = story("route: {receiver: mail, routes: [{match: [severity=critical], receiver: pager}]}")
    it.at(1, opens("a"))
    it.at(400, becomes("a", "critical"))
    it.at(800, becomes("a", "warning"))
    it.at(1_200, resolves("a"))
    it.want(11, 11.5, "mail", OPENED, ["a"])
    it.want(400, 400.5, "pager", OPENED, ["a"])
    it.want(1_200, 1_200.5, "mail", RESOLVED, [], ["a"])
    it.want(1_200, 1_200.5, "pager", RESOLVED, [], ["a"])
    it.run(2_000)


# silences and inhibition


def test_what_is_silenced_is_told_when_the_silence_ends(story: Stories) -> None:
    it = story()
    it.at(0, silences("customer=acme", for_s=100))
    it.at(1, opens("a", customer="acme"), opens("b", customer="globex"), opens("over", customer="acme"))
    it.at(50, resolves("over"))
    it.want(11, 11.5, "default", OPENED, ["b"])
    it.want(311, 311.5, "default", CHANGED, ["a", "b"])
    it.run(900)


def test_a_silence_alone_in_its_group(story: Stories) -> None:
    it = story()
    it.at(0, silences("severity=critical", for_s=60))
    it.at(1, opens("a", "critical"))
    it.want(60, 60.5, "default", OPENED, ["a"])
    it.run(200)


def test_an_end_that_is_silenced_is_told_after_the_silence(story: Stories) -> None:
    it = story()
    it.at(1, opens("a"))
    it.at(20, silences("rule=slow", for_s=2_000))
    it.at(400, resolves("a"))
    it.want(11, 11.5, "default", OPENED, ["a"])
    it.want(2_020, 2_020.5, "default", RESOLVED, [], ["a"])
    it.run(3_000)


def test_a_silence_that_is_ended_early_hides_no_more(story: Stories) -> None:
    it = story()
    it.at(0, silences("rule=slow", for_s=HOUR))
    it.at(1, opens("a"))
    it.at(100, ends_silence())
    it.want(100, 100.5, "default", OPENED, ["a"])
    it.run(200)


def test_what_follows_from_something_that_is_told_is_not_told(story: Stories) -> None:
    it = story("inhibit: [{source: [rule=down], target: [rule!=down], equal: [site]}]")
    it.at(1, opens("down", "critical", rule="down"), opens("a"), opens("b", site="blog"), opens("short", rule="big"))
    it.at(200, resolves("short"))
    it.at(600, resolves("down"))
    it.want(1, 1.5, "default", OPENED, ["down"])
    it.want(11, 11.5, "default", OPENED, ["b"])
    it.want(600, 600.5, "default", OPENED, ["a"])
    it.want(600, 600.5, "default", RESOLVED, [], ["down"])
    it.run(1_000)


# acknowledging and escalating


def test_what_is_acknowledged_is_neither_repeated_nor_escalated(story: Stories) -> None:
    it = story(ESCALATING)
    it.at(0, opens("a"))
    it.at(60, acknowledges("a"))
    it.at(9 * HOUR, opens("b"))
    it.at(9 * HOUR + 60, acknowledges("b"))
    it.at(20 * HOUR, resolves("a"), resolves("b"))
    it.want(10, 10 + 0.5, "default", OPENED, ["a"])
    it.want(9 * HOUR, 9 * HOUR + 0.5, "default", CHANGED, ["a", "b"])
    it.want(20 * HOUR, 20 * HOUR + 0.5, "default", RESOLVED, [], ["a", "b"])
    it.run(21 * HOUR)


def test_what_nobody_acknowledges_is_escalated_step_by_step(story: Stories) -> None:
    it = story(ESCALATING)
    it.at(0, opens("a"))
    it.at(3 * HOUR, resolves("a"))
    it.want(10, 10 + 0.5, "default", OPENED, ["a"])
    it.want(15 * MINUTE + 10, 15 * MINUTE + 10 + 0.5, "boss", ESCALATED, ["a"])
    it.want(30 * MINUTE + 10, 30 * MINUTE + 10 + 0.5, "chief", ESCALATED, ["a"])
    for receiver in ("default", "boss", "chief"):
        it.want(3 * HOUR, 3 * HOUR + 0.5, receiver, RESOLVED, [], ["a"])
    it.run(4 * HOUR)
    assert len({told.thread for told in it.told}) == 1


def test_an_acknowledgement_stops_the_next_step(story: Stories) -> None:
    it = story(ESCALATING)
    it.at(0, opens("a"))
    it.at(20 * MINUTE, acknowledges("a"))
    it.at(2 * HOUR, resolves("a"))
    it.want(10, 10 + 0.5, "default", OPENED, ["a"])
    it.want(15 * MINUTE + 10, 15 * MINUTE + 10 + 0.5, "boss", ESCALATED, ["a"])
    for receiver in ("default", "boss"):
        it.want(2 * HOUR, 2 * HOUR + 0.5, receiver, RESOLVED, [], ["a"])
    it.run(4 * HOUR)


def test_each_incident_of_a_group_waits_for_its_own_escalation(story: Stories) -> None:
    it = story("route: {escalate: [{after: 15m, receiver: boss}]}")
    it.at(0, opens("a"), opens("b"))
    it.at(60, acknowledges("b"))
    it.at(14 * MINUTE, opens("c"))
    it.at(HOUR, opens("d"))
    it.want(10, 10 + 0.5, "default", OPENED, ["a", "b"])
    it.want(14 * MINUTE, 14 * MINUTE + 0.5, "default", CHANGED, ["a", "b", "c"])
    it.want(15 * MINUTE + 10, 15 * MINUTE + 10 + 0.5, "boss", ESCALATED, ["a", "c"])
    it.want(HOUR, HOUR + 0.5, "default", CHANGED, ["a", "b", "c", "d"])
    it.want(HOUR + 15 * MINUTE, HOUR + 15 * MINUTE + 0.5, "boss", ESCALATED, ["d"])
    it.run(3 * HOUR)


def test_repeats_go_to_all_who_have_to_act(story: Stories) -> None:
    it = story("route: {repeatInterval: 1h, escalate: [{after: 15m, receiver: boss}]}")
    it.at(0, opens("a"))
    it.at(90 * MINUTE, acknowledges("a"))
    it.want(10, 10 + 0.5, "default", OPENED, ["a"])
    it.want(15 * MINUTE + 10, 15 * MINUTE + 10 + 0.5, "boss", ESCALATED, ["a"])
    it.want(HOUR + 10, HOUR + 10 + 0.5, "default", REPEATED, ["a"])
    it.want(HOUR + 10, HOUR + 10 + 0.5, "boss", REPEATED, ["a"])
    it.run(6 * HOUR)


def test_an_escalation_may_tell_the_same_receiver_again(story: Stories) -> None:
    it = story("route: {escalate: [{after: 5m, receiver: default}, {after: 10m, receiver: boss}]}")
    it.at(0, opens("a"))
    it.want(10, 10.5, "default", OPENED, ["a"])
    it.want(310, 310.5, "default", ESCALATED, ["a"])
    it.want(610, 610.5, "boss", ESCALATED, ["a"])
    it.run(HOUR)


def test_an_escalation_does_not_wait_during_a_silence(story: Stories) -> None:
    it = story("route: {escalate: [{after: 15m, receiver: boss}]}")
    it.at(0, opens("a"))
    it.at(60, silences("rule=slow", for_s=2 * HOUR))
    it.want(10, 10 + 0.5, "default", OPENED, ["a"])
    over = 60 + 2 * HOUR
    it.want(over + 15 * MINUTE, over + 15 * MINUTE + 0.5, "boss", ESCALATED, ["a"])
    it.run(3 * HOUR)


# times


NIGHTS = """
timeIntervals:
  - {name: nights, spans: [{times: ["20:00-24:00", "00:00-08:00"], timeZone: Europe/Berlin}]}
"""


def test_a_route_that_is_muted_tells_when_its_time_comes(story: Stories) -> None:
    it = story(f"{NIGHTS}\nroute: {{routes: [{{match: [severity=warning], muteTimes: [nights]}}]}}")
    it.at(8 * HOUR, opens("a"), opens("over"), opens("down", "critical", rule="down"))  # 21:00 in Berlin
    it.at(9 * HOUR, resolves("over"))
    it.want(8 * HOUR, 8 * HOUR + 0.5, "default", OPENED, ["down"])
    it.want(12 * HOUR, 12 * HOUR + 0.5, "default", REPEATED, ["down"])
    it.want(16 * HOUR, 16 * HOUR + 0.5, "default", REPEATED, ["down"])
    it.want(19 * HOUR, 19 * HOUR + 0.5, "default", OPENED, ["a"])
    it.run(19.5 * HOUR)


def test_a_route_is_active_in_its_times_only(story: Stories) -> None:
    it = story(f"{NIGHTS}\nroute: {{activeTimes: [nights], escalate: [{{after: 15m, receiver: boss}}]}}")
    it.at(0, opens("a"))  # 13:00 in Berlin
    it.at(19 * HOUR + 60, resolves("a"))  # 08:01
    it.want(7 * HOUR, 7 * HOUR + 0.5, "default", OPENED, ["a"])
    it.want(7.25 * HOUR, 7.25 * HOUR + 0.5, "boss", ESCALATED, ["a"])
    for hours in (11, 15):
        it.want(hours * HOUR, hours * HOUR + 0.5, "default", REPEATED, ["a"])
        it.want(hours * HOUR, hours * HOUR + 0.5, "boss", REPEATED, ["a"])
    for receiver in ("default", "boss"):
        it.want(31 * HOUR, 31 * HOUR + 0.5, receiver, RESOLVED, [], ["a"])
    it.run(40 * HOUR)


# servers that were away, clocks that jump, configurations that change


def test_a_server_that_was_away_tells_once_what_it_missed(story: Stories) -> None:
    it = story(ESCALATING.replace("{escalate", "{repeatInterval: 1h, escalate"))
    it.at(0, opens("a"), opens("b"))
    it.at(60, goes_away)
    it.at(100, resolves("b"), opens("c"), opens("d", site="blog"))
    it.at(101, opens("e", site="shed"))
    it.at(200, resolves("e"))
    it.at(5 * HOUR, comes_back)
    it.want(10, 10 + 0.5, "default", OPENED, ["a", "b"])
    it.want(5 * HOUR, 5 * HOUR + 0.5, "default", CHANGED, ["a", "c"], ["b"])
    it.want(5 * HOUR, 5 * HOUR + 0.5, "default", OPENED, ["d"])
    it.want(5 * HOUR, 5 * HOUR + 0.5, "boss", ESCALATED, ["a", "c"])
    it.run(5 * HOUR + 600)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_causes_no_storm(story: Stories, days: int) -> None:
    it = story()
    it.at(0, *(opens(f"{number:02}", site=f"site-{number}") for number in range(20)))
    it.at(60, jumps(days * 24 * HOUR))
    it.at(120, jumps(-days * 24 * HOUR))
    it.at(600, resolves("07"))
    for number in range(20):
        it.want(10, 10 + 0.5, "default", OPENED, [f"{number:02}"])
        it.want(60, 120, "default", REPEATED, [f"{number:02}"])
    it.want(600, 600 + 0.5, "default", RESOLVED, [], ["07"])
    it.run(4_000)


def test_a_clock_that_is_set_back_delays_nothing(story: Stories) -> None:
    it = story()
    it.at(0, opens("a"))
    it.at(5, jumps(-HOUR))
    it.at(20, opens("b"))
    it.want(5, 5 + 0.5, "default", OPENED, ["a"])
    it.want(305, 305 + 0.5, "default", CHANGED, ["a", "b"])
    it.run(1_000)


def test_a_clock_that_is_set_back_delays_no_escalation(story: Stories) -> None:
    it = story(ESCALATING)
    it.at(0, opens("a"))
    it.at(60, jumps(-10 * HOUR))
    it.want(10, 10.5, "default", OPENED, ["a"])
    it.want(60 + 15 * MINUTE, 60 + 15 * MINUTE + 0.5, "boss", ESCALATED, ["a"])
    it.want(60 + 30 * MINUTE, 60 + 30 * MINUTE + 0.5, "chief", ESCALATED, ["a"])
    it.run(2 * HOUR)


def test_routes_that_come_and_go_tell_nothing_twice(story: Stories) -> None:
    it = story("route: {routes: [{match: [site=shop], receiver: mail}]}")
    it.at(1, opens("a"), opens("b", site="blog"))
    it.at(
        100,
        configures(
            "route: {groupWait: 1s, routes: [{match: [severity=critical], receiver: pager},"
            " {match: [site=shop], receiver: mail}]}"
        ),
    )
    it.at(200, configures("route: {receiver: pager}"))
    it.at(600, resolves("a"))
    it.at(700, resolves("b"))
    it.want(11, 11.5, "mail", OPENED, ["a"])
    it.want(11, 11.5, "default", OPENED, ["b"])
    it.want(200, 200.5, "pager", OPENED, ["a"])  # new there, and not forgotten where it was told before
    it.want(200, 200.5, "pager", OPENED, ["b"])
    it.want(600, 600.5, "mail", RESOLVED, [], ["a"])
    it.want(600, 600.5, "pager", RESOLVED, [], ["a"])
    it.want(700, 700.5, "default", RESOLVED, [], ["b"])
    it.want(700, 700.5, "pager", RESOLVED, [], ["b"])
    it.run(1_000)


# timelines of incidents


def test_who_was_told_stands_in_the_timeline_of_the_incident(story: Stories) -> None:
    it = story("route: {escalate: [{after: 1m, receiver: boss}]}")
    it.at(1, opens("a"))
    it.at(400, resolves("a"))
    it.want(11, 11.5, "default", OPENED, ["a"])
    it.want(71, 71.5, "boss", ESCALATED, ["a"])
    it.want(400, 400.5, "default", RESOLVED, [], ["a"])
    it.want(400, 400.5, "boss", RESOLVED, [], ["a"])
    it.run(500)
    found = Incidents(it.database).get("a")
    assert found is not None
    lines = [(entry.kind, entry.words) for entry in found[1]]
    assert lines == [
        (EntryKind.NOTIFIED, "default: opened"),
        (EntryKind.NOTIFIED, "boss: escalated"),
        (EntryKind.NOTIFIED, "default: resolved"),
        (EntryKind.NOTIFIED, "boss: resolved"),
    ]
