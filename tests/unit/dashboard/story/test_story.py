"""What a session's events come to: the verdict, lanes, moments and ledger, for each way to lose something."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.dashboard.story.script import CONVERSATION, Script, said
from tests.unit.events import NOW_MS

from chatvitals.catalogue.kinds import KINDS
from chatvitals.dashboard.story.lanes import Stay
from chatvitals.dashboard.story.ledger import Span
from chatvitals.dashboard.story.moment import Sort
from chatvitals.dashboard.story.story import tell_events, tell_story
from chatvitals.dashboard.story.tellers import TELLERS


def test_every_kind_of_event_is_told() -> None:
    assert set(TELLERS) == set(KINDS.values())


def came_from(page: str) -> dict[str, Any]:
    """The field of a navigation whose name is a keyword."""
    return {"from": page}


def lost_across_pages() -> Script:
    """Two messages are acknowledged, but can't be saved; the next page doesn't find them."""
    script = Script()
    for ordinal in range(14, 16):
        at = 1_000 + 1_000 * ordinal
        script.message(at, "sent", ordinal, page="/cart")
        script.message(at + 10, "rendered", ordinal, page="/cart")
        script.save(at + 12, "QuotaExceededError", page="/cart")
        script.message(at + 200, "acked", ordinal, latency=200, page="/cart")
    script.say(18_000, "sdk", recorded=8, sent=8, page="/cart")
    script.say(18_900, "navigation", tab=2, page="/checkout", type="hard", preserved=False, **came_from("/cart"))
    script.loss(19_012, "restore", 2, 14, tab=2, page="/checkout", errorType="RolledBack")
    return script


def test_a_loss_over_a_page_change_is_told_in_one_sentence() -> None:
    verdict = lost_across_pages().story().verdict
    assert verdict.words == (
        "2 messages (ordinals 14 to 15) were acknowledged by the server and were not found at restore"
        " on /checkout, Safari 17, 3 s after a failed save (the storage is full)."
    )
    assert (verdict.grade, verdict.more) == ("bad", "")


def test_the_page_that_came_from_another_goes_on_in_its_lane() -> None:
    (lane,) = lost_across_pages().story().lanes
    assert [stay.page for stay in lane.stays] == ["/cart", "/checkout"]


def test_the_ledger_marks_what_is_lost_and_how_far_it_had_come() -> None:
    (conversation,) = lost_across_pages().story().conversations
    assert conversation.id == CONVERSATION
    (run,) = conversation.runs
    assert (run.span, run.lost_at) == (Span(14, 15), "restore")
    assert run.told == {"sent": 2, "stored": 0, "acked": 2, "received": 0, "rendered": 2}


def test_failing_saves_say_for_how_long_nothing_was_kept() -> None:
    script = Script()
    script.save(0)
    script.save(1_000, "QuotaExceededError")
    script.save(2_000, "QuotaExceededError")
    script.save(4_200)
    script.save(5_000, "SecurityError")
    meanings = [moment.meaning for moment in script.story().moments]
    assert meanings == [
        "",
        "Nothing was kept until a save succeeded 3.2 s later.",
        "",
        "",
        "From here on nothing was kept.",
    ]


@pytest.mark.parametrize(
    ("hop", "words"),
    [
        ("save", "3 messages (ordinals 4 to 6) were received and could not be saved on /, Safari 17."),
        ("restore", "3 messages (ordinals 4 to 6) were received and were not found at restore on /, Safari 17."),
        ("sync", "3 messages (ordinals 4 to 6) were received and were overwritten by another tab on /, Safari 17."),
        ("render", "3 messages (ordinals 4 to 6) were received and never came on screen on /, Safari 17."),
        ("delivery", "3 messages (ordinals 4 to 6) were received and never came to this browser on /, Safari 17."),
    ],
)
def test_each_hop_has_its_words_and_its_mark_in_the_ledger(hop: str, words: str) -> None:
    script = Script()
    for ordinal in range(10):
        script.message(100 * ordinal, "received", ordinal)
    script.loss(2_000, hop, 3, 4)
    story = script.story()
    assert story.verdict.words == words
    runs = story.conversations[0].runs
    assert [(str(run.span), run.lost_at) for run in runs] == [("0 to 3", ""), ("4 to 6", hop), ("7 to 9", "")]


def test_one_message_is_one() -> None:
    script = Script()
    script.loss(0, "restore", 1, 7)
    assert script.story().verdict.words == "1 message (ordinal 7) was not found at restore on /, Safari 17."


def test_of_a_loss_with_holes_only_what_did_not_come_is_lost() -> None:
    script = Script()
    for ordinal in (0, 1, 3, 5):
        script.message(ordinal, "received", ordinal)
    script.loss(10_000, "delivery", 3, 2, lastSeq=6)
    story = script.story()
    assert story.verdict.words.startswith("3 messages (among ordinals 2 to 6) never came to this browser")
    lost = [str(run.span) for run in story.conversations[0].runs if run.lost_at]
    assert lost == ["2", "4", "6"]


def test_a_loss_that_is_told_at_each_start_is_lost_once() -> None:
    script = Script()
    for start in range(3):
        script.loss(start, "restore", 5, 0)
        script.loss(start, "delivery", 2, 20, lastSeq=29)
    (conversation,) = script.story().conversations
    assert conversation.lost == 7
    assert [incident.times for incident in conversation.incidents] == [3, 3]


def test_a_loss_without_ordinals_is_told_all_the_same() -> None:
    script = Script()
    script.loss(0, "restore", 4, errorType="Evicted")
    story = script.story()
    assert story.verdict.words == "4 messages were not found at restore on /, Safari 17."
    assert "isn't told" in story.moments[0].meaning
    assert story.conversations[0].lost == 4


def test_a_loss_of_two_billion_ordinals_is_no_trouble() -> None:
    script = Script()
    script.message(0, "sent", 3)
    script.loss(1, "restore", 2_000_000_000, 0)
    (conversation,) = script.story().conversations
    assert [(run.span.first, run.span.last) for run in conversation.runs] == [(0, 1_999_999_999)]


def test_what_was_lost_beyond_the_first_incident_is_counted() -> None:
    script = Script()
    script.loss(0, "save", 1, 3)
    script.loss(5, "restore", 2, 8)
    assert script.story().verdict.more == "Beyond that, 2 messages were told as lost."


def test_two_tabs_are_two_lanes_and_one_order() -> None:
    script = Script()
    for at in range(0, 600, 200):
        script.say(at, "render", tab=1, renderTime=5)
        script.say(at + 100, "tabSync", tab=2, page="/other", latency=9, success=True)
    story = script.story()
    assert [moment.lane for moment in story.moments] == [1, 2] * 3
    assert [moment.after_ms for moment in story.moments] == [0, 100, 200, 300, 400, 500]
    assert [lane.stays for lane in story.lanes] == [
        (Stay("/", NOW_MS, NOW_MS + 400),),
        (Stay("/other", NOW_MS + 100, NOW_MS + 500),),
    ]


def test_the_back_end_has_a_lane_a_clock_and_a_stage_of_its_own() -> None:
    script = Script()
    script.message(0, "sent", 0, skew_ms=60_000)
    script.back_end_has(40, 0)
    script.back_end_has(900, 1)
    script.message(100, "acked", 0, skew_ms=60_000)
    story = script.story()
    assert [lane.name for lane in story.lanes] == ["Tab 1", "Back end"]
    assert said(story.moments) == [
        "message 0 sent",
        "the back end has message 0",
        "message 0 acknowledged by the server",
        "the back end has message 1",
    ]
    runs = story.conversations[0].runs
    assert [(str(run.span), run.fate) for run in runs] == [
        ("0", "arrived, not told to be on screen"),
        ("1", "at the back end, not told to have come here"),
    ]
    assert not any("without ordinals" in remark for remark in story.remarks)


def test_a_page_whose_origin_nobody_told_begins_a_lane_of_its_own() -> None:
    script = Script()
    script.say(0, "render", tab=1, page="/a", renderTime=5)
    script.say(5_000, "render", tab=2, page="/b", renderTime=5)
    script.say(9_000, "navigation", tab=3, page="/c", type="hard", preserved=True, **came_from("/a"))
    assert [[stay.page for stay in lane.stays] for lane in script.story().lanes] == [["/a", "/c"], ["/b"]]


def test_a_page_does_not_go_on_from_one_that_is_still_there() -> None:
    script = Script()
    script.say(0, "render", tab=1, page="/a", renderTime=5)
    script.say(5_000, "navigation", tab=2, page="/b", type="hard", preserved=True, **came_from("/a"))
    script.say(20_000, "render", tab=1, page="/a", renderTime=5)
    assert len(script.story().lanes) == 2


def test_one_clock_orders_what_deliveries_corrected_apart() -> None:
    """The client's clock is an hour slow; the second delivery took 300 ms longer, and would overtake the third."""
    script, hour = Script(), 3_600_000
    script.say(1_000, "boot", stage="requested", skew_ms=hour)
    script.say(2_300, "boot", stage="frame", skew_ms=hour + 300)
    script.say(2_200, "boot", stage="ready", skew_ms=hour)
    story = script.story()
    assert said(story.moments) == [
        "the page asked for the widget",
        "the widget's frame was there",
        "the widget was ready",
    ]
    assert [moment.after_ms for moment in story.moments] == [0, 1_000, 1_200]
    assert any("1 h behind" in remark for remark in story.remarks)


