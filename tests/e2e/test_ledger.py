"""The ledger: every planted loss is told with its count and hop, once; where nothing was lost nothing is told."""

from operator import itemgetter
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.e2e.visits import told, visit
from tests.support.server import Server, wait_until

_OPEN = """(options) => {
    const area = options.indexedDB
        ? chatvitals.indexedDbArea("widget")
        : chatvitals.measureStorage(handle, () => localStorage);
    window.ledger = chatvitals.keepConversation(handle, {id: "c-1", name: "chat", area, ...options});
    window.ids = (from, to) => Array.from({length: to - from + 1}, (_, i) => `m-${from + i}`);
    window.save = (from, to) => ledger.save(`messages ${from} to ${to}`, ids(from, to));
}"""


def opened(
    browsing: BrowserContext, host: str, server: Server, site: str, *, policy: str = "persist", **options: Any
) -> Page:
    """A visit with the ledger of one conversation on it."""
    page = visit(browsing, host, server, site, policy=policy)
    page.evaluate(_OPEN, options)
    return page


def restored(page: Page, expected: int | None = None) -> tuple[str | None, int]:
    """The content that the ledger gives back, and how many messages it misses."""
    found = page.evaluate("(expected) => ledger.restore(expected ?? undefined)", expected)
    return found["content"], found["lost"]


class Visits:
    """One visitor's visits to a page with the ledger, and what the server was told of them."""

    def __init__(self, browsing: BrowserContext, host: str, server: Server, site: str) -> None:
        self.browsing, self.host, self.server, self.site = browsing, host, server, site
        self._ended = 0

    def __call__(self, **options: Any) -> Page:
        return opened(self.browsing, self.host, self.server, self.site, **options)

    def told(self, page: Page, kind: str = "loss") -> list[dict[str, Any]]:
        """All events of a kind, once everything that this page recorded is stored."""
        page.evaluate("handle.trackError({type: 'TheLast'}); handle.shutdown()")
        self._ended += 1
        ends = self._ended

        def stored() -> list[dict[str, Any]] | None:
            events = self.server.export(self.site)
            return events if sum(event["kind"] == "error" for event in events) == ends else None

        events = wait_until(stored, "the page's last event is stored")
        return sorted((event for event in events if event["kind"] == kind), key=itemgetter("timestamp", "seq"))

    def lost(self, page: Page) -> list[tuple[str, int, str | None]]:
        """Hop, count and cause of every loss."""
        return [(event["hop"], event["lost"], event.get("errorType")) for event in self.told(page)]


@pytest.fixture
def visits(browsing: BrowserContext, host: str, server: Server, site: str) -> Visits:
    return Visits(browsing, host, server, site)


@pytest.mark.parametrize("indexed", [False, True])
def test_what_was_saved_is_found_again(visits: Visits, indexed: bool) -> None:
    page = visits(indexedDB=indexed)
    page.evaluate("ledger.restore().then(() => save(1, 2)).then(() => save(1, 5))")
    page.close()
    page = visits(indexedDB=indexed)
    assert restored(page) == ("messages 1 to 5", 0)
    page.evaluate("save(3, 6)")  # the oldest two are let go
    page.close()
    page = visits(indexedDB=indexed)
    assert restored(page) == ("messages 3 to 6", 0)
    told = visits.told(page, "restoration")
    assert [(event["success"], event["expected"], event["restored"]) for event in told] == [
        (True, 5, 5),
        (True, 4, 4),
    ]
    assert visits.lost(visits()) == []


def test_content_that_another_script_removed(visits: Visits) -> None:
    page = visits()
    page.evaluate("save(1, 7)")
    page.evaluate("localStorage.removeItem('chat')")
    page.close()
    page = visits()
    assert restored(page) == (None, 7)
    page.close()
    page = visits()
    assert restored(page) == (None, 0), "it is told once"
    assert visits.lost(page) == [("restore", 7, "Evicted")]


