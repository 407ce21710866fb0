"""A metric's own page: its chart with what happened meanwhile, and who has it."""

import csv
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
import pytest
from tests.contract.dashboard.incidents import keep_incident
from tests.contract.history import Event, random_events, store
from tests.contract.telling import LENGTH_MS, WINDOW, told
from tests.support.dashboard import render_page, visit_of
from tests.support.reading import Read, read
from tests.unit.alerting.situations import incident
from tests.unit.events import NOW_MS

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.chart import Chart
from chatvitals.dashboard.pages import metric as metric_page
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.request import Question, Window
from chatvitals.query.series import series
from chatvitals.store.control.silences import Silence
from chatvitals.store.events.embedded import EmbeddedEngine

RENDER = "performance.renders.p95Time"
ONE_OF_EACH = {(metric.statistic, metric.unit, metric.per_session): metric for metric in METRICS}.values()
"""A metric for every way to make and to say a figure."""


def url(path: str, site: str, **own: str) -> str:
    return f"/dashboard/metrics/{path}?{urlencode({'site': site, 'window': str(LENGTH_MS), **own})}"


def page(parts: Parts, path: str, site: str, **own: str) -> Read:
    return read(render_page(parts, url(path, site, **own)).html)


def chart(parts: Parts, path: str, site: str, **own: str) -> Chart:
    """What the chart's island reads."""
    html = render_page(parts, url(path, site, **own)).html
    script = html.split('<script type="application/json">')[1].split("</script>")[0]
    return msgspec.json.decode(script, type=Chart)


def renders(number: int, ms: float, **more: object) -> list[Event]:
    return [
        told("render", renderTime=ms, contentLength=10, messageCount=1, sessionId=f"{ms} {place}", **more)
        for place in range(number)
    ]


@pytest.mark.parametrize("metric", ONE_OF_EACH, ids=lambda metric: metric.path)
def test_metrics_of_every_kind_have_a_page(parts: Parts, metric: Metric) -> None:
    seen = page(parts, metric.path, "nobody")
    assert metric.title in seen.text
    assert metric.path in seen.text


def test_the_api_answers_what_the_chart_shows(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, renders(20, 8.0, timestamp=NOW_MS + 60_000))
    drawn = chart(parts, RENDER, site)
    asked = dict(parse_qsl(urlsplit(drawn.json_href).query))
    window = Window(int(asked["from"]), int(asked["to"]))
    answered = series(parts.source, Question(window, {"site": (site,)}), asked["metric"], int(asked["step"]), None)
    shown = next(line for line in drawn.lines if line.name == "p95")
    assert (answered.times, answered.lines[0].values) == (list(drawn.times), list(shown.values))


def test_the_chart_has_the_percentiles_the_thresholds_and_the_window_before(
    engine: EmbeddedEngine, parts: Parts
) -> None:
    site = store(engine, [*renders(20, 8.0, timestamp=NOW_MS + 60_000), *renders(5, 20.0, timestamp=NOW_MS - 60_000)])
    drawn = chart(parts, RENDER, site, compare="before")
    assert [(line.name, line.role) for line in drawn.lines] == [
        ("p50", "p50"),
        ("p95", "p95"),
        ("p99", "p99"),
        ("mean", "mean"),
        ("p95, the 10 min before", "before"),
    ]
    place = drawn.times.index(NOW_MS + 60_000)
    assert [line.values[place] for line in drawn.lines[:4]] == [8.0] * 4
    assert drawn.lines[0].n[place] == 20
    assert drawn.lines[4].values[drawn.times.index(NOW_MS + LENGTH_MS - 60_000)] == 20.0
    assert [threshold.name for threshold in drawn.thresholds] == ["good up to 16 ms", "degraded up to 25 ms"]
    assert [line.role for line in chart(parts, RENDER, site).lines] == ["p50", "p95", "p99", "mean"]


def test_new_releases_are_marked(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            *renders(1, 8.0, timestamp=NOW_MS - 60_000, release="2.4.0"),
            *renders(1, 8.0, timestamp=NOW_MS + 90_000, release="</script>"),
        ],
    )
    (mark,) = chart(parts, RENDER, site).marks
    assert (mark.at, mark.name) == (NOW_MS + 90_000, "</script>")


