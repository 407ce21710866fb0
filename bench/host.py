"""The host: a server of pages that embed the SDK, on an origin of its own, from a copy of the built files."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

SCRIPT = "chatvitals.js"
MODULE = "index.mjs"

_PAGE = '<!doctype html><meta charset="utf-8"><title>A host page</title><link rel="icon" href="data:,">\n'
_PAGES = {
    "index.html": _PAGE,
    "other.html": _PAGE,
    "widget.html": f'{_PAGE}<script src="/{SCRIPT}"></script>\n',
}


class _Isolated(SimpleHTTPRequestHandler):
    """Pages are cross-origin isolated, because their clock then ticks every 5 µs rather than every 100."""

    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        self.send_header("cross-origin-opener-policy", "same-origin")
        self.send_header("cross-origin-embedder-policy", "require-corp")
        self.send_header("cache-control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Host:
    """Where the pages are: `blank` has nothing on it, `widget` has loaded the script."""

    def __init__(self, url: str, folder: Path) -> None:
        self.blank = f"{url}/"
        self.other = f"{url}/other.html"
        self.widget = f"{url}/widget.html"
        self.script = folder / SCRIPT
        self.module = folder / MODULE


@contextmanager
def host_of(built: Path) -> Iterator[Host]:
    """Serve pages with a build of the SDK as it is now, whatever becomes of the folder that it is in."""
    with TemporaryDirectory() as box:
        folder = Path(box)
        for name in (SCRIPT, MODULE):
            shutil.copy(built / name, folder)
        for name, text in _PAGES.items():
            (folder / name).write_text(text)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Isolated, directory=folder))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Host(f"http://127.0.0.1:{server.server_port}", folder)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
