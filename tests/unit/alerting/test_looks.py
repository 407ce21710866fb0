import pytest
from tests.unit.alerting.situations import ACME, slow_renders

from chatvitals.alerting.looks import look
from chatvitals.alerting.observation import Observation
from chatvitals.alerting.rule import Condition, Degradation, Side, Threshold
from chatvitals.catalogue.severities import Severity

MINUTE_MS = 60_000
LEVELS = {Severity.WARNING: 16.0, Severity.ERROR: 40.0}


@pytest.mark.parametrize(
    ("condition", "reference", "bounds"),
    [
        (Threshold(Side.ABOVE, LEVELS, 16.0), None, (16.0, 40.0)),
        (Degradation(LEVELS, 16.0, earlier_ms=MINUTE_MS), 10.0, (11.6, 14.0)),
    ],
)
def test_an_incident_names_the_bound_of_what_fires_and_not_of_what_is_pending(
    condition: Condition, reference: float | None, bounds: tuple[float, float]
) -> None:
    rule = slow_renders(condition=condition, for_ms=MINUTE_MS)
    alerts, told = None, []
    for minute, value in enumerate((bounds[0] + 1, 45.0, 45.0)):
        seen = {ACME: Observation(value, 100, 50, reference=reference)}
        looked = look(rule, alerts, seen, minute * MINUTE_MS)
        alerts = looked.alerts
        told += [(alert.state.severity, alert.verdict.value, alert.verdict.threshold) for alert, _ in looked.told]
    assert [severity for severity, _, _ in told] == [Severity.WARNING, Severity.ERROR]
    assert [value for _, value, _ in told] == [45.0, 45.0]
    assert [threshold for _, _, threshold in told] == pytest.approx(bounds)
