"""Files of tests, as their authors write them: what passes, what is said of what doesn't, and what can't be read."""

from pathlib import Path
from textwrap import dedent

import pytest

from chatvitals.alerting.documents import BadDocuments
from chatvitals.alerting.trial.files import read_trial_file
from chatvitals.alerting.trial.run import Difference, run

RULES = """
rules:
  - name: slow
    category: performance
    metric: performance.renders.p95Time
    by: [site, customer]
    threshold: {above: {warning: 16, critical: 25}}
    for: 2m
    keepFiringFor: 5m
    minSamples: 30
  - name: worse
    category: performance
    metric: api.p95Duration
    degradation: {percent: {warning: 20}, earlier: 1h}
    keepFiringFor: 0s
  - name: worse-than-before
    category: api
    metric: api.p50Duration
    degradation: {percent: {warning: 20}, baseline: before}
  - name: silent
    category: delivery
    metric: api.totalCalls
    absence: {severity: error, known: 1h}
    keepFiringFor: 0s
  - name: lost
    category: persistence
    metric: persistence.dataLoss.incidents
    threshold: {above: {critical: 0}}
    keepFiringFor: 0s
    filters: {release: ["2.4"]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path / "rules_test.yaml"


def write(file: Path, tests: str) -> None:
    file.write_text("ruleFiles: [rules.yaml]\ntests:\n" + dedent(tests))


def differences(file: Path, tests: str) -> list[Difference]:
    write(file, tests)
    return [difference for trial in read_trial_file(file, {}) for difference in run(trial)]


def mistakes(file: Path) -> list[str]:
    with pytest.raises(BadDocuments) as refused:
        read_trial_file(file, {})
    return [str(mistake).removeprefix(f"{file.parent}/") for mistake in refused.value.mistakes]


THRESHOLD = """
- name: slow for two minutes, then critical, then well again
  series:
    - {metric: performance.renders.p95Time, labels: {site: a, customer: c}, values: 12x5 20x5 30x5 12x10}
    - {metric: performance.renders.p95Time, labels: {site: b}, values: 12x30}
  expect:
    - {at: 0s}
    - {at: 6m, alerts: [{rule: slow, labels: {site: a, customer: c}, status: pending}]}
    - {at: 7m, alerts: [{rule: slow, labels: {site: a, customer: c}, severity: warning}]}
    - {at: 11m, alerts: [{rule: slow, labels: {site: a, customer: c}, severity: warning}]}
    - {at: 12m, alerts: [{rule: slow, labels: {site: a, customer: c}, severity: critical}]}
    - {at: 19m, alerts: [{rule: slow, labels: {site: a, customer: c}, severity: critical}]}
    - {at: 20m, alerts: [{rule: slow, labels: {site: a, customer: c}, status: inactive}]}
