import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from msgspec import structs
from tests.unit.alerting.situations import NOON, incident

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.chart import Chart, Mark, Threshold
from chatvitals.dashboard.elements.drawing import alert_spans, draw_chart, silence_spans, thresholds_of
from chatvitals.dashboard.view import View
from chatvitals.query.curves import Curve, Curves
from chatvitals.query.request import Window
from chatvitals.store.control.incidents import Incident
from chatvitals.store.control.silences import Silence

RENDER = METRICS_BY_PATH["performance.renders.p95Time"]
SUCCESS = METRICS_BY_PATH["persistence.operations.successRate"]
VALUES = (1.0, None, 3.0)
MINUTE = 60_000
WINDOW = Window(NOON, NOON + 60 * MINUTE)


def curve(statistic: str, *values: float | None) -> Curve:
    return msgspec.convert({"statistic": statistic, "values": values, "n": [10] * len(values)}, Curve)


def curves(own: Curve, *relatives: Curve, compared: Curve | None = None) -> Curves:
    times = tuple(NOON + place * MINUTE for place in range(len(own.values)))
    return Curves(MINUTE, times, times[-1] + MINUTE, own, relatives, own.n, compared, ())


def draw(
    own: Curve, *relatives: Curve, compared: Curve | None = None, metric: str = RENDER.path, **more: object
) -> Chart:
    return draw_chart(
        METRICS_BY_PATH[metric],
        curves(own, *relatives, compared=compared),
        id=metric,
        title="Render time",
        zone="UTC",
        bands=METRICS_BY_PATH[metric].bands,
        min_samples=10,
        compared_said="the hour before",
        **more,  # type: ignore[arg-type]  # what the chart takes
    )


def test_percentiles_rise_from_p50_and_the_mean_comes_last() -> None:
    chart = draw(curve("p95", *VALUES), curve("mean", *VALUES), curve("p99", *VALUES), curve("p50", *VALUES))
    assert [line.role for line in chart.lines] == ["p50", "p95", "p99", "mean"]
    assert (chart.start, chart.end, chart.step) == (NOON, NOON + 3 * MINUTE, MINUTE)


def test_what_is_no_percentile_is_one_line() -> None:
    chart = draw(curve("ratio", *VALUES), metric=SUCCESS.path)
    assert [(line.name, line.role) for line in chart.lines] == [("value", "value")]
    assert not chart.zero_based, "success is zoomed"
    losses = draw(curve("count", *VALUES), metric="persistence.dataLoss.incidents")
    assert losses.zero_based
    assert (chart.few, losses.few) == (10, 0), "a count is sure however small it is"


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_the_window_compared_with_has_as_many_steps(steps: int) -> None:
    earlier = curve("p95", *[float(step) for step in range(steps)])
    line = draw(curve("p95", *VALUES), compared=earlier).lines[-1]
    assert (line.name, line.role) == ("p95, the hour before", "before")
    assert line.values == (*earlier.values, None, None, None)[:3]
    assert len(line.n) == 3


def test_gaps_stay_gaps_in_the_json_and_have_no_row() -> None:
    chart = draw(curve("p95", *VALUES))
    assert chart.document["lines"][0]["values"] == (1.0, None, 3.0)
    assert [(row.at, row.values[0].said, row.n) for row in chart.rows] == [
        (NOON, "1 ms", 10),
        (NOON + 2 * MINUTE, "3 ms", 10),
    ]


def test_nothing_measured_is_said() -> None:
    assert not draw(curve("p95", None, None)).measured
    assert draw(curve("p95", None, 0.0)).measured


@given(st.text())
def test_whatever_a_release_is_called_the_json_stays_within_its_script(name: str) -> None:
    chart = draw(curve("p95", *VALUES), marks=[Mark(NOON, name)])
    page = Environment(autoescape=True).from_string("{{ chart.document|tojson }}").render(chart=chart)
    assert not {"<", ">", "&", "'"} & set(page)
    assert msgspec.json.decode(page)["marks"][0]["name"] == name


def test_thresholds_say_what_lies_beyond_them() -> None:
    assert thresholds_of(RENDER, RENDER.bands) == (
        Threshold(16, "good up to 16 ms", "warning"),
        Threshold(25, "degraded up to 25 ms", "bad"),
    )
    assert thresholds_of(SUCCESS, SUCCESS.bands) == (
        Threshold(98, "good from 98 %", "warning"),
        Threshold(95, "degraded from 95 %", "bad"),
        Threshold(99, "target 99 %", "target"),
    )
    assert thresholds_of(RENDER, Bands(1, 2, 3))[-1] == Threshold(16, "target 16 ms", "target")
    assert thresholds_of(METRICS_BY_PATH["api.totalCalls"], None) == ()


def opened(at_ms: int, resolved_ms: int | None = None, **labels: str) -> Incident:
    made = incident(now_ms=at_ms)
    return structs.replace(made, labels={**made.labels, **labels}, resolved_ms=resolved_ms)


def test_alerts_are_shaded_while_they_were_open_within_the_window() -> None:
    begun = [
        opened(NOON - MINUTE, NOON + MINUTE),
        opened(NOON + 2 * MINUTE),
        opened(NOON - 2 * MINUTE, NOON - MINUTE),
        opened(WINDOW.end_ms, None),
    ]
    spans = alert_spans(begun, WINDOW, NOON + 10 * MINUTE, View(zone="Europe/Berlin"))
    assert [(span.start, span.end) for span in spans] == [
        (NOON, NOON + MINUTE),
        (NOON + 2 * MINUTE, NOON + 10 * MINUTE),
    ]
    assert {(span.name, span.kind, span.severity) for span in spans} == {("Slow Message Renders", "alert", "warning")}
    assert {span.href for span in spans} == {"/dashboard/alerts/incident-1?tz=Europe%2FBerlin"}


def test_a_silence_is_shaded_where_it_hides_one_of_the_alerts() -> None:
    silence = Silence(
        id="s",
        matchers=("customer=acme",),
        starts_ms=NOON - MINUTE,
        ends_ms=NOON + MINUTE,
        reason="known",
        author="kim",
        created_ms=NOON,
    )
    (span,) = silence_spans([silence], [opened(NOON)], WINDOW)
    assert (span.start, span.end, span.name, span.kind) == (NOON, NOON + MINUTE, "silence: known", "silence")
    assert silence_spans([silence], [opened(NOON, customer="globex")], WINDOW) == ()
    assert silence_spans([structs.replace(silence, ends_ms=NOON)], [opened(NOON)], WINDOW) == ()
