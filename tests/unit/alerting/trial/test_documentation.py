"""The tests of rules that the documentation shows pass."""

import re
from pathlib import Path

import pytest

from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.alerting.trial.files import read_trial_file
from chatvitals.alerting.trial.form import CapturedForm, CourseForm, MomentForm, TrialForm, WantedForm
from chatvitals.alerting.trial.run import run

DOCS = Path(__file__).parents[4] / "docs"
REFERENCE, HOW_TO = DOCS / "reference" / "rule-tests.md", DOCS / "how-to" / "try-rules.md"


@pytest.mark.parametrize("page", [REFERENCE, HOW_TO], ids=lambda page: page.stem)
def test_what_is_shown_passes(page: Path, tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    file = tmp_path / "rules_test.yaml"
    file.write_text(shown)
    trials = read_trial_file(file, default_rules())
    assert trials
    assert [difference for trial in trials for difference in run(trial)] == []


@pytest.mark.parametrize("form", [TrialForm, CourseForm, CapturedForm, MomentForm, WantedForm])
def test_every_field_is_explained(form: type) -> None:
    text = REFERENCE.read_text()
    assert [name for name in form.__struct_encode_fields__ if f"`{name}`" not in text] == []  # type: ignore[attr-defined]  # structs have it
