"""A rule for the tests of backtests."""

from msgspec.structs import replace
from tests.unit.events import NOW_MS

from chatvitals.alerting.rule import Rule, Side, Threshold
from chatvitals.catalogue.severities import Severity

MINUTE = 60_000
START_MS = NOW_MS // MINUTE * MINUTE

SLOW = Rule(
    name="slow",
    title="Slow",
    category="performance",
    metric="performance.renders.p95Time",
    condition=Threshold(Side.ABOVE, {Severity.WARNING: 16.0, Severity.CRITICAL: 25.0}, recovery=15.2),
)
BY_CUSTOMER = replace(SLOW, by=("site", "customer"))
