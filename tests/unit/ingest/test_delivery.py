from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events import NOW_MS, events
from tests.unit.ingest.deliveries import OTHER_SITE, delivery_of, renders_at

from chatvitals.catalogue.dimensions import Context
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.envelope import decode_envelope
from chatvitals.ingest.outcomes import KEPT, outcome_key
from chatvitals.ingest.pipeline import Pipeline
from chatvitals.ingest.steps.cardinality import Vocabulary
from chatvitals.settings import Settings

DAY_MS = 86_400_000
SOME_TIMES = st.sampled_from([NOW_MS, NOW_MS - DAY_MS - 1, NOW_MS + 60_001, 0]) | st.integers(0, 2 * NOW_MS)
SOME_EVENTS = st.lists(events(SOME_TIMES) | st.sampled_from([{}, 7, {"kind": "render"}, {"kind": "x"}]), max_size=8)
CONTEXTS = st.fixed_dictionaries({}, optional={"customer": st.text(max_size=5), "page": st.text(max_size=5)})


@given(batch=SOME_EVENTS, context=CONTEXTS, cramped=st.booleans())
def test_every_event_as_sent_has_exactly_one_outcome(batch: list[Any], context: dict[str, str], cramped: bool) -> None:
    body = msgspec.json.encode({"batch": "0" * 32, "sentAt": NOW_MS, "events": batch, "context": context})
    envelope = decode_envelope(body, NOW_MS, 1_000)
    delivery = delivery_of(*envelope.events, positions=envelope.positions, rejections=envelope.rejections)
    delivery.context = envelope.context
    Pipeline(Settings(), _full_vocabulary() if cramped else Vocabulary()).run(delivery)
    outcomes = delivery.outcomes()
    assert outcomes.total() == len(batch)
    assert all(count > 0 for count in outcomes.values())
    assert sum(count for key, count in outcomes.items() if key.outcome in KEPT) == len(delivery.events)
    assert len({rejection.index for rejection in delivery.rejections}) == len(delivery.rejections)
    assert all(0 <= rejection.index < len(batch) for rejection in delivery.rejections)


def _full_vocabulary() -> Vocabulary:
    """A vocabulary that has no room for another customer or error."""
    names = [("customer", 10_000), ("persistence.errorType", 300), ("api.endpoint", 2_000)]
    return Vocabulary((("acme", name, f"known {number}") for name, cap in names for number in range(cap)))


def test_outcomes_are_counted_by_site_and_minute_of_receipt() -> None:
    delivery = delivery_of(*renders_at(NOW_MS, NOW_MS), received_ms=NOW_MS + 61_234)
    assert delivery.outcomes() == Counter({("acme", NOW_MS + 60_000, "stored", ""): 2})
    assert outcome_key("acme", NOW_MS + 59_999, "stored").minute_ms == NOW_MS


def test_rejected_events_keep_their_places_in_the_batch_as_sent() -> None:
    delivery = delivery_of(*renders_at(1, 2, 3, 4), positions=[0, 2, 5, 6])
    delivery.reject_where(lambda event: event.timestamp in (2, 4), "timestamp", "too_old", "why")
    delivery.reject_where(lambda event: event.timestamp == 3, "timestamp", "in_future", "why")
    assert [(one.index, one.reason) for one in delivery.rejections] == [
        (2, "too_old"),
        (6, "too_old"),
        (5, "in_future"),
    ]
    assert (delivery.events, delivery.positions) == (renders_at(1), [0])


@pytest.mark.parametrize("positions", [None, [0, 1]])
def test_all_events_may_be_rejected(positions: list[int] | None) -> None:
    delivery = delivery_of(*renders_at(1, 2), positions=positions)
    delivery.reject_where(lambda _: True, "timestamp", "too_old", "why")
    delivery.reject_where(lambda _: True, "timestamp", "in_future", "why")
    assert delivery.outcomes() == Counter({("acme", NOW_MS, "rejected", "too_old"): 2})


def test_the_same_batch_id_of_two_sites_is_not_the_same_batch() -> None:
    one, other = delivery_of(), delivery_of(site=OTHER_SITE)
    assert one.batch == other.batch
    assert one.batch_of_site() != other.batch_of_site()
    assert one.batch_of_site() == Delivery(one.site, one.batch, 1, 2, 0.5, Context(), []).batch_of_site()
