"""The answers of a running server agree with each other, in every form, and with what they say of themselves."""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus
from tests.support.corpora import EXAMPLES, event_of
from tests.support.figures import figure
from tests.support.server import HOUR_MS, Json, Server, batch_of, make_sites, now_ms
from tests.support.wire import post_all

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH

SITE = "read"
CUSTOMERS = ("acme", "globex", "o'neill & söns")
RELEASES = ("2.4.0", "2.4.1")
BATCHES = 60
EVENTS = len(EXAMPLES) + 2
"""In a batch."""


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a site that has every kind of event in the last ten minutes."""
    data = tmp_path_factory.mktemp("reading") / "data"
    make_sites(data, [SITE, "silent"])
    with Server(data, flush_interval_ms=100, commit_interval_ms=1) as server:
        now, bodies = now_ms(), []
        for number in range(BATCHES):
            moment = now - 1_000 - number * 4_000
            slow = {"renderTime": 3 + number % 40 / 2}
            events = [event_of(kind, moment, **(slow if kind == "render" else {})) for kind in EXAMPLES]
            events += [event_of("message", moment, stage="sent"), event_of("boot", moment, stage="requested")]
            context = {
                "sessionId": f"s-{number % 20}",
                "tabId": "t",
                "customer": CUSTOMERS[number % 3],
                "release": RELEASES[number % 7 == 0],
                "page": f"/p{number % 4}",
                "browser": "Chrome 141",
            }
            bodies.append(json.dumps(batch_of(SITE, events, context=context)).encode())
        assert {reply.status for reply in post_all(server.url, bodies)} == {202}
        server.wait_settled(SITE, kept=BATCHES * EVENTS)
        yield server


@pytest.fixture(scope="module")
def window(reading: Server) -> Json:
    """One window for all questions, so that their answers can be compared."""
    assert reading.running
    now = now_ms()
    return {"from": now - 600_000, "to": now}


@pytest.fixture(scope="module")
def snapshot(reading: Server, window: Json) -> Json:
    answer: Json = reading.get("/api/monitoring/widget", site=SITE, **window)
    return answer


def test_every_metric_is_there(snapshot: Json) -> None:
    for metric in METRICS:
        assert figure(snapshot, metric.path) is not None, metric.path
        assert figure(snapshot["previous"], metric.path) in (None, 0), metric.path
    assert snapshot["health"]["overall"] <= 49  # there are losses
    assert snapshot["coverage"]["events"] == BATCHES * EVENTS
    assert snapshot["coverage"]["sessions"] == 20


def test_silence_is_unknown_and_not_healthy(reading: Server) -> None:
    answer = reading.figures("silent")
    assert answer["health"]["status"] == "unknown"
    assert answer["health"]["overall"] is None
    for metric in METRICS:
        assert figure(answer, metric.path) == (0 if metric.statistic in ("count", "sum") else None), metric.path


def test_csv_says_the_same(reading: Server, window: Json, snapshot: Json) -> None:
    reply = reading.client.get("/api/monitoring/widget", params={"site": SITE, "format": "csv", **window})
    assert reply.headers["content-type"].startswith("text/csv")
    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(reply.text))}
    assert rows.keys() == METRICS_BY_PATH.keys()
    for path, row in rows.items():
        assert float(row["value"]) == figure(snapshot, path), path
        assert row["unit"] == METRICS_BY_PATH[path].unit


def _samples(families: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for family in families:
        for sample in family.samples:
            if sample.labels.get("site") == SITE and len(sample.labels) == 1:
                found[sample.name] += sample.value
    return found


def test_prometheus_says_the_same(reading: Server, window: Json, snapshot: Json) -> None:
    reply = reading.client.get("/api/monitoring/widget", params={"site": SITE, "format": "prometheus", **window})
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = _samples(parse_prometheus(reply.text))
    assert len(samples) == len(METRICS) + 1  # and the health score
    expected = {path: figure(snapshot, path) for path in METRICS_BY_PATH}
    for path, name, factor in (
        ("performance.renders.p95Time", "chatvitals_widget_performance_renders_p95_time_seconds", 1_000),
        ("persistence.operations.successRate", "chatvitals_widget_persistence_operations_success_ratio", 100),
        ("memory.peak", "chatvitals_widget_memory_peak_bytes", 1),
        ("api.totalCalls", "chatvitals_widget_api_total_calls", 1),
    ):
        told = expected[path]
        assert told is not None
        assert math.isclose(samples[name] * factor, told, rel_tol=1e-6), path


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text; version=1.0.0"])
def test_the_scrape_is_well_formed(reading: Server, accept: str) -> None:
    reply = reading.client.get("/metrics", headers={"accept": accept})
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(accept.split(";")[0])
    parse = parse_openmetrics if "openmetrics" in accept else parse_prometheus
    families = list(parse(reply.text))
    samples = _samples(families)
    assert samples["chatvitals_widget_performance_renders_avg_time_seconds"] > 0
    names = {family.name for family in families}
    assert {"chatvitals_ingest_events", "chatvitals_spool_bytes", "chatvitals_store_writable"} <= names
    kept = sum(
        sample.value
        for family in families
        if family.name == "chatvitals_ingest_events"
        for sample in family.samples
        if sample.labels["site"] == SITE and sample.labels["kept"] == "true"
    )
    assert kept == BATCHES * EVENTS


@pytest.mark.parametrize(
    "path",
    [
        "performance.renders.p95Time",
        "api.totalCalls",
        "persistence.operations.successRate",
        "memory.peak",
        "performance.scroll.jankPercentage",
        "persistence.dataLoss.incidents",
    ],
)
def test_series_and_breakdown_agree_with_the_snapshot(reading: Server, window: Json, snapshot: Json, path: str) -> None:
    whole = figure(snapshot, path)
    asked = {"metric": path, "site": SITE, **window}
    one = reading.get("/api/monitoring/series", step=600_000, **asked)
    assert [line["values"] for line in one["lines"]] == [[whole]]
    many = reading.get("/api/monitoring/series", step=60_000, **asked)
    assert many["times"] == [window["from"] + 60_000 * place for place in range(10)]
    split = reading.get("/api/monitoring/series", step=60_000, by="customer", **asked)
    parts = reading.get("/api/monitoring/breakdown", by="customer", **asked)
    assert {part["key"] for part in parts["parts"]} == {line["key"] for line in split["lines"]} == set(CUSTOMERS)
    if path != "memory.peak":  # sessions are in several steps
        n = sum(part["n"] for part in parts["parts"])
        assert n == sum(many["lines"][0]["n"]) == sum(sum(line["n"]) for line in split["lines"])
    assert math.isclose(sum(part["share"] for part in parts["parts"]), 100, abs_tol=0.01)
    for part in parts["parts"]:
        alone = reading.figures(SITE, from_=window["from"], to=window["to"], customer=part["key"])
        assert figure(alone, path) == part["value"], part
    if path.endswith(("totalCalls", "incidents")):
        assert sum(many["lines"][0]["values"]) == sum(part["value"] for part in parts["parts"]) == whole


def test_a_breakdown_by_a_text_field(reading: Server, window: Json) -> None:
    asked = {"metric": "api.totalCalls", "site": SITE, **window}
    parts = reading.get("/api/monitoring/breakdown", by="endpoint", **asked)["parts"]
    assert [(part["key"], part["n"]) for part in parts] == [("/v1/messages", BATCHES)]


def test_a_window_without_its_end(reading: Server) -> None:
    moments = sorted(event["timestamp"] for event in reading.export(SITE) if event["kind"] == "render")
    first, last = moments[0], moments[-1]
    for start, end, expected in (
        (first, last, BATCHES - 1),
        (first, last + 1, BATCHES),
        (first + 1, last + 1, BATCHES - 1),
        (last, last + 1, 1),
    ):
        answer = reading.figures(SITE, from_=start, to=end)
        assert answer["performance"]["renders"]["total"] == expected
        assert answer["window"] == {"start": start, "end": end, "length": end - start}
        asked = {"metric": "performance.renders.total", "by": "site", "site": SITE, "from": start, "to": end}
        assert [part["n"] for part in reading.get("/api/monitoring/breakdown", **asked)["parts"]] == [expected]
    spelt = reading.get("/api/monitoring/widget", site=SITE, **{"from": "2020-01-01T00:00:00Z", "to": "2020-01-02"})
    assert spelt["window"]["length"] == 24 * HOUR_MS


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("widget?window=soon", "window"),
        ("widget?window=5", "window"),
        ("widget?from=2&to=1", "from"),
        ("widget?from=1&window=5000", "window"),
        ("widget?to=yesterday", "to"),
        ("widget?custmer=acme", "custmer"),
        ("widget?format=xml", "format"),
        ("series?metric=nothing.like.it", "metric"),
        ("series", "metric"),
        ("series?metric=api.totalCalls&step=0", "step"),
        ("series?metric=api.totalCalls&window=86400000&step=1000", "step"),
        ("breakdown?metric=api.totalCalls", "by"),
        ("breakdown?metric=api.totalCalls&by=shoe-size", "by"),
        ("breakdown?metric=api.totalCalls&by=customer&limit=0", "limit"),
        ("outcomes?format=csv", "format"),
        ("export?format=xls", "format"),
    ],
)
def test_questions_that_make_no_sense(reading: Server, query: str, field: str) -> None:
    reply = reading.client.get(f"/api/monitoring/{query}")
    assert reply.status_code == 400, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["field"] == field


def test_other_paths_and_methods(reading: Server) -> None:
    for method, path, status in (
        ("GET", "/nothing/here", 404),
        ("DELETE", "/api/monitoring/widget", 405),
        ("POST", "/api/monitoring/series", 405),
    ):
        reply = reading.client.request(method, path)
        assert reply.status_code == status, f"{method} {path}"
        assert reply.headers["content-type"] == "application/problem+json"


# OpenAPI


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def _conforms(value: Any, schema: Json, schemas: Json, place: str) -> None:
    """As much of JSON Schema as the document uses for answers."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        errors = []
        for choice in schema["anyOf"]:
            try:
                _conforms(value, choice, schemas, place)
            except AssertionError as error:
                errors.append(str(error))
            else:
                return
        raise AssertionError("; ".join(errors))
    types = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None),
        "boolean": bool,
    }  # fmt: skip
    told = schema.get("type")
    if isinstance(told, str):
        assert isinstance(value, types[told]), f"{place} is {value!r}, not {told}"  # type: ignore[arg-type]  # a tuple too
    if isinstance(value, dict):
        missing = set(schema.get("required", ())) - value.keys()
        assert not missing, f"{place} has no {missing}"
        known = schema.get("properties", {})
        if known:
            assert value.keys() <= known.keys(), f"{place} has {value.keys() - known.keys()}, which is not described"
        for name, child in value.items():
            described = known.get(name) or schema.get("additionalProperties")
            if isinstance(described, dict):
                _conforms(child, described, schemas, f"{place}.{name}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for child in value:
            _conforms(child, schema["items"], schemas, f"{place}[]")


_THERE = {("/api/monitoring/rules/{name}", "name"): "data-loss"}
"""What there is in a server where nothing happened, by path and parameter."""


def test_the_openapi_document_is_whole_and_every_path_answers_as_it_says(reading: Server) -> None:
    document = reading.get("/api/openapi.json")
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    schemas = document["components"]["schemas"]
    for reference in _references(document):
        assert reference.startswith("#/components/schemas/")
        assert reference.rpartition("/")[2] in schemas, reference
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    identifiers = [operation["operationId"] for operation in operations]
    assert len(set(identifiers)) == len(identifiers)

    needed = {"metric": "api.totalCalls", "by": "customer", "dimension": "customer"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "get":
                continue
            required = [each for each in operation["parameters"] if each["required"]]
            in_path = {
                each["name"]: _THERE.get((path, each["name"]), "nothing") for each in required if each["in"] == "path"
            }
            parameters = {each["name"]: needed[each["name"]] for each in required if each["in"] == "query"}
            reply = reading.client.get(path.format(**in_path), params=parameters)
            if "nothing" in in_path.values():
                assert reply.status_code == 404, f"{path}: {reply.text}"
                _conforms(reply.json(), schemas["Problem"], schemas, path)
                continue
            assert reply.status_code == 200, f"{path}: {reply.text}"
            media = reply.headers["content-type"].split(";")[0]
            content = operation["responses"]["200"]["content"]
            assert media in {each.split(";")[0] for each in content}, f"{path} answers {media}"
            schema = content.get(media, {}).get("schema")
            if schema:
                _conforms(reply.json(), schema, schemas, path)
    refusal = reading.client.get("/api/monitoring/series")
    _conforms(refusal.json(), schemas["Problem"], schemas, "problem")
    taken = reading.post(batch_of("silent", []))
    assert taken.status_code == 202
    _conforms(taken.json(), schemas["IngestAnswer"], schemas, "taken")
