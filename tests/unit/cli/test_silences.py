"""`chatvitals silences` against the handlers that it asks."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.support.route_app import route_app
from tests.support.timeline import START_MS, make_incident

from chatvitals.cli import silences as command
from chatvitals.cli.target import RequestFailed
from chatvitals.errors import BadRequest
from chatvitals.server.api.silences import SilencesApi
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Incidents, Update, put_updates
from chatvitals.store.control.silences import Silences, SilenceStatus


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silences]:
    """The silences of the server that the command finds."""
    monkeypatch.setenv("COLUMNS", "200")
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    with database.begin() as connection:
        incidents = [make_incident(f"{name}-incident", START_MS, customer=name) for name in ("acme", "globex")]
        put_updates(connection, [Update(incident, None) for incident in incidents])
    opened = Silences(database)
    ids = (f"{number:08}-0000-0000-0000-000000000000" for number in count(1))
    api = SilencesApi(opened, Incidents(database), lambda: START_MS, ids.__next__)

    @asynccontextmanager
    async def connected(*_target: Any) -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(route_app(api.routes()))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client

    monkeypatch.setattr(command, "connected", connected)
    yield opened
    database.dispose()


def test_a_silence_is_added_listed_and_ended(kept: Silences, capsys: pytest.CaptureFixture[str]) -> None:
    command.list_silences()
    assert capsys.readouterr().out == "nothing is silenced\n"
    command.add_silence("customer=acme", "severity!=critical", lasts="2h", reason="[red] maintenance", author="dana")
    assert "is active, and ends at 2026-01-05 14:00:00 UTC" in capsys.readouterr().out
    command.list_silences()
    listed = capsys.readouterr().out
    for part in ("00000001", "active", "customer=acme", "severity!=critical", "dana: [red] maintenance"):
        assert part in listed
    command.end_silence("0000000")
    assert "ended at 2026-01-05 12:00:00 UTC" in capsys.readouterr().out
    (ended,) = kept.find([SilenceStatus.EXPIRED], START_MS, 10)
    assert (ended.author, ended.ends_ms) == ("dana", START_MS)
    command.list_silences(expired=True)
    assert "expired" in capsys.readouterr().out


def test_it_is_written_as_a_command(kept: Silences) -> None:
    command.silences(
        ["add", "customer!=acme", r"release=~2\.4\..*", "--for", "2h", "-m", "maintenance", "--author", "dana"],
        result_action="return_value",
    )
    (active,) = kept.find([SilenceStatus.ACTIVE], START_MS, 10)
    assert active.matchers == ("customer!=acme", r"release=~2\.4\..*")


def test_who_is_logged_in_silences(kept: Silences, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "robin")
    command.add_silence("customer=acme", lasts="2h", reason="maintenance", starts="2026-01-06T00:00:00Z")
    (pending,) = kept.find([SilenceStatus.PENDING], START_MS, 10)
    assert pending.author == "robin"


def test_a_preview_says_what_would_be_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    command.preview_silence("customer=acme", days=1)
    shown = capsys.readouterr().out
    assert "1 of 2 open now" in shown
    assert "1 of 2 opened in the last day" in shown
    assert "acme-inc" in shown
    assert "globex-i" not in shown


def test_what_the_server_refuses_is_said() -> None:
    with pytest.raises(RequestFailed, match="lasts at most 90d"):
        command.add_silence("customer=acme", lasts="100d", reason="maintenance")


def test_the_beginning_of_an_id_has_to_be_of_one_silence() -> None:
    for _ in range(2):
        command.add_silence("customer=acme", lasts="2h", reason="maintenance")
    with pytest.raises(BadRequest, match="more than one"):
        command.end_silence("0000")
    with pytest.raises(BadRequest, match="none of those"):
        command.end_silence("f")
