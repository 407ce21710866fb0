"""The events table, the queries and the catalogue belong together."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

import chatvitals
from chatvitals.catalogue.dimensions import DIMENSION_NAMES, breakdown_column
from chatvitals.catalogue.metrics import METRICS
from chatvitals.errors import EngineError
from chatvitals.ingest.rows import EVENT_COLUMNS
from chatvitals.query import export, figures, rollups, series
from chatvitals.query.buckets import Nested, Sliding, Steps
from chatvitals.query.build import WHOLE, Grouping, figures_query, kind_of, wanted_by
from chatvitals.query.request import Question, Window
from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.migrate import damaged_parts, migrate, set_retention

HOUR_MS = 3_600_000
QUESTION = Question(Window(1_000, 61_000), {"customer": ("acme", "o'neil")})
GROUPINGS = [
    WHOLE,
    Grouping(Steps(1_000)),
    Grouping(columns=("release",)),
    Grouping(Steps(1_000), ("customer",)),
    Grouping(Nested((60_000, 5_000)), ("site", "customer")),
    Grouping(Sliding(5_000, 1_000), ("site", "release", "browser")),
]


def test_the_events_table_has_the_columns_that_rows_are_written_with(engine: EmbeddedEngine) -> None:
    rows = engine.query("SELECT name, type FROM system.columns WHERE table = 'events' AND database = currentDatabase()")
    assert {row["name"]: row["type"] for row in rows} == EVENT_COLUMNS


def test_migrations_that_were_applied_are_not_applied_again(engine: EmbeddedEngine) -> None:
    before = engine.query("SELECT name FROM schema_migrations ORDER BY name")
    assert migrate(engine) == []
    assert engine.query("SELECT name FROM schema_migrations ORDER BY name") == before
    schema = files("chatvitals.store.events") / "schema"
    assert [row["name"] for row in before] == sorted(file.name for file in schema.iterdir())


def test_nothing_is_damaged(engine: EmbeddedEngine) -> None:
    assert damaged_parts(engine) == []


def ttls(engine: EmbeddedEngine) -> dict[str, str]:
    rows = engine.query("SELECT name, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()")
    found = {row["name"]: re.search(r"TTL (.+?) SETTINGS", row["ddl"]) for row in rows}
    return {name: match[1] for name, match in found.items() if match}


def test_retention_is_what_was_set_last(engine: EmbeddedEngine) -> None:
    for days, months in ((3_649, 119), (3_650, 120), (3_650, 120)):
        set_retention(engine, days, months)
        assert ttls(engine) == {
            "events": f"toDateTime(ts) + toIntervalDay({days})",
            "outcomes": f"minute + toIntervalDay({days})",
            "rollup_hours": f"hour + toIntervalMonth({months})",
        }


@pytest.mark.parametrize("grouping", GROUPINGS, ids=str)
@pytest.mark.parametrize("kind", sorted({kind_of(metric) for metric in METRICS}))
def test_the_metrics_of_every_kind_can_be_asked(engine: EmbeddedEngine, kind: str, grouping: Grouping) -> None:
    wanted = wanted_by(metric for metric in METRICS if kind_of(metric) == kind)
    for weighted in (False, True):
        query = figures_query(wanted, QUESTION, grouping, weighted=weighted, customers_of=[kind])
        for row in engine.query(query.sql, query.parameters):
            assert len(row["statistics"]) == len(wanted[kind])


@pytest.mark.parametrize("column", [*DIMENSION_NAMES, "site"])
def test_figures_of_all_kinds_can_be_split_by_every_dimension(engine: EmbeddedEngine, column: str) -> None:
    query = figures_query(wanted_by(METRICS), QUESTION, Grouping(columns=(column,)))
    assert engine.query(query.sql, query.parameters) == []


@pytest.mark.parametrize(
    ("path", "by"),
    [("api.p95Duration", "endpoint"), ("persistence.operations.successRate", "errorType"), ("errors.total", "type")],
)
def test_figures_can_be_split_by_a_text_field(engine: EmbeddedEngine, path: str, by: str) -> None:
    source = figures.Source(engine, rollups.Rollups(engine, lambda: 0, raw_retention_days=30))
    assert series.breakdown(source, QUESTION, path, by, 10).parts == []


def test_every_query_file_is_named_by_the_code_that_asks_it() -> None:
    code = "".join(file.read_text() for file in Path(chatvitals.__file__).parent.rglob("*.py"))
    there = [file.name.removesuffix(".sql") for file in (files("chatvitals.store.events") / "queries").iterdir()]
    assert [name for name in there if f'"{name}"' not in code] == []


@pytest.mark.parametrize("format", ["ndjson", "csv", "parquet"])
def test_every_format_of_an_export_runs(engine: EmbeddedEngine, format: export.ExportFormat) -> None:
    pieces = list(export.export(engine, QUESTION, format))
    assert all(isinstance(piece, bytes) for piece in pieces)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO schema_migrations (name) VALUES ('x')",
        "DROP TABLE events",
        "ALTER TABLE events DELETE WHERE 1",
        "CREATE TABLE other (a Int8) ENGINE = Memory",
        "SET readonly = 0",
    ],
)
def test_a_reader_changes_nothing(engine: EmbeddedEngine, statement: str) -> None:
    with pytest.raises(EngineError):
        engine.query(statement)


def test_what_the_engine_refuses_is_an_error_of_ours_and_the_next_question_is_answered(engine: EmbeddedEngine) -> None:
    for _ in range(20):
        with pytest.raises(EngineError):
            engine.query("SELECT nothing FROM nowhere")
    with pytest.raises(EngineError):
        engine.execute("CREATE NONSENSE")
    with pytest.raises(EngineError):
        engine.insert("events", [b"no block"], "a token")
    assert engine.query("SELECT 1 AS one") == [{"one": 1}]


def test_every_metric_can_be_broken_down_by_dimensions() -> None:
    for metric in METRICS:
        assert all(breakdown_column(name, kind_of(metric)) == name for name in DIMENSION_NAMES)
