import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.metrics import METRICS
from chatvitals.query.request import FILTERABLE
from chatvitals.server.api.ingest import PATH as INGEST_PATH
from chatvitals.server.api.routes import ApiRoute, Parameter, in_path
from chatvitals.server.app import Application
from chatvitals.server.openapi import openapi
from chatvitals.settings import Settings

Json = dict[str, Any]

NOTHING_RUNNING = MagicMock(settings=Settings())
ROUTES = Application(NOTHING_RUNNING, token=None).routes
DOCUMENT: Json = json.loads(openapi(ROUTES, INGEST_PATH))


def nodes(node: Any) -> Iterator[Json]:
    """Every object of the document."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(inner)


def operation(route: ApiRoute) -> Json:
    found: Json = DOCUMENT["paths"][route.path][route.method.lower()]
    return found


def schema_of(name: str) -> Json:
    found: Json = DOCUMENT["components"]["schemas"][name]
    return found


def test_it_is_an_openapi_document() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["title"] == "chatvitals"
    assert DOCUMENT["info"]["license"]["identifier"] == "Apache-2.0"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_described(route: ApiRoute) -> None:
    described = operation(route)
    assert described["summary"] == route.summary
    assert str(route.status) in described["responses"]
    assert "default" in described["responses"]
    assert described["security"] == ([] if route.open else [{"token": []}])
    named = {parameter["name"] for parameter in described["parameters"]}
    assert named == {*route.known_parameters, *(FILTERABLE if route.filters else ())}
    for parameter in described["parameters"]:
        assert parameter["description"]
    in_path = {parameter["name"] for parameter in described["parameters"] if parameter["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", route.path))
    assert ("requestBody" in described) == (route.body is not None)


def test_nothing_else_is_described() -> None:
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == {("POST", INGEST_PATH), *((route.method, route.path) for route in ROUTES)}


def test_the_routes_that_the_product_promises_are_there() -> None:
    promised = {
        *("/api/monitoring/widget", "/api/monitoring/series", "/api/monitoring/breakdown", "/api/monitoring/outcomes"),
        *("/metrics", "/livez", "/readyz", "/api/openapi.json"),
    }
    assert promised <= {route.path for route in ROUTES if route.method == "GET"}


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [node["operationId"] for node in nodes(DOCUMENT["paths"]) if "operationId" in node]
    assert len(names) == len(ROUTES) + 1
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere() -> None:
    references = [node["$ref"] for node in nodes(DOCUMENT) if isinstance(node.get("$ref"), str)]
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in DOCUMENT["components"]["schemas"]


def test_what_is_taken_and_answered_is_described() -> None:
    post = DOCUMENT["paths"][INGEST_PATH]["post"]
    assert post["requestBody"]["content"].keys() == {"application/json", "text/plain"}
    assert {"202", "400", "401", "403", "409", "413", "415", "429", "503"} <= post["responses"].keys()
    assert schema_of("Batch")["required"] == ["batch", "sentAt", "events"]
    kinds = schema_of("Batch")["properties"]["events"]["items"]["discriminator"]["mapping"]
    assert kinds.keys() == KINDS.keys()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
def test_every_figure_is_described_where_it_stands(metric: Any) -> None:
    place = schema_of("WidgetAnswer")
    for part in metric.path.split("."):
        place = place["properties"][part]
        while "$ref" in place:
            place = schema_of(place["$ref"].rpartition("/")[2])
    assert metric.unit in place["description"]
    assert {"type": "null"} in place["anyOf"], "unknown is an answer"


class Answer(msgspec.Struct):
    rule: str


class Asked(msgspec.Struct):
    threshold: float


async def nobody(_request: Request) -> Response:
    raise NotImplementedError


def test_a_part_of_the_path_and_the_body_of_a_request_are_described() -> None:
    name = in_path("name", "name of the rule")
    routes = [
        ApiRoute("PUT", "/api/rules/{name}", "Write a rule", nobody, Answer, (name,), body=Asked),
        ApiRoute("DELETE", "/api/rules/{name}", "Remove a rule", nobody, None, (name,), status=204),
        ApiRoute("POST", "/api/rules/check", "Check rules", nobody, Answer, body="yaml"),
    ]
    described = json.loads(openapi(routes, INGEST_PATH))["paths"]
    put, delete = described["/api/rules/{name}"]["put"], described["/api/rules/{name}"]["delete"]
    assert put["parameters"][0] == {
        "name": "name",
        "in": "path",
        "required": True,
        "description": "name of the rule",
        "schema": {"type": "string"},
    }
    assert put["operationId"] == "putApiRulesName"
    assert put["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Asked"}
    assert delete["responses"]["204"] == {"description": "Remove a rule"}
    assert described["/api/rules/check"]["post"]["requestBody"]["content"] == {
        "application/yaml": {"schema": {"type": "string"}}
    }


def test_a_parameter_that_may_come_several_times_is_a_list() -> None:
    several = Parameter("status", "of this status", values=("open", "resolved"), several=True)
    routes = [ApiRoute("GET", "/api/alerts", "Incidents", nobody, Answer, (several, Parameter("after", "an id")))]
    status, after = json.loads(openapi(routes, INGEST_PATH))["paths"]["/api/alerts"]["get"]["parameters"]
    assert status["schema"] == {"type": "array", "items": {"type": "string", "enum": ["open", "resolved"]}}
    assert after["schema"] == {"type": "string"}


def test_descriptions_have_no_indentation_of_the_code() -> None:
    described = [node["description"] for node in nodes(DOCUMENT) if isinstance(node.get("description"), str)]
    assert len(described) > 100
    assert not [text for text in described if "\n  " in text]