@pytest.mark.parametrize(
    ("harm", "cause"),
    [
        ("text => text.slice(0, -3)", "Torn"),
        ("text => text.replace('messages', 'massages')", "Corrupt"),
    ],
)
def test_content_that_was_damaged(visits: Visits, harm: str, cause: str) -> None:
    page = visits()
    page.evaluate("save(1, 4)")
    page.evaluate(f"localStorage.chat = ({harm})(localStorage.chat)")
    page.close()
    page = visits()
    assert restored(page) == (None, 4)
    assert visits.lost(page) == [("restore", 4, cause)]


def test_content_that_is_older_than_it_was(visits: Visits) -> None:
    page = visits()
    page.evaluate("save(1, 4)")
    page.evaluate("{ const old = localStorage.chat; save(1, 9); localStorage.chat = old }")
    page.close()
    page = visits()
    assert restored(page) == ("messages 1 to 4", 5)
    assert visits.lost(page) == [("restore", 5, "RolledBack")]


@pytest.mark.parametrize("first", [True, False])
def test_a_crash_between_intent_and_content(visits: Visits, first: bool) -> None:
    page = visits()
    if not first:
        page.evaluate("save(1, 4)")
    page.evaluate(
        """() => {
            const set = Storage.prototype.setItem;
            Storage.prototype.setItem = function (name, value) {
                if (name === "chat") throw Object.assign(new Error(), {crashed: Storage.prototype.setItem = () => {}});
                set.call(this, name, value);
            };
            save(1, 6).catch(() => {});
        }"""
    )
    page.close()
    page = visits()
    assert restored(page) == (None if first else "messages 1 to 4", 6 if first else 2)
    assert visits.lost(page) == [("save", 6 if first else 2, "Interrupted")]


def test_a_crash_after_the_content_loses_nothing(visits: Visits) -> None:
    page = visits()
    page.evaluate(
        """() => {
            const set = Storage.prototype.setItem;
            Storage.prototype.setItem = function (name, value) {
                set.call(this, name, value);
                if (name === "chat") Storage.prototype.setItem = () => {};
            };
            save(1, 6);
        }"""
    )
    page.close()
    page = visits()
    assert restored(page) == ("messages 1 to 6", 0)
    assert visits.lost(page) == []


_FILL = """() => {
    let text = "x".repeat(1 << 20);
    for (let i = 0; text; i++) {
        try { localStorage.setItem(`full${i}`, text) } catch { text = text.slice(text.length / 2 + 1) }
    }
}"""


def test_a_full_storage(visits: Visits) -> None:
    page = visits()
    page.evaluate("save(1, 3)")
    page.evaluate(_FILL)
    refused = "ledger.save('x'.repeat(5000), ids(1, 8)).then(() => null, (error) => error.name)"
    assert page.evaluate(refused) == "QuotaExceededError", "the widget is told what the storage said"
    page.close()
    page = visits()
    assert restored(page) == ("messages 1 to 3", 5)
    assert visits.lost(page) == [("save", 5, "QuotaExceededError")]


def test_a_full_storage_that_has_room_again_loses_nothing(visits: Visits) -> None:
    page = visits()
    page.evaluate("save(1, 3)")
    page.evaluate(_FILL)
    page.evaluate("ledger.save('x'.repeat(5000), ids(1, 8)).catch(() => {})")
    page.evaluate(
        "Object.keys(localStorage).forEach((name) => name.startsWith('full') && localStorage.removeItem(name))"
    )
    page.evaluate("save(1, 9)")
    page.close()
    page = visits()
    assert restored(page) == ("messages 1 to 9", 0)
    assert visits.lost(page) == []


def test_a_blocked_storage(visits: Visits) -> None:
    """Nothing can be noted for the next start, so the page tells what it could not keep when it goes."""
    visits.browsing.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page = visits()
    assert restored(page) == (None, 0)
    assert page.evaluate("save(1, 3).catch((error) => error.name)") == "SecurityError"
    page.goto(f"{visits.host}/other.html")
    told(visits.server, visits.site, "loss")
    assert visits.lost(visits()) == [("save", 3, "SecurityError")]