"""


def test_a_threshold_with_two_severities(file: Path) -> None:
    assert differences(file, THRESHOLD) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("{at: 0s}", "{at: 7m}"),
        ("status: pending", "status: firing"),
        ("status: inactive", "status: pending"),
        ("at: 7m, alerts: [{rule: slow, labels: {site: a", "at: 7m, alerts: [{rule: slow, labels: {site: b"),
        ("{at: 12m, alerts: [{rule: slow, labels: {site: a, customer: c}, severity: critical", "{at: 12m, alerts: ["),
        ("at: 11m", "at: 12m"),
        ("at: 20m", "at: 19m"),
        ("12x5 20x5", "12x6 20x5"),
    ],
)
def test_what_is_not_as_wanted_is_told(file: Path, right: str, wrong: str) -> None:
    changed = THRESHOLD.replace(right, wrong)
    assert changed != THRESHOLD
    if wrong.endswith("alerts: ["):
        changed = changed.replace("alerts: [}]}", "alerts: []}")
    assert differences(file, changed) != []


def test_a_difference_says_what_was_wanted_what_came_and_where(file: Path) -> None:
    told = differences(
        file,
        """
        - name: two surprises
          series: [{metric: performance.renders.p95Time, labels: {site: a}, values: 20x10}]
          expect:
            - at: 5m
              alerts: [{rule: slow, labels: {site: b}, severity: warning}]
        """,
    )
    assert [(one.moment.line, one.wanted and one.wanted.key, one.came.key, one.came.state.status) for one in told] == [
        (7, ("b", ""), ("b", ""), "inactive"),
        (7, None, ("a", ""), "firing"),
    ]
    assert told[0].came.verdict is None
    assert told[1].came.verdict is not None
    assert told[1].came.verdict.value == 20


def test_too_few_samples_are_unknown(file: Path) -> None:
    assert (
        differences(
            file,
            """
        - name: a night with little traffic keeps what fires
          series: [{metric: performance.renders.p95Time, labels: {site: a}, values: 20x60, n: 100x10 29x40 30x10}]
          expect:
            - {at: 9m, alerts: [{rule: slow, labels: {site: a}, unknown: false}]}
            - {at: 10m, alerts: [{rule: slow, labels: {site: a}, unknown: true}]}
            - {at: 49m, alerts: [{rule: slow, labels: {site: a}, unknown: true}]}
            - {at: 50m, alerts: [{rule: slow, labels: {site: a}, unknown: false}]}
        - name: and lets nothing fire
          series: [{metric: performance.renders.p95Time, labels: {site: a}, values: 20x60, n: 29}]
          expect: [{at: 59m, alerts: [{rule: slow, labels: {site: a}, status: inactive, unknown: true}]}]
        - name: thirty are enough
          series: [{metric: performance.renders.p95Time, labels: {site: a}, values: 20x60, n: 30}]
          expect: [{at: 59m, alerts: [{rule: slow, labels: {site: a}, unknown: false}]}]
        """,
        )
        == []
    )


def test_a_series_that_has_ended_is_no_data(file: Path) -> None:
    assert (
        differences(
            file,
            """
        - name: what fires goes on
          series: [{metric: performance.renders.p95Time, labels: {site: a}, values: 20x5}]
          expect: [{at: 1d, alerts: [{rule: slow, labels: {site: a}, unknown: true}]}]
        """,
        )
        == []
    )


def test_a_degradation_is_against_the_series_own_past(file: Path) -> None:
    assert (
        differences(
            file,
            """
        - name: from 100 to 130 within an hour
          interval: 10m
          series: [{metric: api.p95Duration, labels: {site: a}, values: 100x6 120 121 130x4 130x6}]
          expect:
            - {at: 50m, alerts: [{rule: worse, labels: {site: a}, status: inactive, unknown: true}]}
            - {at: 1h, alerts: [{rule: worse, labels: {site: a}, status: inactive, unknown: false}]}
            - {at: 1h10m, alerts: [{rule: worse, labels: {site: a}}]}
            - {at: 1h59m, alerts: [{rule: worse, labels: {site: a}}]}
            - {at: 2h20m, alerts: []}
        """,
        )
        == []
    )


def test_a_degradation_against_a_baseline_takes_the_one_that_fits_best(file: Path) -> None:
    assert (
        differences(
            file,
            """
        - name: each site by its own
          series:
            - {metric: api.p50Duration, labels: {site: a}, values: 150x5}
            - {metric: api.p50Duration, labels: {site: b}, values: 150x5}
          baselines:
            - {name: before, metric: api.p50Duration, value: 140}
            - {name: before, metric: api.p50Duration, labels: {site: b}, value: 100}
            - {name: other, metric: api.p50Duration, labels: {site: a}, value: 1}
          expect: [{at: 1m, alerts: [{rule: worse-than-before, labels: {site: b}}]}]
        - name: and none is unknown
          series: [{metric: api.p50Duration, labels: {site: a}, values: 150x5}]
          expect: [{at: 1m, alerts: [{rule: worse-than-before, labels: {site: a}, status: inactive, unknown: true}]}]
        """,
        )
        == []
    )


def test_who_is_missed_is_so_for_a_while(file: Path) -> None:
    assert (
        differences(
            file,
            """
        - name: calls end
          series: [{metric: api.totalCalls, labels: {site: a}, values: _x3 50x10 _x200}]
          expect:
            - {at: 2m}
            - {at: 12m}
            - {at: 13m, alerts: [{rule: silent, labels: {site: a}, severity: error}]}
            - {at: 1h12m, alerts: [{rule: silent, labels: {site: a}}]}
            - {at: 1h13m}
        """,
        )
        == []
    )


def test_a_count_has_as_many_samples_as_it_counts_and_filters_leave_series_out(file: Path) -> None:
    assert (
        differences(
            file,
            """
        - name: losses
          rules: [lost]
          series:
            - {metric: persistence.dataLoss.incidents, labels: {site: a, release: "2.4"}, values: 0x5 3 0x5}
            - {metric: persistence.dataLoss.incidents, labels: {site: b, release: 2.4}, values: 1x5}
          expect:
            - {at: 4m, alerts: [{rule: lost, labels: {site: b}}]}
            - {at: 5m, alerts: [{rule: lost, labels: {site: a}, severity: critical}]}
            - {at: 6m}
        """,
        )
        == []
    )


def test_moments_may_be_written_in_any_order_and_rules_tick_as_they_say(file: Path) -> None:
    file.write_text(
        dedent(
            """
            rules:
              - name: quick
                category: persistence
                metric: persistence.dataLoss.incidents
                threshold: {above: {critical: 0}}
                every: 2s
                window: 1m
                keepFiringFor: 0s
            tests:
              - name: within two seconds
                interval: 1s
                series: [{metric: persistence.dataLoss.incidents, labels: {site: a}, values: 0x5 1x5 0x5}]
                expect:
                  - {at: 6s, alerts: [{rule: quick, labels: {site: a}}]}
                  - {at: 5s}
            """
        )
    )
    assert [run(trial) for trial in read_trial_file(file, {})] == [[]]


def test_every_mistake_is_told_with_its_place(file: Path) -> None:
    write(
        file,
        """
        - name: one
          interval: 0s
          series:
            - {metric: performance.renders.p95time, labels: {site: a}, values: 20x3}
            - {metric: performance.renders.p95Time, labels: {sight: a}, values: 20y3, n: many}
          baselines: [{name: before, metric: api.p50, value: 1}]
          expect:
            - {at: 5m, alerts: [{rule: slw}, {rule: slow, labels: {release: x}}]}
        - name: two
          rules: [worse, fast]
          series:
            - {metric: api.p95Duration, labels: {site: a}, values: 20}
            - {metric: api.p95Duration, labels: {site: a, customer: b}, values: 20}
            - {metric: api.errorRate, labels: {site: a}, values: 20}
          expect: [{at: 5m, alerts: [{rule: slow, labels: {site: a}}]}]
        - name: three
          series: [{metric: api.p95Duration, value: 20}]
          expect: [{at: soon}]
        - name: four
          rules: [worse]
          series: [{metric: api.p95Duration, values: 20}]
          expect: [{at: 999999d}]
        """,
    )
    assert [one.removeprefix("rules_test.yaml:").partition(";")[0] for one in mistakes(file)] == [
        "5:13: tests[0].interval: there has to be some time between the values, as 1m",
        "7:16: tests[0].series[0].metric: there is no metric 'performance.renders.p95time'",
        "8:61: tests[0].series[1].labels.sight: there is no label 'sight' here",
        "8:73: tests[0].series[1].values: '20y3' is no value: write 12.5 or _ for none, and 12.5x30 for thirty of them",
        "8:82: tests[0].series[1].n: 'many' is no value: write 12.5 or _ for none, and 12.5x30 for thirty of them",
        "9:38: tests[0].baselines[0].metric: there is no metric 'api.p50'",
        "11:32: tests[0].expect[0].alerts[0].rule: there is no rule 'slw'",
        "11:69: tests[0].expect[0].alerts[1].labels.release: there is no label 'release' here",
        "13:10: tests[1].rules: the rule slow, of which alerts are expected, is not among these",
        "13:18: tests[1].rules[1]: there is no rule 'fast'",
        "16:7: tests[1].series[1]: there is another series for the same alert of the rule worse",
        "17:7: tests[1].series[2]: none of the rules that are tested looks at this series",
        "20:12: tests[2].series[0]: the field 'values' is missing",
        "20:38: tests[2].series[0].value: there is no such field",
        "21:17: tests[2].expect[0].at: expected a length of time such as 30s, 5m, 1h30m or 7d, but it is soon",
        "25:11: tests[3].expect: its rules are evaluated 1,439,998,561 times until then, and at most 1,000,000 times"
        " are tried: name those that it is about with `rules`, or expect it earlier",
    ]


def test_rules_with_mistakes_are_told_before_tests(file: Path) -> None:
    (file.parent / "rules.yaml").write_text(RULES.replace("above:", "abov:"))
    write(file, THRESHOLD)
    assert all(one.startswith("rules.yaml:") for one in mistakes(file))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["rules_test.yaml:1:1: rules: there is nothing to test: give rules or ruleFiles"]),
        ("ruleFiles: [rules.yaml]", ["rules_test.yaml:1:1: tests: there are no tests"]),
        (
            "ruleFile: [rules.yaml]\ntest: []",
            [
                "rules_test.yaml:1:1: ruleFile: there is no such section; a file of tests has rules, ruleFiles, tests",
                "rules_test.yaml:2:1: test: there is no such section; a file of tests has rules, ruleFiles, tests",
            ],
        ),
    ],
)
def test_a_file_without_tests_says_so(file: Path, text: str, told: list[str]) -> None:
    file.write_text(text)
    assert mistakes(file) == told


def test_files_that_are_not_there_are_named(file: Path) -> None:
    assert "can't be read" in mistakes(file)[0]
    file.write_text("ruleFiles: [one.yaml, two.yaml]\ntests: []")
    assert [one.split(":")[0] for one in mistakes(file)] == ["one.yaml", "two.yaml"]
