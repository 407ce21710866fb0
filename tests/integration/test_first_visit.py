"""The main page of a server that has seen nothing tells how to begin, until something comes."""

from pathlib import Path

from tests.support.server import Server, batch_of, make_sites, render, wait_until

MAIN = "/dashboard/performance"
TEASER = "Nothing has come yet"


def test_how_to_begin_is_told_until_the_first_event(tmp_path: Path) -> None:
    make_sites(tmp_path / "data", ["shop"])
    with Server(tmp_path / "data", flush_interval_ms=100) as server:

        def page() -> str:
            headers = {"hx-request": "true"}  # who says so is answered with the content, however long it takes
            return server.client.get(MAIN, headers=headers).text

        assert TEASER in page()
        assert server.post(batch_of("shop", [render()])).status_code == 202
        wait_until(lambda: TEASER not in page(), "the first event is on the page")
