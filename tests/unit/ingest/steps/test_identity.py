import re
import tracemalloc
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ingest.deliveries import OTHER_SITE, SITE, delivery_of, event_of

from chatvitals.catalogue.kinds import Loss, Message
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.steps.identity import format_hash, hash_identities, hashed_id, keyed_hash

IDS = st.text(min_size=1, max_size=40)


def hashed(context: dict[str, Any] | None = None, conversation: str = "", **fields: Any) -> Delivery:
    events = [event_of("message", stage="sent", ordinal=1, conversationId=conversation)] if conversation else []
    delivery = delivery_of(*events, context=context, **fields)
    hash_identities(delivery)
    return delivery


def test_long_ids_are_not_remembered() -> None:
    """A hostile sender may make each one different, and 16 kB large."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(300):
            hashed({"session_id": f"{number}{chr(0x1F600) * 3_900}", "tab_id": "t"})
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 200_000


def test_a_hash_is_blake2b_keyed_by_the_sites_salt() -> None:
    """So that a session that lasts over an upgrade stays the same one."""
    own = blake2b(b"session", key=SITE.salt, digest_size=8).digest()
    assert keyed_hash(SITE.salt, "session") == int.from_bytes(own, "big")
    assert hashed({"session_id": "session"}).session == keyed_hash(SITE.salt, "session")


def test_the_same_session_of_two_sites_is_not_the_same() -> None:
    context = {"session_id": "s", "tab_id": "t"}
    one, other = hashed(context), hashed(context, site=OTHER_SITE)
    assert one.session != other.session
    assert one.tab != other.tab
    assert (one.session, one.tab) == (hashed(context).session, hashed(context).tab)


def test_the_same_tab_id_of_two_sessions_is_not_the_same_tab() -> None:
    assert hashed({"session_id": "a", "tab_id": "t"}).tab != hashed({"session_id": "b", "tab_id": "t"}).tab


@pytest.mark.parametrize("context", [{}, {"tab_id": "t"}])
def test_without_a_session_there_is_none(context: dict[str, str]) -> None:
    delivery = hashed(context)
    assert (delivery.session, delivery.tab) == (0, 0)


@given(session=IDS, tab=IDS)
def test_hashes_fit_their_columns_and_are_never_0(session: str, tab: str) -> None:
    delivery = hashed({"session_id": session, "tab_id": tab})
    assert 0 < delivery.session < 2**64
    assert 0 < delivery.tab < 2**32


@given(conversation=IDS)
def test_a_conversations_id_is_replaced_by_its_hash(conversation: str) -> None:
    (event,) = hashed(conversation=conversation).events
    assert isinstance(event, Message)
    assert event.conversation_id == format_hash(keyed_hash(SITE.salt, conversation))
    assert re.fullmatch("#[0-9a-f]{16}", event.conversation_id)


def test_a_message_and_the_loss_of_it_have_the_same_conversation() -> None:
    delivery = delivery_of(
        event_of("message", stage="sent", ordinal=1, conversationId="c"),
        event_of("loss", lost=1, hop="save", conversationId="c"),
        event_of("message", stage="sent", ordinal=1),
    )
    hash_identities(delivery)
    sent, lost, unknown = delivery.events
    assert isinstance(sent, Message)
    assert isinstance(lost, Loss)
    assert isinstance(unknown, Message)
    assert sent.conversation_id == lost.conversation_id
    assert unknown.conversation_id is None


@given(session=st.integers(1, 2**64 - 1), tab=st.integers(1, 2**32 - 1))
def test_an_import_keeps_ids_that_an_export_wrote(session: int, tab: int) -> None:
    context = {"session_id": f"#{session:016x}", "tab_id": f"#{tab:08x}"}
    delivery = hashed(context, conversation=f"#{session:016x}", live=False)
    assert (delivery.session, delivery.tab) == (session, tab)
    (event,) = delivery.events
    assert isinstance(event, Message)
    assert event.conversation_id == f"#{session:016x}"


def test_a_browser_cannot_choose_its_hash() -> None:
    delivery = hashed({"session_id": "#00000000000000ff", "tab_id": "#000000ff"})
    assert delivery.session != 255
    assert delivery.tab != 255


@pytest.mark.parametrize("text", ["#00ff", "#00000000000000FF", "#0000000000000g00", "00000000000000ff0", "#" * 17])
def test_an_imported_id_of_another_shape_is_hashed(text: str) -> None:
    assert hashed_id(SITE.salt, text, live=False) == keyed_hash(SITE.salt, text)