def test_a_storage_that_was_wiped(visits: Visits) -> None:
    page = visits()
    page.evaluate("save(1, 3)")
    page.evaluate("localStorage.clear()")
    page.close()
    page = visits()
    assert restored(page) == (None, 0), "the browser alone can't know"
    assert restored(page, 3) == (None, 3)
    assert visits.lost(page) == [("restore", 3, "Wiped")]


def test_a_tab_that_overwrites_what_another_one_saved(visits: Visits) -> None:
    one = visits()
    one.evaluate("save(1, 3)")
    two = visits()
    two.evaluate("ledger.restore().then(() => save(1, 5))")
    one.evaluate("ledger.save('stale', [...ids(1, 3), 'm-9'])")
    one.clock.run_for(3_000)
    assert visits.lost(one) == [("sync", 2, "StaleTab")]


def test_what_a_page_overwrote_is_told_when_it_goes(visits: Visits) -> None:
    one = visits()
    one.evaluate("save(1, 3)")
    two = visits()
    two.evaluate("ledger.restore().then(() => save(1, 5))")
    one.evaluate("ledger.save('stale', [...ids(1, 3), 'm-9'])")
    one.goto(f"{visits.host}/other.html")
    told(visits.server, visits.site, "loss")
    assert visits.lost(two) == [("sync", 2, "StaleTab")]


def test_tabs_that_say_something_at_the_same_moment_lose_nothing(visits: Visits) -> None:
    """Each overwrites the other's message before it hears of it, and has both a moment later."""
    one, two = visits(), visits()
    one.evaluate("save(1, 3)")
    two.evaluate("ledger.restore()")
    one.evaluate("ledger.save('one', [...ids(1, 3), 'm-4'])")
    two.evaluate("ledger.save('two', [...ids(1, 3), 'm-5'])")
    two.evaluate("save(1, 5)")
    two.clock.run_for(3_000)
    assert visits.lost(two) == []


def test_tabs_that_take_over_each_others_messages_lose_nothing(visits: Visits) -> None:
    one, two = visits(), visits()
    for upto in range(1, 20, 2):
        one.evaluate(f"save(1, {upto})")
        two.evaluate(f"save(1, {upto + 1})")
    assert visits.lost(one) == []


@pytest.mark.parametrize("indexed", [False, True])
def test_a_start_in_the_middle_of_another_tabs_saves(visits: Visits, indexed: bool) -> None:
    writer, reader = visits(indexedDB=indexed), visits(indexedDB=indexed)
    writer.evaluate("() => { window.last = Promise.resolve(); for (let i = 1; i < 200; i++) last = save(1, i) }")
    found = [restored(reader)[1] for _ in range(20)]
    writer.evaluate("last")
    assert found == [0] * 20
    assert visits.lost(reader) == []


def test_a_conversation_that_was_ended_is_not_lost(visits: Visits) -> None:
    page = visits()
    page.evaluate("save(1, 3).then(() => ledger.clear())")
    page.close()
    page = visits()
    assert restored(page) == (None, 0)
    assert visits.lost(page) == []


def test_another_persons_conversation(visits: Visits) -> None:
    page = visits(identity="ada")
    page.evaluate("save(1, 3)")
    page.close()
    page = visits(identity="ada")
    assert page.evaluate("ledger.restore()")["identityMatches"] is True
    page.close()
    page = visits(identity="bob")
    assert page.evaluate("ledger.restore()")["identityMatches"] is False
    matches = [event["identityMatches"] for event in visits.told(page, "restoration")]
    assert matches == [True, False]


@pytest.mark.parametrize("policy", ["session", "ephemeral"])
def test_a_loss_is_a_loss_against_the_policy(visits: Visits, policy: str) -> None:
    """The session's end takes the marks of the session along; without a promise there are none."""
    page = visits(policy=policy)
    page.evaluate("handle.interacted()")
    page.evaluate("save(1, 3)")
    page.evaluate("localStorage.removeItem('chat')")
    page.close()
    page = visits(policy=policy)
    assert restored(page) == (None, 0)
    assert visits.lost(page) == []


