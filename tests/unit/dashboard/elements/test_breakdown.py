from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.breakdown import Yardstick, part_fields
from chatvitals.dashboard.elements.table import arrange
from chatvitals.query.series import Part

PARTS = [
    Part("few", 99.0, 9, 9, 1.0),
    Part("fast", 5.0, 500, 90, 60.0),
    Part("slow", 30.0, 100, 20, 30.0),
    Part("", 10.0, 50, 10, 9.0),
]


def ordered(path: str, sort: str) -> list[str]:
    metric = METRICS_BY_PATH[path]
    fields = part_fields("customer", "Customer", Yardstick(metric, metric.bands, 10))
    return [part.key for part in arrange(PARTS, fields, sort, {}).items]


def test_worst_first_puts_those_last_that_too_few_samples_tell() -> None:
    assert ordered("performance.renders.p95Time", "-value") == ["slow", "", "fast", "few"]
    assert ordered("persistence.operations.successRate", "value") == ["fast", "", "slow", "few"]


def test_a_count_is_known_however_small() -> None:
    assert ordered("persistence.dataLoss.incidents", "-value")[0] == "few"


def test_by_traffic() -> None:
    assert ordered("performance.renders.p95Time", "-n") == ["fast", "slow", "", "few"]


def test_cells_grade_name_and_count() -> None:
    metric = METRICS_BY_PATH["performance.renders.p95Time"]
    fields = part_fields("customer", "Customer", Yardstick(metric, metric.bands, 10))
    name, value, n, sessions, share = (field.cell(PARTS[2]) for field in fields)
    assert (name.text, value.text, value.unit, value.grade) == ("slow", "30", "ms", "bad")
    assert (n.text, sessions.text, share.text, share.share) == ("100", "20", "30", 30.0)
    assert fields[0].cell(PARTS[3]).text == "no customer named"