def test_a_clock_that_was_set_meanwhile_is_not_one_clock() -> None:
    script = Script()
    script.say(0, "boot", stage="requested")
    script.say(5_000, "boot", stage="ready", skew_ms=7_200_000)
    story = script.story()
    assert story.moments[1].after_ms == 5_000
    assert any("clock was set" in remark for remark in story.remarks)


def test_missing_ordinals_are_gaps_where_they_are_missing() -> None:
    script = Script()
    script.say(0, "render", seq=2, renderTime=5)
    script.say(100, "render", seq=3, renderTime=5)
    script.say(900, "render", seq=8, renderTime=5)
    story = script.story()
    gaps = [
        (moment.after_ms, moment.until_ms - moment.at_ms, moment.words)
        for moment in story.moments
        if moment.sort is Sort.GAP
    ]
    assert gaps == [
        (0, 0, "2 events missing here: events 0 to 1 of this tab did not come"),
        (100, 800, "4 events missing here: events 4 to 7 of this tab did not come"),
    ]
    assert story.moments[0].sort is Sort.GAP
    assert any(remark.startswith("6 events are missing") for remark in story.remarks)
    assert (story.verdict.grade, story.verdict.words) == ("", "Nothing is told that went wrong.")


def test_each_tab_has_ordinals_of_its_own() -> None:
    script = Script()
    for at in range(10):
        script.say(at, "render", tab=1 + at % 2, renderTime=5)
    assert not script.story().gaps


