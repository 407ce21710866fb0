"""The SDK's script is there for every page, as it was built."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.server import Server

BUILT = Path(__file__).parent.parent.parent / "sdk" / "dist" / "chatvitals.js"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("script") / "data", dev=False) as started:
        yield started


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_script_is_for_any_page(server: Server, encoding: str) -> None:
    answer = server.client.get("/sdk/v1.js", headers={"accept-encoding": encoding, "authorization": ""})
    assert answer.status_code == 200
    assert answer.content == BUILT.read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == answer.headers["timing-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age" in answer.headers["cache-control"]
    assert (answer.headers.get("content-encoding") == "gzip") == (encoding == "gzip")


def test_an_unchanged_script_is_not_sent_again(server: Server) -> None:
    tag = server.client.get("/sdk/v1.js").headers["etag"]
    again = server.client.get("/sdk/v1.js", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