def test_within_the_session_it_is_one(visits: Visits) -> None:
    page = visits(policy="session")
    page.evaluate("handle.interacted()")
    page.evaluate("save(1, 3)")
    page.evaluate("localStorage.removeItem('chat')")
    page.evaluate(_OPEN, {})
    assert restored(page) == (None, 3)
    assert visits.lost(page) == [("restore", 3, "Evicted")]


def test_a_clock_that_jumps_loses_nothing(visits: Visits) -> None:
    page = visits()
    page.clock.set_system_time("2031-01-01")
    page.evaluate("save(1, 3)")
    page.clock.set_system_time("2020-01-01")
    page.evaluate("save(1, 4)")
    page.evaluate(_OPEN, {})
    assert restored(page) == ("messages 1 to 4", 0)


def test_who_declines_keeps_no_ledger(visits: Visits) -> None:
    page = visits()
    page.evaluate("save(1, 3)")
    page.evaluate("handle.setConsent(false)")
    page.evaluate("save(1, 4)")
    assert page.evaluate("({...localStorage})") == {"chat": "messages 1 to 4"}


def test_no_content_and_no_id_is_in_the_ledger(visits: Visits) -> None:
    page = visits(identity="ada@example.org")
    page.evaluate("ledger.save('secret', ['m-1', 'm-2'])")
    noted = page.evaluate("localStorage['chat:ledger'] + localStorage.chat.split('\\n')[0]")
    for word in ("secret", "ada", "example", "m-1", "c-1"):
        assert word not in noted


_SESSIONS = """async (count) => {
    let found = 0;
    for (let session = 0; session < count; session++) {
        const name = `chat-${session}`;
        const messages = [];
        for (let start = 0; start < 3; start++) {
            const it = chatvitals.keepConversation(handle, {id: name, name, area: localStorage, identity: "ada"});
            const { content, lost } = await it.restore(messages.length);
            if (content !== (messages.length ? messages.join() : null) || lost) found++;
            const more = session % 7;
            for (let i = 0; i < more; i++) {
                messages.push(`m-${session}-${start}-${i}`);
                if (messages.length > 10) messages.shift();
                await it.save(messages.join(), messages);
            }
        }
        localStorage.removeItem(name);
        localStorage.removeItem(`${name}:ledger`);
    }
    return found;
}"""


def test_a_thousand_clean_sessions_tell_of_no_loss(visits: Visits) -> None:
    page = visits()
    assert page.evaluate(_SESSIONS, 1_000) == 0
    assert visits.lost(page) == []


# The course of messages by ordinal


_FOLLOW = "window.course = chatvitals.followMessages(handle, 'c-1')"


def test_the_course_of_a_message(visits: Visits) -> None:
    page = visits()
    page.evaluate(_FOLLOW)
    page.evaluate("course.sent('a'); course.rendered('a'); course.acked('a', 0)")
    page.evaluate("course.received('b', 1); course.rendered('b'); course.newest(1)")
    page.clock.run_for(30_000)
    told = visits.told(page, "message")
    assert [(event["stage"], event["ordinal"], event.get("duplicate")) for event in told] == [
        ("sent", 0, None),
        ("rendered", 0, False),
        ("acked", 0, False),
        ("received", 1, False),
        ("rendered", 1, False),
    ]
    assert next(event for event in told if event["stage"] == "acked")["latency"] >= 0
    assert told[-1]["serverOrdinal"] == 1
    assert visits.lost(visits()) == []


def test_messages_that_never_came(visits: Visits) -> None:
    page = visits()
    page.evaluate(_FOLLOW)
    page.evaluate("for (const ordinal of [4, 5, 8, 9]) course.received(`m-${ordinal}`, ordinal)")
    page.clock.run_for(5_000)
    page.evaluate("course.received('m-12', 12)")
    page.clock.run_for(30_000)
    told = visits.told(page)
    assert [(event["hop"], event["lost"], event["firstSeq"], event["lastSeq"]) for event in told] == [
        ("delivery", 4, 6, 11),
    ]


