from collections import Counter
from typing import Any

import pytest
from tests.unit.events import NOW_MS
from tests.unit.ingest.deliveries import OTHER_SITE, delivery_of, event_of, renders_at

from chatvitals.catalogue.dimensions import DIMENSIONS, OVERFLOW
from chatvitals.catalogue.kinds import Api
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.steps.cardinality import FoldCardinality, Vocabulary


def folded(vocabulary: Vocabulary, *events: Any, **fields: Any) -> Delivery:
    delivery = delivery_of(*(events or renders_at(NOW_MS)), **fields)
    FoldCardinality(vocabulary)(delivery)
    return delivery


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_a_dimension_keeps_its_cap_of_values_and_folds_the_rest(dimension: Any) -> None:
    vocabulary = Vocabulary()
    seen: Counter[str] = Counter()
    for number in range(dimension.cap + 5):
        delivery = folded(vocabulary, context={dimension.name: f"{number:05}"})
        seen[getattr(delivery.context, dimension.name)] += 1
        expected = {} if number < dimension.cap else {0: dimension.name}
        assert delivery.folded == expected
    assert seen.pop(OVERFLOW) == 5
    assert len(seen) == dimension.cap
    assert not folded(vocabulary, context={dimension.name: "00000"}).folded


def test_sites_have_vocabularies_of_their_own() -> None:
    vocabulary = Vocabulary(("acme", "device", str(number)) for number in range(50))
    assert folded(vocabulary, context={"device": "phone"}).context.device == OVERFLOW
    assert folded(vocabulary, context={"device": "phone"}, site=OTHER_SITE).context.device == "phone"


def test_a_value_is_cut_before_it_is_looked_up() -> None:
    vocabulary = Vocabulary()
    assert folded(vocabulary, context={"customer": "x" * 300}).context.customer == "x" * 100
    folded(vocabulary, context={"customer": "x" * 301})
    assert vocabulary.take_new() == [("acme", "customer", "x" * 100)]


def test_no_value_is_no_value() -> None:
    vocabulary = Vocabulary()
    assert folded(vocabulary, context={"customer": ""}).context.release is None
    assert vocabulary.take_new() == []


def test_an_events_own_labels_are_capped_by_kind_and_field() -> None:
    vocabulary = Vocabulary(("acme", "api.endpoint", f"/{number}") for number in range(2_000))
    delivery = folded(
        vocabulary,
        event_of("api", endpoint="/new", duration=1, success=True),
        event_of("api", endpoint="/7", duration=1, success=True),
        event_of("error", type="TypeError", fingerprint="/new"),
    )
    calls = [event.endpoint for event in delivery.events if isinstance(event, Api)]
    assert calls == [OVERFLOW, "/7"]
    assert delivery.folded == {0: "api.endpoint"}


def test_an_event_that_is_folded_twice_has_one_outcome() -> None:
    full = [("device", 50), ("country", 300), ("api.endpoint", 2_000), ("api.method", 50)]
    vocabulary = Vocabulary(("acme", name, str(number)) for name, cap in full for number in range(cap))
    delivery = folded(
        vocabulary,
        event_of("api", endpoint="/new", method="PURGE", duration=1, success=True),
        context={"device": "phone", "country": "XX"},
    )
    assert delivery.outcomes().total() == 1
    ((key, _),) = delivery.outcomes().items()
    assert key.outcome == "folded"


def test_new_values_are_handed_out_once_to_be_remembered() -> None:
    vocabulary = Vocabulary([("acme", "device", "phone")])
    for device in ("phone", "desktop", "desktop"):
        folded(vocabulary, context={"device": device})
    assert vocabulary.take_new() == [("acme", "device", "desktop")]
    assert vocabulary.take_new() == []
