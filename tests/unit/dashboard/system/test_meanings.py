import re
from pathlib import Path

import pytest

from chatvitals.dashboard.system.meanings import meaning_of
from chatvitals.ingest.outcomes import KEPT

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "outcomes.md"


def documented() -> list[tuple[str, str]]:
    """Every outcome and reason of the reference."""
    found = []
    for line in REFERENCE.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells and cells[0] in ("stored", "folded", "duplicate", "limited", "rejected"):
            reasons = re.findall(r"`(\w+)`", cells[1]) or [cells[1]]
            found += [(cells[0], reason) for reason in reasons]
    return found


def test_the_reference_is_read() -> None:
    assert ("rejected", "out_of_range") in documented()
    assert ("stored", "") in documented()
    assert len(documented()) > 20


@pytest.mark.parametrize(("outcome", "reason"), sorted(set(documented())))
def test_every_outcome_has_a_meaning(outcome: str, reason: str) -> None:
    meaning = meaning_of(outcome, reason)
    assert meaning is not None
    assert meaning.means
    assert meaning.kept is (outcome in KEPT)


def test_what_is_not_known_has_none() -> None:
    assert meaning_of("rejected", "of_tomorrow") is None
