"""What the runner of rule tests prints, and how it ends."""

from pathlib import Path

import pytest

from chatvitals.alerting.documents import BadDocuments
from chatvitals.cli.rules_test import rules_test
from chatvitals.errors import BadRequest

RULES = """
rules:
  - {name: slow-renders, enabled: true}
  - name: worse
    category: api
    metric: api.p95Duration
    degradation: {percent: {warning: 20}, earlier: 1h}
tests:
"""
PASSES = """
  - name: slow renders fire at once
    series: [{metric: performance.renders.p95Time, labels: {site: demo}, values: 12x5 18.52x5}]
    expect: [{at: 4m}, {at: 5m, alerts: [{rule: slow-renders, labels: {site: demo}, severity: warning}]}]
"""
FAILS = """
  - name: goes wrong [here]
    series:
      - {metric: performance.renders.p95Time, labels: {site: demo}, values: 12x5 18.52x5 12x30}
      - {metric: performance.renders.p95Time, labels: {site: two}, values: 18x9, n: 5}
      - {metric: api.p95Duration, labels: {site: two}, values: 100x60 150x60}
    expect:
      - {at: 4m, alerts: [{rule: slow-renders, labels: {site: demo}, severity: warning}]}
      - at: 5m
        alerts: [{rule: slow-renders, labels: {site: two}, unknown: false}, {rule: slow-renders, labels: {site: no}}]
      - {at: 1h1m, alerts: [{rule: worse, labels: {site: two}, status: inactive}]}
"""
SAID = """
  ✗ goes wrong [here]
      line 16, at 4m
        wanted   slow-renders{site="demo"} firing warning
        came     slow-renders{site="demo"} inactive: it saw 12ms, threshold 16ms
      line 17, at 5m
        wanted   slow-renders{site="two"} firing, with enough data
        came     slow-renders{site="two"} inactive, with too little data: 5 samples of the 60 it needs
        wanted   slow-renders{site="no"} firing
        came     slow-renders{site="no"} inactive: nothing was ever seen of it
        too many slow-renders{site="demo"} firing warning: it saw 18.52ms, threshold 16ms
      line 19, at 1h1m
        wanted   worse{site="two"} inactive
        came     worse{site="two"} firing warning: it saw 150ms, threshold 120ms, 50% worse
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("rules_test.yaml")


def test_what_passes_is_ticked_off(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(RULES + PASSES)
    rules_test(file)
    assert capsys.readouterr().out == "rules_test.yaml\n  ✓ slow renders fire at once\n1 test, all passed\n"


def test_what_fails_says_what_was_wanted_and_what_came(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(RULES + FAILS + PASSES)
    with pytest.raises(SystemExit) as ended:
        rules_test(file)
    assert ended.value.code == 1
    expected = f"rules_test.yaml{SAID}  ✓ slow renders fire at once\n2 tests, 1 failed\n"
    assert capsys.readouterr().out == expected


def test_no_file_is_a_mistake() -> None:
    with pytest.raises(BadRequest, match="nothing to test"):
        rules_test()


def test_the_mistakes_of_all_files_are_told_before_any_test_is_run(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(RULES + PASSES)
    for name in ("one.yaml", "two.yaml"):
        Path(name).write_text(RULES + PASSES.replace("slow-renders", "slow-render"))
    with pytest.raises(BadDocuments) as refused:
        rules_test(file, Path("one.yaml"), Path("two.yaml"))
    assert [(mistake.file, mistake.line) for mistake in refused.value.mistakes] == [("one.yaml", 12), ("two.yaml", 12)]
    assert capsys.readouterr().out == ""
