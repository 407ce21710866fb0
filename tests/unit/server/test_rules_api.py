from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatvitals.alerting.configuration import WatchedFolder
from chatvitals.alerting.rules.book import RuleBook
from chatvitals.alerting.rules.defaults import default_rules, filed_default_rules
from chatvitals.errors import RequestError
from chatvitals.server.api.rules import PATH, Rules
from chatvitals.server.problems import problem_response
from chatvitals.store.control.database import open_database
from chatvitals.store.control.rules import AlertRules

NOW_MS = 1_760_000_000_000
FORM = {"category": "api", "metric": "api.errorRate", "threshold": {"above": {"error": 1}}, "window": "10m"}
FILED = "rules:\n  - name: filed\n    category: api\n    metric: api.errorRate\n    threshold: {above: {error: 2}}\n"

Json = dict[str, Any]


class Api:
    """The routes over a real store and folder."""

    def __init__(self, client: httpx2.AsyncClient, folder: WatchedFolder, book: RuleBook) -> None:
        self.client = client
        self.folder = folder
        self.book = book

    def look(self) -> None:
        self.folder.look()
        self.book.look()

    async def ask(self, method: str, path: str, status: int = 200, **arguments: Any) -> Json:
        answer = await self.client.request(method, path, **arguments)
        assert answer.status_code == status, answer.text
        found: Json = answer.json() if answer.content else {}
        return found


@pytest.fixture
def book(tmp_path: Path) -> Iterator[tuple[WatchedFolder, RuleBook]]:
    (tmp_path / "files").mkdir()
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    folder = WatchedFolder(tmp_path / "files", default_rules())
    yield (
        folder,
        RuleBook(filed_default_rules(), AlertRules(database), lambda: folder.configuration.rules, lambda: NOW_MS),
    )
    database.dispose()


@pytest.fixture
async def api(book: tuple[WatchedFolder, RuleBook]) -> AsyncIterator[Api]:
    async def problem(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestError)
        return problem_response(error)

    routes = [Route(route.path, route.handler, methods=[route.method]) for route in Rules(book[1], book[0]).routes()]
    application = Starlette(routes=routes, exception_handlers={RequestError: problem})
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        opened = Api(client, *book)
        opened.look()
        yield opened


async def test_every_rule_is_listed_whole_with_its_origin(api: Api) -> None:
    answer = await api.ask("GET", PATH)
    assert [one["rule"]["name"] for one in answer["rules"]] == sorted(default_rules())
    assert answer["mistakes"] == []
    slow = next(one for one in answer["rules"] if one["rule"]["name"] == "slow-renders")
    assert slow["rule"]["threshold"] == {"above": {"warning": 16.0}, "below": None, "recovery": 14.0}
    assert slow["rule"]["keepFiringFor"] == "6m"
    assert slow["rule"]["for"] == "0s"
    assert slow["origin"]["source"] == "builtIn"
    assert slow["readOnly"] is False


async def test_a_rule_is_written_read_written_again_and_removed(api: Api) -> None:
    written = await api.ask("PUT", f"{PATH}/calls", json=FORM)
    assert written["rule"]["window"] == "10m"
    assert written["rule"]["minSamples"] == 1
    assert written["origin"] == {"source": "row", "updatedMs": NOW_MS, "updatedBy": "api"}
    assert await api.ask("GET", f"{PATH}/calls") == written
    again = await api.ask("PUT", f"{PATH}/calls", json=written["rule"])
    assert again["rule"] == written["rule"]
    assert await api.ask("DELETE", f"{PATH}/calls", 204) == {}
    assert (await api.ask("GET", f"{PATH}/calls", 404))["detail"] == "there is no rule 'calls'"
    await api.ask("DELETE", f"{PATH}/calls", 404)


async def test_a_built_in_rule_is_switched_off(api: Api) -> None:
    off = await api.ask("PUT", f"{PATH}/slow-api", json={"enabled": False})
    assert off["rule"]["enabled"] is False
    assert [origin["source"] for origin in off["hides"]] == ["builtIn"]
    await api.ask("DELETE", f"{PATH}/slow-api", 204)
    assert "built in" in (await api.ask("DELETE", f"{PATH}/slow-api", 409))["detail"]


async def test_all_mistakes_of_a_body_are_answered(api: Api) -> None:
    answer = await api.ask("PUT", f"{PATH}/calls", 400, json={**FORM, "metric": "api.errorate", "windw": "5m"})
    assert answer["detail"].splitlines() == [
        "metric: there is no metric 'api.errorate'; did you mean 'api.errorRate'?",
        "windw: there is no such field; did you mean 'window'?",
    ]
    answer = await api.ask("PUT", f"{PATH}/calls", 400, json={**FORM, "metric": "api.errorate", "runbook": "x"})
    assert [line.split(":")[0] for line in answer["detail"].splitlines()] == ["metric", "runbook"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b"\xff", b"[" * 60_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000]
)
async def test_what_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    await api.ask("PUT", f"{PATH}/calls", 400, content=body)


async def test_a_body_has_an_end(api: Api) -> None:
    await api.ask("PUT", f"{PATH}/calls", 413, content=b" " * (65 << 10))
    await api.ask("POST", f"{PATH}/check", 413, content=b" " * (5 << 20))


async def test_a_rule_of_a_file_is_read_only_and_bad_files_are_told(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "files" / "web.yaml"
    file.write_text(FILED)
    api.look()
    filed = await api.ask("GET", f"{PATH}/filed")
    assert filed["readOnly"] is True
    assert filed["origin"] == {"source": "file", "file": "web.yaml", "line": 2}
    await api.ask("PUT", f"{PATH}/filed", 409, json=FORM)
    await api.ask("DELETE", f"{PATH}/filed", 409)
    file.write_text(FILED.replace("errorRate", "errorsRate"))
    api.look()
    answer = await api.ask("GET", PATH)
    assert [(one["file"], one["line"], one["column"]) for one in answer["mistakes"]] == [("web.yaml", 4, 13)]
    assert await api.ask("GET", f"{PATH}/filed") == filed, "the old rule stays in force"


async def test_a_text_is_checked_and_nothing_is_kept(api: Api) -> None:
    answer = await api.ask("POST", f"{PATH}/check", content=FILED)
    assert answer["mistakes"] == []
    assert [rule["name"] for rule in answer["rules"]] == ["filed"]
    answer = await api.ask("POST", f"{PATH}/check", content=FILED.replace("error:", "eror:") + "receivrs: []\n")
    assert answer["rules"] == []
    assert [(one["line"], one["column"]) for one in answer["mistakes"]] == [(5, 25), (6, 1)]
    await api.ask("POST", f"{PATH}/check", 400, content=b"\xff")
    await api.ask("GET", f"{PATH}/filed", 404)


async def test_a_misspelt_parameter_is_refused(api: Api) -> None:
    await api.ask("GET", f"{PATH}?naem=x", 400)
