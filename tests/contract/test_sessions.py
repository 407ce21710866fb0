"""Sessions are ranked by what went wrong, found by their ids, and read whole; held to a plain count in Python."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.contract.history import Event, random_events, store
from tests.contract.test_round_trip import insert, new_site
from tests.unit.events import NOW_MS
from tests.unit.ingest.deliveries import delivery_of, renders_at

from chatvitals.catalogue.kinds import AnyEvent, Loss, Message, Sdk
from chatvitals.errors import BadRequest
from chatvitals.ingest.steps.identity import keyed_hash
from chatvitals.query.request import Question, Window
from chatvitals.query.session_events import IDLE_MS, Journey, chain_journeys, find_journey, read_session
from chatvitals.query.sessions import SessionSummary, list_sessions, seek
from chatvitals.query.troubles import TROUBLES
from chatvitals.store.events.embedded import EmbeddedEngine

SALT = b"salt" * 8
HOUR_MS = 3_600_000
WINDOW = Window(NOW_MS, NOW_MS + HOUR_MS)

WENT_WRONG: dict[str, Callable[[Event], int]] = {
    "loss": lambda event: event["lost"] if event["kind"] == "loss" else 0,
    "identity": lambda event: event["kind"] == "restoration" and event.get("identityMatches") is False,
    "restore": lambda event: (
        event["kind"] == "restoration" and not event["success"] and event.get("identityMatches") is not False
    ),
    "navigation": lambda event: event["kind"] == "navigation" and not event["preserved"],
    "storage": lambda event: event["kind"] == "persistence" and not event["success"],
    "boot": lambda event: event["kind"] == "boot" and event["stage"] == "failed",
    "connection": lambda event: (
        event["kind"] == "connection" and event.get("gap", 0) > 0 and event.get("recovered") is False
    ),
    "stream": lambda event: event["kind"] == "stream" and event["outcome"] == "truncated",
    "error": lambda event: event["kind"] == "error",
    "api": lambda event: event["kind"] == "api" and not event["success"],
    "sync": lambda event: event["kind"] == "tabSync" and not event["success"],
    "render": lambda event: event["kind"] == "render" and event["renderTime"] > 16,
}


@pytest.fixture(scope="module")
def told() -> list[Event]:
    return random_events(7, 3_000)


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine, told: list[Event]) -> str:
    return store(engine, told)


def question(site: str, **filters: tuple[str, ...]) -> Question:
    return Question(WINDOW, {"site": (site,), **filters})


def counted(told: list[Event]) -> dict[int, dict[str, int]]:
    """Of each session what went wrong in it, and when it ended."""
    troubles: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for event in told:
        own = troubles[keyed_hash(SALT, event["sessionId"])]
        own.update({name: int(count(event)) for name, count in WENT_WRONG.items()})
        own["ended"] = max(own["ended"], event["timestamp"])
    return {session: dict(own) for session, own in troubles.items()}


def in_order(told: list[Event]) -> list[int]:
    troubles = counted(told)
    return sorted(
        troubles,
        key=lambda session: tuple(-troubles[session][name] for name in (*WENT_WRONG, "ended")),
    )


def test_every_trouble_is_counted_here() -> None:
    assert [trouble.name for trouble in TROUBLES] == list(WENT_WRONG)


def test_sessions_come_worst_first_with_the_counts_of_what_went_wrong(
    engine: EmbeddedEngine, told: list[Event], site: str
) -> None:
    found = list_sessions(engine, question(site), limit=100)
    troubles = counted(told)
    assert found.total == len(troubles) == 60
    assert [each.session for each in found.sessions] == in_order(told)
    for each in found.sessions:
        own = troubles[each.session]
        assert {happened.trouble: happened.n for happened in each.troubles} == {
            name: own[name] for name in WENT_WRONG if own[name]
        }
        assert each.ended_ms == own["ended"]


def test_a_session_is_told_with_what_it_was(engine: EmbeddedEngine, told: list[Event], site: str) -> None:
    for each in list_sessions(engine, question(site), limit=100).sessions:
        own = [event for event in told if keyed_hash(SALT, event["sessionId"]) == each.session]
        assert each == SessionSummary(
            site=site,
            session=each.session,
            started_ms=min(event["timestamp"] for event in own),
            ended_ms=max(event["timestamp"] for event in own),
            events=len(own),
            tabs=len({event["tabId"] for event in own}),
            pages=1,
            conversations_lost=int(any(event["kind"] == "loss" for event in own)),
            customers=tuple(filter(None, {own[0]["customer"]})),
            releases=(own[0]["release"],),
            browsers=(own[0]["browser"],),
            troubles=each.troubles,
        )


def test_the_most_frequent_reason_is_named(engine: EmbeddedEngine) -> None:
    site = new_site()
    losses = [
        Loss(timestamp=NOW_MS, conversation_id="#00000000000000aa", lost=1, hop="save", error_type=reason)
        for reason in ("SecurityError", "QuotaExceededError", "QuotaExceededError")
    ]
    insert(engine, delivery_of(*losses, site=site, session=5))
    (only,) = list_sessions(engine, question(site.name), limit=5).sessions
    assert [(each.trouble, each.n, each.why) for each in only.troubles] == [("loss", 3, "QuotaExceededError")]


def test_pages_of_sessions_are_parts_of_the_whole(engine: EmbeddedEngine, told: list[Event], site: str) -> None:
    pages = [list_sessions(engine, question(site), limit=25, offset=offset) for offset in (0, 25, 50)]
    assert [each.session for page in pages for each in page.sessions] == in_order(told)
    assert {page.total for page in pages} == {60}


@pytest.mark.parametrize("trouble", ["loss", "boot", "render"])
def test_only_those_with_a_trouble(engine: EmbeddedEngine, told: list[Event], site: str, trouble: str) -> None:
    found = list_sessions(engine, question(site), limit=100, wrong=trouble)
    troubles = counted(told)
    assert [each.session for each in found.sessions] == [
        session for session in in_order(told) if troubles[session][trouble]
    ]


def test_filters_choose_sessions(engine: EmbeddedEngine, told: list[Event], site: str) -> None:
    found = list_sessions(engine, question(site, customer=("acme",)), limit=100)
    assert [each.session for each in found.sessions] == in_order(
        [event for event in told if event["customer"] == "acme"]
    )


def test_a_session_is_found_by_its_own_id_by_its_hash_and_by_the_hashs_beginning(
    engine: EmbeddedEngine, site: str
) -> None:
    session = keyed_hash(SALT, "session 7")
    hashed = f"#{session:016x}"
    for sought in (
        seek("session 7", [session]),
        seek(hashed, ()),
        seek(hashed.upper(), ()),
        seek(hashed[:9], ()),
        seek(hashed[1:], [keyed_hash(SALT, hashed[1:])]),
        seek(f"  {hashed}\n", ()),
    ):
        found = list_sessions(engine, question(site), limit=5, sought=sought)
        assert [each.session for each in found.sessions] == [session]
    assert list_sessions(engine, question(site), limit=5, sought=seek("session 777", [1])).total == 0
    assert list_sessions(engine, question(site), limit=5, sought=seek("nobody", ())).total == 0


def test_the_ends_of_a_hash_are_among_those_that_begin_so(engine: EmbeddedEngine) -> None:
    site = new_site()
    hashes = [0xABCE_0000_0000_0000 - 1, 0xABCE_0000_0000_0000, 0xABCE_FFFF_FFFF_FFFF, 0xABCF_0000_0000_0000]
    insert(engine, *(delivery_of(*renders_at(NOW_MS), site=site, session=session) for session in hashes))
    found = list_sessions(engine, question(site.name), limit=5, sought=seek("#abce", ()))
    assert sorted(each.session for each in found.sessions) == hashes[1:3]


@pytest.mark.parametrize("text", ["#abc", "#", "#xyz01", "#00000000000000000"])
def test_what_can_be_no_hash_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="4 to 16 digits"):
        seek(text, ())


def test_a_session_is_read_as_it_was_told(engine: EmbeddedEngine, told: list[Event], site: str) -> None:
    record = read_session(engine, question(site), Journey((keyed_hash(SALT, "session 7"),)))
    assert record is not None
    own = [event for event in told if event["sessionId"] == "session 7"]
    assert (record.total, record.rest) == (len(own), 0)
    assert [(each.at_ms, each.seq) for each in record.events] == [(event["timestamp"], event["seq"]) for event in own]
    assert record.dimensions["customer"] == own[0]["customer"]
    for each, event in zip(record.events, own, strict=True):
        assert as_stored(each.event) == as_stored(msgspec.convert(event, AnyEvent))


def as_stored(event: AnyEvent) -> dict[str, Any]:
    """An event but for what is kept otherwise: ids hashed, numbers in single precision."""
    fields = msgspec.to_builtins(event)
    fields.pop("conversationId", None)
    return {name: pytest.approx(value) if isinstance(value, float) else value for name, value in fields.items()}


def test_a_long_session_is_read_in_pieces(engine: EmbeddedEngine) -> None:
    site, dice = new_site(), random.Random(1)
    times = [NOW_MS + dice.randrange(HOUR_MS) for _ in range(50)]
    insert(engine, delivery_of(*renders_at(*times), site=site, session=5))
    pieces = [
        read_session(engine, question(site.name), Journey((5,)), limit=20, offset=offset) for offset in (0, 20, 40)
    ]
    assert [piece.rest for piece in pieces if piece] == [30, 10, 0]
    assert [each.at_ms for piece in pieces if piece for each in piece.events] == sorted(times)


def test_what_nobody_told_is_not_there(engine: EmbeddedEngine, site: str) -> None:
    assert read_session(engine, question(site), Journey((1,))) is None


def test_a_session_of_two_sites_needs_one_to_be_named(engine: EmbeddedEngine) -> None:
    one, other, session = new_site(), new_site(), uuid4().int & (2**64 - 1)
    insert(engine, *(delivery_of(*renders_at(NOW_MS), site=site, session=session) for site in (one, other)))
    with pytest.raises(BadRequest, match="known in 2 sites"):
        read_session(engine, Question(WINDOW), Journey((session,)))
    record = read_session(engine, question(other.name), Journey((session,)))
    assert record is not None
    assert record.site == other.name


def test_the_sdks_account_comes_back_as_an_object(engine: EmbeddedEngine) -> None:
    site = new_site()
    account = Sdk(timestamp=NOW_MS, seq=3, recorded=9, sent=8, dropped={"full": 1})
    insert(engine, delivery_of(account, site=site, session=6))
    record = read_session(engine, question(site.name), Journey((6,)))
    assert record is not None
    assert [each.event for each in record.events] == [account]


def message_at(after_ms: int, conversation: int = 0xAA) -> Message:
    return Message(timestamp=NOW_MS + after_ms, stage="sent", ordinal=after_ms, conversation_id=f"#{conversation:016x}")


def test_sessions_of_the_same_conversation_shortly_after_each_other_are_a_journey(engine: EmbeddedEngine) -> None:
    site = new_site()
    for session, after_ms, conversation in (
        (1, 0, 0xAA),
        (2, IDLE_MS, 0xAA),
        (3, 2 * IDLE_MS, 0xBB),
        (4, 3 * IDLE_MS, 0xAA),
    ):
        insert(engine, delivery_of(message_at(after_ms, conversation), site=site, session=session, tab=session))
    asked = Question(Window(NOW_MS, NOW_MS + 4 * HOUR_MS), {"site": (site.name,)})
    together = Journey((1, 2), (0xAA,), NOW_MS, NOW_MS + IDLE_MS)
    assert find_journey(engine, asked, 1) == find_journey(engine, asked, 2) == together
    assert find_journey(engine, asked, 4).sessions == (4,)
    assert find_journey(engine, asked, 9) == Journey((9,))
    assert find_journey(engine, asked, 1, most=2) == Journey((1,)), "too many sessions saw its conversation"


def test_a_journey_is_read_with_what_the_back_end_tells_meanwhile(engine: EmbeddedEngine) -> None:
    site = new_site()
    insert(engine, delivery_of(message_at(1_000), site=site, session=1, tab=11))
    insert(engine, delivery_of(message_at(2_000), site=site, session=2, tab=22))
    insert(engine, delivery_of(message_at(1_500), message_at(HOUR_MS), message_at(1_600, 0xBB), site=site))
    asked = Question(Window(NOW_MS, NOW_MS + 4 * HOUR_MS), {"site": (site.name,)})
    record = read_session(engine, asked, find_journey(engine, asked, 2))
    assert record is not None
    assert record.sessions == (1, 2)
    assert [(each.at_ms - NOW_MS, each.by_back_end) for each in record.events] == [
        (1_000, False),
        (1_500, True),
        (2_000, False),
    ]
    assert record.total == 3


def test_what_a_back_end_tells_within_a_session_is_its_own(engine: EmbeddedEngine) -> None:
    site = new_site()
    insert(engine, delivery_of(message_at(0), site=site, session=1, tab=11))
    insert(engine, delivery_of(message_at(5), site=site, session=1))
    insert(engine, delivery_of(message_at(9), site=site, session=2))
    by_back_end = {}
    for session in (1, 2):
        record = read_session(engine, question(site.name), Journey((session,)))
        assert record is not None
        by_back_end[session] = [each.by_back_end for each in record.events]
    assert by_back_end == {1: [False, True], 2: [False]}


def test_journeys_chain_over_any_order() -> None:
    spans = [Journey((number,), (number % 2,), number * IDLE_MS, number * IDLE_MS + 1) for number in (4, 1, 2, 9)]
    assert [journey.sessions for journey in chain_journeys(spans)] == [(1, 2), (4,), (9,)]
