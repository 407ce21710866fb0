"""A real Chromium, a real server, and pages of another origin than the server's."""

import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, sync_playwright
from tests.support.server import Server, make_sites

ROOT = Path(__file__).parent.parent.parent
SITES = tuple(f"e2e-{number}" for number in range(400))
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def executable() -> str:
    """Where Chromium is."""
    found = subprocess.run([ROOT / "tools" / "bring_chromium.sh"], stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout.strip()


@pytest.fixture(scope="module")  # no longer: Playwright's loop runs in this thread while it is there
def browsers() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="module")
def chromium(browsers: BrowserType, executable: str) -> Iterator[Browser]:
    with browsers.launch(executable_path=executable, args=list(_QUIET), chromium_sandbox=False) as browser:
        yield browser


@pytest.fixture
def browsing(chromium: Browser) -> Iterator[BrowserContext]:
    """A visitor with nothing stored."""
    with chromium.new_context() as context:
        yield context


@pytest.fixture
def returning(browsers: BrowserType, executable: str) -> Iterator[BrowserContext]:
    """A visitor whose browser keeps pages for the way back, which browsers under automation don't by default."""
    with browsers.launch(
        executable_path=executable,
        args=list(_QUIET),
        chromium_sandbox=False,
        ignore_default_args=["--disable-back-forward-cache"],
    ) as browser:
        yield browser.new_context()


@pytest.fixture
def insecure(browsers: BrowserType, executable: str) -> Iterator[BrowserContext]:
    """A visitor to whom `http://shop.test` is this machine: pages without TLS, as which loopback doesn't count."""
    with browsers.launch(
        executable_path=executable,
        args=[*_QUIET, "--host-resolver-rules=MAP shop.test 127.0.0.1"],
        chromium_sandbox=False,
    ) as browser:
        yield browser.new_context()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("e2e") / "data"
    make_sites(data, list(SITES))
    with Server(data, flush_interval_ms=100, commit_interval_ms=1) as started:
        yield started


@pytest.fixture(scope="session")
def _sites() -> Iterator[str]:
    return iter(SITES)


@pytest.fixture
def site(_sites: Iterator[str]) -> str:
    """A site of the test's own."""
    return next(_sites)


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, and any answer below `/api/`; parameters such as `Cache-Control` become headers."""

    def end_headers(self) -> None:
        for name, value in parse_qsl(urlsplit(self.path).query):
            if "-" in name:
                self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:
        if not self.path.startswith("/api/"):
            return super().do_GET()
        self.send_response(int(dict(parse_qsl(urlsplit(self.path).query)).get("status", 200)))
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 1_000)
        return None

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def host() -> Iterator[str]:
    """The address of a host page, on an origin that the server doesn't know."""
    pages = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=Path(__file__).parent / "pages"))
    thread = threading.Thread(target=pages.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{pages.server_port}"
    pages.shutdown()
    pages.server_close()
    thread.join()
