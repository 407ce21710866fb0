import pytest
from tests.unit.alerting.situations import slow_renders

from chatvitals.alerting.documents import parse
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.alerting.rules.reading import read_rule
from chatvitals.alerting.rules.writing import document_of, write_rule


@pytest.mark.parametrize(
    "rule", [*default_rules().values(), slow_renders(name="slow-for-some")], ids=lambda rule: rule.name
)
def test_what_is_written_is_read_as_the_same_rule(rule: Rule) -> None:
    assert read_rule(parse(write_rule(rule), ""), (), {}) == rule


def test_what_follows_by_itself_is_left_out() -> None:
    document = document_of(slow_renders(by=("site",), min_samples=1, keep_firing_for_ms=600_000))
    for name in ("by", "window", "every", "for", "minSamples", "keepFiringFor", "enabled", "filters", "timeOf"):
        assert name not in document
    assert document["threshold"] == {"above": {"warning": 16.0, "critical": 50.0}, "recovery": 16.0}


def test_a_recovery_that_follows_is_left_out() -> None:
    rule = read_rule(
        parse("{name: r, category: api, metric: api.p95Duration, threshold: {above: {error: 100}}}", ""), (), {}
    )
    assert document_of(rule)["threshold"] == {"above": {"error": 100.0}}
