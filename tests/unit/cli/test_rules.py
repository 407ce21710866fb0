from pathlib import Path

import pytest
from msgspec import structs

from chatvitals.alerting.rule import Absence, Degradation
from chatvitals.alerting.rules import defaults
from chatvitals.alerting.rules.defaults import FILE, default_rules
from chatvitals.catalogue.severities import Severity
from chatvitals.cli.rules import check_rules, say_condition
from chatvitals.errors import BadRequest

GOOD = """
rules:
  - {name: calls, category: api, metric: api.errorRate, by: [], threshold: {above: {error: 1}}}
  - {name: slow-api, enabled: false}
receivers:
  - {name: team, channels: [{type: console}]}
"""


def test_good_files_are_shown_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "web.yaml").write_text(GOOD)
    check_rules(tmp_path / "web.yaml")
    header, calls, slow, last = (line.split() for line in capsys.readouterr().out.strip().splitlines())
    assert header == ["rule", "is", "bad", "when", "looks", "by"]
    assert calls == ["calls", "api.errorRate", "is", "above", "1%:", "error", "5m", "each", "1m", "(all)"]
    assert slow[:2] == ["slow-api", "(off)"]
    assert " ".join(last) == "no mistakes; 2 rules; receivers: default, team"


def test_a_folder_is_checked_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(SystemExit) as ended:
        check_rules(tmp_path)
    assert ended.value.code == 1
    said = capsys.readouterr().out.splitlines()
    assert f"{tmp_path / 'b.yaml'}:3:12: rules[0].name: there is a rule 'calls' already, in {tmp_path}/a.yaml:3" in said
    assert said[-1] == "3 mistakes"


def test_what_is_asked_wrongly_is_no_mistake_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="name the files"):
        check_rules()
    with pytest.raises(BadRequest, match="there is no file"):
        check_rules(tmp_path / "none.yaml")


def test_words_of_a_file_are_no_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "web.yaml").write_text("'[red]x': 1\n")
    with pytest.raises(SystemExit):
        check_rules(tmp_path / "web.yaml")
    assert "[red]x: there is no such section" in capsys.readouterr().out


def test_the_shipped_rules_pass(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(defaults.__file__).parent
    check_rules(folder / FILE)
    assert f"no mistakes; {len(default_rules())} rules" in capsys.readouterr().out


def test_conditions_are_said_in_a_few_words() -> None:
    shipped = default_rules()
    assert say_condition(shipped["data-loss"]) == "above 0: critical"
    assert say_condition(shipped["high-memory"]) == "above 50MB: error"
    assert say_condition(shipped["widget-errors"]) == "above 5%: warning, above 20%: error"
    for condition, said in (
        (Degradation({Severity.WARNING: 20.0}, 15, earlier_ms=604_800_000), "worse than 7d earlier by 20%: warning"),
        (Degradation({Severity.ERROR: 50.0}, 40, baseline="weekly"), "worse than baseline weekly by 50%: error"),
        (Absence(Severity.ERROR, 86_400_000), "absent: error"),
    ):
        assert say_condition(structs.replace(shipped["slow-api"], condition=condition)) == said
