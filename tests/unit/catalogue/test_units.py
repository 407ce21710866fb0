import pytest

from chatvitals.catalogue.units import in_words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (18.52, "ms", "18.52ms"),
        (16, "ms", "16ms"),
        (62_449_999, "bytes", "62.45MB"),
        (50_000_000, "bytes", "50MB"),
        (1_500, "bytes", "1.5kB"),
        (999, "bytes", "999 bytes"),
        (99.84, "%", "99.84%"),
        (-0.001, "%", "0%"),
        (3, "count", "3"),
        (1_204, "count", "1,204"),
        (54.999, "fps", "55 fps"),
        (1, "messages", "1 message"),
        (12, "messages", "12 messages"),
        (2.5, "per 1,000 sessions", "2.5 per 1,000 sessions"),
    ],
)
def test_a_value_reads_in_its_unit(value: float, unit: str, words: str) -> None:
    assert in_words(value, unit) == words
