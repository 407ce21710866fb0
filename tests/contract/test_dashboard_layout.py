"""Every metric has a place on the main page, once."""

from collections import Counter

from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.layout import TABS


def test_every_metric_is_on_a_card_or_beside_one() -> None:
    assert frozenset().union(*(tab.told for tab in TABS)) == {metric.path for metric in METRICS}


def test_no_metric_has_two_cards() -> None:
    cards = Counter(place.path for tab in TABS for place in tab.places)
    assert [path for path, times in cards.items() if times > 1] == []
