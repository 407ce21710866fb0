"""Whatever a widget can say has a meaning here."""

from typing import get_args

from chatvitals.catalogue.kinds import BootReason, BootStage, Policy, StorageArea, StreamOutcome
from chatvitals.dashboard.kinds.failure_detail import TROUBLE
from chatvitals.dashboard.kinds.failures import WORDS
from chatvitals.dashboard.kinds.meanings import BOOT_REASONS, BOOT_STAGES, POLICIES, STREAM_OUTCOMES
from chatvitals.dashboard.kinds.storage import AREAS
from chatvitals.dashboard.kinds.streaming import SHOWN_OUTCOMES
from chatvitals.query.boot import STAGES
from chatvitals.query.failures import SOURCES
from chatvitals.query.troubles import TROUBLES_BY_NAME


def test_every_reason_stage_policy_outcome_and_area_is_explained() -> None:
    assert set(BOOT_REASONS) == {*get_args(BootReason), ""}
    assert set(BOOT_STAGES) == set(STAGES) == set(get_args(BootStage)) - {"failed"}
    assert set(POLICIES) == {*get_args(Policy), ""}
    assert set(STREAM_OUTCOMES) == set(SHOWN_OUTCOMES) == set(get_args(StreamOutcome))
    assert set(AREAS) == {*get_args(StorageArea), ""}


def test_every_source_of_failures_has_words_and_all_but_one_a_name_on_the_sessions_page() -> None:
    assert set(WORDS) == {*TROUBLE, "connection"} == set(SOURCES)
    assert {name: TROUBLES_BY_NAME[name].kind for name in TROUBLE.values()} == {
        name: source for source, name in TROUBLE.items()
    }
