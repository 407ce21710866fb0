"""Uses an installed chatvitals as its first user would: start it, send an event, ask for the answer, stop it.

Knows nothing of the package but its command, so that what is missing from the wheel is missed here.
Call it with the path of the command.
"""

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

READY_S = 60
COUNTED_S = 15
STOPPED_S = 15


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def request(url: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
    """Status and body of a GET, or of a POST when there is a body to send; status 0 when nobody answers."""
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


def wait(what: str, seconds: float, done: Callable[[], bool], server: subprocess.Popen[bytes]) -> None:
    """Ask until it is done; a server that has ended, or a time that is up, ends the smoke test."""
    start = time.monotonic()
    while not done():
        if server.poll() is not None:
            raise SystemExit(f"smoke: the server ended with {server.returncode} before it was {what}")
        if time.monotonic() - start > seconds:
            raise SystemExit(f"smoke: not {what} after {seconds} s")
        time.sleep(0.1)
    print(f"smoke: {what} after {time.monotonic() - start:.1f} s", flush=True)


def batch() -> dict[str, Any]:
    """One render event of one session, sent now."""
    now_ms = int(time.time() * 1000)
    context = {"sessionId": "s1", "tabId": "t1", "customer": "acme", "release": "1.0.0", "page": "/"}
    event = {"kind": "render", "timestamp": now_ms, "seq": 0, "renderTime": 12.3, "contentLength": 256}
    return {
        "key": "demo-key",
        "batch": str(uuid.uuid4()),
        "sentAt": now_ms,
        "sample": 1,
        "context": context,
        "events": [event],
    }


def use(base: str, server: subprocess.Popen[bytes]) -> None:
    """Send one event and find it counted."""
    wait("ready", READY_S, lambda: request(f"{base}/readyz")[0] == 200, server)

    status, script = request(f"{base}/sdk/v1.js")
    if status != 200 or b"chatvitals" not in script:
        raise SystemExit(f"smoke: the browser SDK was answered with {status} {script[:200]!r}")
    status, answer = request(f"{base}/api/monitoring/widget", batch())
    if status != 202 or json.loads(answer) != {"accepted": 1, "rejected": []}:
        raise SystemExit(f"smoke: the batch was answered with {status} {answer!r}")
    print("smoke: accepted", flush=True)

    def counted() -> bool:
        status, answer = request(f"{base}/api/monitoring/widget?window=300000")
        return status == 200 and json.loads(answer)["performance"]["renders"]["total"] == 1

    wait("counted", COUNTED_S, counted, server)
    look(base)


def look(base: str) -> None:
    """Open the dashboard, and everything that its page loads."""
    status, page = request(f"{base}/dashboard/performance")
    files = sorted(set(re.findall(rb'(?:href|src)="(/dashboard/static/[^"]+)"', page)))
    if status != 200 or len(files) < 3:
        raise SystemExit(f"smoke: the dashboard was answered with {status} and {files}: {page[:200]!r}")
    for file in files:
        status, content = request(base + file.decode())
        if status != 200 or not content:
            raise SystemExit(f"smoke: {file.decode()} was answered with {status}")
    print(f"smoke: the dashboard and its {len(files)} files are there", flush=True)


def main(command: str) -> None:
    """Run the whole smoke test with this command."""
    version = subprocess.run([command, "version"], check=True, capture_output=True, text=True, timeout=60)
    print(f"smoke: {version.stdout.strip()}", flush=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+") as log:
        server = subprocess.Popen(
            [command, "serve", "--dev", "--port", str(port), "--data", str(Path(folder) / "data")],
            stdout=log,
            stderr=log,
        )
        try:
            use(f"http://127.0.0.1:{port}", server)
            server.terminate()
            if server.wait(STOPPED_S) != 0:
                raise SystemExit(f"smoke: the server stopped with {server.returncode}")
            print("smoke: stopped", flush=True)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read())
            raise
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()


if __name__ == "__main__":
    main(sys.argv[1])
