"""The OpenAPI 3.1 document, made from the route table and the types that the routes decode and encode."""

from inspect import cleandoc
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chatvitals import __version__
from chatvitals.catalogue.metrics import METRICS, Metric
from chatvitals.ingest.endpoint import IngestAnswer
from chatvitals.ingest.envelope import Batch
from chatvitals.query.health import Health
from chatvitals.query.request import FILTERABLE
from chatvitals.query.snapshot import Coverage
from chatvitals.server.api.routes import ApiRoute, Parameter
from chatvitals.server.api.widget import WindowAnswer
from chatvitals.server.api.widget_alerts import AlertStats, WidgetAlert
from chatvitals.server.problems import MEDIA_TYPE, Problem

_REF = "#/components/schemas/{name}"
_BODIES = {"ndjson": "application/x-ndjson", "yaml": "application/yaml"}
_TEXT = {"type": "string"}
_PROBLEMS = (400, 401, 403, 408, 409, 413, 415, 429, 503)


def _figure_types() -> dict[str, Any]:
    """For each first part of the metrics' paths a struct type, nested as the paths are."""
    tree: dict[str, Any] = {}
    for metric in METRICS:
        *parents, leaf = metric.path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = metric
    tree["persistence"]["errorsByType"] = tree["persistence"]["dataLoss"]["errorsByType"] = dict[str, int]
    return {name: _figure_struct(name, branch) for name, branch in tree.items()}


def _figure_struct(name: str, branch: dict[str, Any]) -> Any:
    fields = []
    for leaf, node in branch.items():
        if isinstance(node, Metric):
            note = Meta(description=f"{node.title}; unit: {node.unit}")
            fields.append((leaf, Annotated[float | None, note]))
        elif isinstance(node, dict):
            fields.append((leaf, _figure_struct(f"{name}{leaf[0].upper()}{leaf[1:]}", node)))
        else:
            fields.append((leaf, node))
    return msgspec.defstruct(f"{name[0].upper()}{name[1:]}Figures", fields)


def _widget_type() -> Any:
    figures = list(_figure_types().items())
    previous = msgspec.defstruct("PreviousWindow", [("window", WindowAnswer), *figures, ("coverage", Coverage)])
    return msgspec.defstruct(
        "WidgetAnswer",
        [
            ("health", Health),
            *figures,
            ("alerts", tuple[WidgetAlert, ...]),
            ("alertStats", AlertStats),
            ("window", WindowAnswer),
            ("coverage", Coverage),
            ("previous", previous),
        ],
    )


def _operation(route: ApiRoute, schemas: dict[Any, Any]) -> dict[str, Any]:
    parameters = [
        {
            "name": parameter.name,
            "in": parameter.place,
            "required": parameter.required,
            "description": parameter.what,
            "schema": _parameter_schema(parameter),
        }
        for parameter in route.parameters
    ]
    if route.filters:
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": f"only this {name}; several times for any of several",
                "schema": {"type": "array", "items": {"type": "string"}},
            }
            for name in FILTERABLE
        ]
    content = {
        media: {"schema": schemas[route.answer]} if media == "application/json" and route.answer else {}
        for media in route.media_types
    }
    answer = {"description": route.summary} | ({} if route.status == 204 else {"content": content})
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _operation_id(route),
        "parameters": parameters,
        "responses": {
            str(route.status): answer,
            "default": _problem(),
        },
        "security": [] if route.open else [{"token": []}],
    }
    if route.body in _BODIES:
        operation["requestBody"] = {"required": True, "content": {_BODIES[route.body]: {"schema": _TEXT}}}
    elif route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[route.body]}},
        }
    return operation


def _parameter_schema(parameter: Parameter) -> dict[str, Any]:
    one = {"type": parameter.kind} | ({"enum": list(parameter.values)} if parameter.values else {})
    return {"type": "array", "items": one} if parameter.several else one


def _operation_id(route: ApiRoute) -> str:
    parts = route.path.replace("{", "").replace("}", "").split("/")
    return route.method.lower() + "".join(part.title() for part in parts)


def _problem() -> dict[str, Any]:
    return {
        "description": "What went wrong, and what to do (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
    }


def _ingest_operation(schemas: dict[Any, Any]) -> dict[str, Any]:
    batch = {"schema": schemas[Batch]}
    return {
        "summary": "Take a batch of events, or a single metric of the first version; 202 once it is on disk",
        "operationId": "ingest",
        "parameters": [
            {
                "name": "X-Chatvitals-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": "the write key, where it isn't in the body",
            },
        ],
        "requestBody": {"required": True, "content": {"application/json": batch, "text/plain": batch}},
        "responses": {
            "202": {
                "description": "On disk, each event counted exactly once",
                "content": {"application/json": {"schema": schemas[IngestAnswer]}},
            },
            **{str(status): _problem() for status in _PROBLEMS},
        },
        "security": [],
    }


def openapi(routes: list[ApiRoute], ingest_path: str) -> bytes:
    """The document, as JSON."""
    widget = _widget_type()
    types = [Batch, IngestAnswer, Problem, widget]
    for told in (told for route in routes for told in (route.answer, route.body)):
        if not isinstance(told, str) and told is not None and told not in types:
            types.append(told)
    made, components = msgspec.json.schema_components(types, ref_template=_REF)
    for component in components.values():
        if "description" in component:
            component["description"] = cleandoc(component["description"])
    schemas: dict[Any, Any] = dict(zip(types, made, strict=True)) | {"widget": made[types.index(widget)]}
    paths: dict[str, dict[str, Any]] = {ingest_path: {"post": _ingest_operation(schemas)}}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "chatvitals",
                "version": __version__,
                "description": "Real-user monitoring for embedded chat widgets.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }
    )