def test_a_later_part_of_a_session_lacks_nothing_at_its_start_and_says_what_it_is() -> None:
    script = Script()
    script.say(0, "render", seq=5_000, renderTime=5)
    story = tell_story(script.record(offset=5_000, total=7_001))
    assert not story.gaps
    assert story.remarks[0].startswith("These are events 5,001 to 5,001 of 7,001")
    assert story.verdict.grade == ""


def test_events_without_ordinals_or_visibility_say_so() -> None:
    script = Script()
    script.say(0, "render", seq=-1, renderTime=5)
    remarks = " ".join(script.story().remarks)
    assert "without ordinals" in remarks
    assert "Nothing tells when these pages were hidden or left" in remarks


def test_the_sdks_account_tells_that_a_page_was_left() -> None:
    script = Script()
    script.say(0, "sdk", recorded=9, sent=7, dropped={"full": 2})
    story = script.story()
    assert said(story.moments) == ["the page was hidden or left"]
    assert story.moments[0].meaning == "The SDK dropped 2 events since its account before (full)."
    assert not story.remarks


def huge() -> Script:
    """5,000 events of one page, of which the 4,000th save and all after it fail."""
    script = Script()
    for place in range(0, 5_000, 5):
        script.say(100 * place, "render", renderTime=5)
        script.message(100 * place + 1, "rendered", place)
        script.save(100 * place + 2, "QuotaExceededError" if place >= 4_000 else "")
        script.say(100 * place + 3, "api", endpoint="/api/messages", method="POST", duration=80, success=True)
        script.say(100 * place + 4, "tabSync", tab=2, latency=9, success=True)
    return script


def test_a_huge_session_is_folded_into_runs_that_lose_nothing() -> None:
    story = huge().story()
    assert len(story.moments) < 20
    assert sum(moment.count for moment in story.moments) == 5_000
    assert "801 renders: 5 ms in the middle, 5 ms at most" in said(story.moments)
    failing = next(moment for moment in story.moments if moment.grade == "bad")
    assert (failing.count, failing.after_ms) == (1, 400_002)
    assert failing.meaning == "From here on nothing was kept."
    assert "199 failed saves to localStorage: QuotaExceededError, the storage is full" in said(story.moments)


def test_unfolded_it_is_told_event_by_event() -> None:
    moments = tell_events(huge().record())
    assert len(moments) == 5_000
    assert [moment.at_ms for moment in moments] == sorted(moment.at_ms for moment in moments)


def test_moments_stay_few_where_pages_change_all_the_time() -> None:
    script = Script()
    for place in range(1_000):
        page = f"/page/{place % 7}"
        script.say(100 * place, "navigation", page=page, type="soft", preserved=True)
        script.say(100 * place + 1, "render", page=page, renderTime=place % 40)
    moments = script.story().moments
    assert len(moments) < 400
    assert sum(moment.count for moment in moments) == 2_000


def test_a_quiet_session_is_good_and_a_stumbling_one_says_at_what() -> None:
    script = Script()
    script.say(0, "boot", stage="ready", duration=300)
    assert script.story().verdict.grade == "good"
    script.say(1_000, "api", endpoint="/api/x", success=False, duration=90, status=503)
    script.say(2_000, "restoration", success=False, duration=90, identityMatches=False)
    script.say(3_000, "api", endpoint="/api/y", success=False, duration=90)
    verdict = script.story().verdict
    assert verdict.grade == "bad"
    assert verdict.words == "Somebody else's conversation was restored on /, Safari 17. No message is told as lost."
    assert verdict.more == "Beyond that: 2 failed calls."


def test_the_story_is_the_same_whatever_order_the_events_come_in() -> None:
    record = lost_across_pages().record()
    backwards = replace(record, events=record.events[::-1])
    assert tell_story(backwards) == tell_story(record)