def test_alerts_about_the_same_measure_are_shaded_and_what_hid_them(parts: Parts) -> None:
    parts.book.look()
    opened = incident(now_ms=NOW_MS + 60_000)
    keep_incident(parts, opened)
    silence = Silence(
        id="s",
        matchers=("rule=slow-renders",),
        starts_ms=NOW_MS + 120_000,
        ends_ms=NOW_MS + 180_000,
        reason="a known fault",
        author="kim",
        created_ms=NOW_MS,
    )
    parts.silences.add(silence)
    spans = chart(parts, "performance.renders.avgTime", "shop").spans
    assert [(span.kind, span.name, span.start, span.end) for span in spans] == [
        ("silence", "silence: a known fault", NOW_MS + 120_000, NOW_MS + 180_000),
        ("alert", "Slow Message Renders", NOW_MS + 60_000, WINDOW.end_ms),
    ]
    assert chart(parts, "api.p95Duration", "shop").spans == ()
    assert chart(parts, RENDER, "shop", customer="globex").spans == ()


def test_it_is_told_who_has_it_worst_first(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            *renders(60, 8.0, customer="acme", browser="Chrome 143"),
            *renders(30, 30.0, customer="globex", browser="Safari 26"),
            *renders(10, 12.0, customer="", browser="Safari 26"),
            *renders(9, 99.0, customer="few", browser="Chrome 143"),
        ],
    )
    seen = page(parts, RENDER, site)
    table = seen.tables["By customer"]
    assert table.column("Customer") == ["globex", "no customer named", "acme", "few"]
    assert table.column("Samples") == ["30", "10", "60", "9"]
    assert table.rows[0]["Value"] == "bad: 30 ms"
    assert "customer=globex" in table.links["globex"]
    assert set(seen.tables) >= {f"By {name}" for name in ("release", "variant", "browser", "page", "country")}
    by_traffic = page(parts, RENDER, site, by="customer", sort="-n").tables["By customer"]
    assert by_traffic.column("Customer") == ["acme", "globex", "no customer named", "few"]


def test_of_many_values_the_first_are_shown_and_all_are_a_link_away(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [event for place in range(12) for event in renders(1, 8.0, page=f"/{place}")])
    seen = page(parts, RENDER, site)
    assert len(seen.tables["By page"].rows) == 8
    assert "by=page" in seen.links["All 12"]
    assert len(page(parts, RENDER, site, by="page").tables["By page"].rows) == 12


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("persistence.dataLoss.incidents", "loss"),
        ("persistence.restoration.wrongIdentityRate", "identity"),
        ("persistence.restoration.successRate", "restore"),
        ("persistence.operations.successRate", "storage"),
        ("performance.renders.slowRenderRate", "render"),
        (RENDER, "render"),
        ("api.p95Duration", "api"),
        ("memory.peak", None),
        ("performance.scroll.avgFps", None),
    ],
)
def test_the_sessions_behind_it(parts: Parts, path: str, wrong: str | None) -> None:
    href = page(parts, path, "nobody").links["Sessions behind it"]
    assert href == f"/dashboard/sessions?window={LENGTH_MS}&site=nobody" + (f"&wrong={wrong}" if wrong else "")


def test_the_chart_as_csv_has_its_values_and_gaps(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, random_events(11, 300))
    drawn = chart(parts, RENDER, site)
    file = metric_page.CSV.make(visit_of(parts, url(RENDER, site), {"path": RENDER}))
    assert (file.name, file.media_type) == (f"{RENDER}.csv", "text/csv; charset=utf-8")
    head, *rows = csv.reader(file.content.decode().splitlines())
    assert head == ["time", "p50", "p95", "p99", "mean", "n"]
    for column, line in enumerate(drawn.lines, start=1):
        assert [float(row[column]) if row[column] else None for row in rows] == list(line.values)
    assert rows[0][0] == "2026-01-01T12:00:00.000Z"


def test_what_there_isnt_is_refused(parts: Parts) -> None:
    with pytest.raises(NotFound, match="there is no metric 'nope'"):
        page(parts, "nope", "nobody")
    with pytest.raises(BadRequest, match="by is 'shoe': give one of customer, release"):
        page(parts, RENDER, "nobody", by="shoe")


def test_rules_about_its_percentiles_are_about_it(parts: Parts) -> None:
    parts.book.look()
    assert "slow-renders" in page(parts, "performance.renders.avgTime", "nobody").text
    assert METRICS_BY_PATH[RENDER].measure == METRICS_BY_PATH["performance.renders.avgTime"].measure
