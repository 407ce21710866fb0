"""Every metric has a place on the main page, once."""

from collections import Counter

from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.layout import TABS


def test_every_metric_is_on_a_card_or_beside_one() -> None:
    told = {path for tab in TABS for place in tab.places for path in (place.path, *(path for _, path in place.beside))}
    assert told == {metric.path for metric in METRICS}


def test_no_metric_has_two_cards() -> None:
    cards = Counter(place.path for tab in TABS for place in tab.places)
    assert [path for path, times in cards.items() if times > 1] == []