def test_messages_that_come_late_are_not_lost(visits: Visits) -> None:
    page = visits()
    page.evaluate(_FOLLOW)
    page.evaluate("course.received('m-0', 0); course.received('m-2', 2)")
    page.clock.run_for(9_000)
    page.evaluate("course.received('m-1', 1)")
    page.clock.run_for(30_000)
    assert visits.lost(page) == []


def test_what_comes_twice_is_a_duplicate(visits: Visits) -> None:
    page = visits()
    page.evaluate(_FOLLOW)
    page.evaluate("course.received('a', 0); course.received('a', 0); course.rendered('a'); course.rendered('a')")
    page.evaluate("course.sent('b'); course.acked('b', 1); course.acked('b', 2)")  # it was made twice
    told = [(event["stage"], event["ordinal"]) for event in visits.told(page, "message") if event.get("duplicate")]
    assert told == [("received", 0), ("rendered", 0), ("acked", 2)]


def test_a_screen_that_stays_behind_is_stale(visits: Visits) -> None:
    page = visits()
    page.evaluate(_FOLLOW)
    page.evaluate("course.rendered('a', 0); course.rendered('b', 1); course.newest(7)")
    page.clock.run_for(11_000)
    last = visits.told(page, "message")[-1]
    assert (last["stage"], last["ordinal"], last["serverOrdinal"]) == ("rendered", 1, 7)
    assert visits.server.figures(visits.site)["delivery"]["messages"]["avgBehind"] > 0


def test_a_message_that_others_overtake_on_their_way_to_the_screen_is_lost(visits: Visits) -> None:
    page = visits()
    page.evaluate(_FOLLOW)
    page.evaluate("for (const ordinal of [0, 1, 2, 3]) course.received(`m-${ordinal}`, ordinal)")
    page.evaluate("for (const ordinal of [0, 2, 3]) course.rendered(`m-${ordinal}`)")
    page.clock.run_for(60_000)
    told = visits.told(page)
    assert [(event["hop"], event["lost"], event["firstSeq"], event["lastSeq"]) for event in told] == [
        ("render", 1, 1, 1),
    ]


@pytest.mark.parametrize(
    "happens",
    [
        "course.received('m-0', 0); course.received('m-1', 1)",  # nothing is on screen: the widget is closed
        "course.received('m-0', 0); course.rendered('m-0'); course.received('m-1', 1)",  # nothing came behind it
        "course.sent('m-0'); course.rendered('m-0'); course.acked('m-0', 0); course.rendered('m-1', 1)",
        "course.received('echo', 0); course.sent('m-0'); course.rendered('m-0'); course.acked('m-0', 0);"
        "course.rendered('m-1', 1)",
        "course.received('m-0', 0); course.received('m-1', 1); course.rendered('m-1');"
        "setTimeout(() => course.rendered('m-0'), 9_000)",
    ],
)
def test_what_may_still_be_shown_is_not_lost(visits: Visits, happens: str) -> None:
    page = visits()
    page.evaluate(_FOLLOW)
    page.evaluate(happens)
    page.clock.run_for(60_000)
    assert visits.lost(page) == []


_COURSES = """async (count) => {
    for (let session = 0; session < count; session++) {
        const course = chatvitals.followMessages(handle, `c-${session}`);
        const from = session % 5;
        const swapped = (ordinal) => session % 3 ? ordinal : from + ((ordinal - from) ^ 1);
        for (let i = from; i < from + 6; i++) {
            const ordinal = swapped(i);
            const message = `m-${session}-${ordinal}`;
            if (ordinal % 2) course.received(message, ordinal);
            else {
                course.sent(message);
                course.rendered(message);
                course.acked(message, ordinal);
            }
            if (ordinal % 2) course.rendered(message);
        }
        course.newest(from + 5);
    }
}"""


def test_a_thousand_clean_courses_tell_of_no_loss(visits: Visits) -> None:
    page = visits()
    page.evaluate(_COURSES, 1_000)
    page.clock.run_for(60_000)
    assert visits.lost(page) == []
