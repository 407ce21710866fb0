"""The real program as a subprocess: `chatvitals serve` in a process group of its own, and what tests ask of it."""

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx2

from chatvitals.clock import system_clock
from chatvitals.store.control.database import open_database
from chatvitals.store.control.sites import Sites

PATIENCE_S = 30.0
"""How long anything that should happen soon may take, on a machine that others use too."""

WIDGET = "/api/monitoring/widget"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1

_READY = re.compile(r"chatvitals listens on (http://\S+) \(pid (\d+)\)")
_different = count()

Json = dict[str, Any]


def now_ms() -> int:
    return system_clock()


def wait_until(happened: Callable[[], Any], what: str, *, patience_s: float = PATIENCE_S, pause_s: float = 0.02) -> Any:
    """Ask until `happened` answers with something true, and return that. Fails with `what` when it takes too long."""
    deadline = time.monotonic() + patience_s
    while True:
        answer = happened()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience_s:g} s: {what}; the last answer was {answer!r}")
        time.sleep(pause_s)


def _die_with_the_tests() -> None:
    """In the new process, on Linux: be killed when the tests are, however they end (prctl(2))."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of chatvitals, and `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATVITALS_")}
    return kept | {"COLUMNS": "200", "TERM": "dumb"} | dict(extra or {})


def command(*words: str | Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command of `chatvitals` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "chatvitals", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        env=clean_environment(environment),
        check=False,
    )


def succeed(*words: str | Path) -> str:
    """Run a command of `chatvitals` that has to succeed, and return what it printed."""
    done = command(*words)
    assert done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}"
    return done.stdout


class Server:
    """A server over one data directory; `settings` are CHATVITALS_… variables without the prefix."""

    def __init__(self, data: Path, *, dev: bool = True, port: int = 0, **settings: object) -> None:
        self.data = data
        self.dev = dev
        self.port = port
        self.settings = settings
        self.url = ""
        self.token = ""
        self.log_path = data.with_name(f"{data.name}.log")
        self._process: subprocess.Popen[str] | None = None
        self._client: httpx2.Client | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.kill9()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def launch(self) -> None:
        """Start the process and don't wait for it."""
        assert not self.running
        environment = {f"CHATVITALS_{name.upper()}": str(value) for name, value in self.settings.items()}
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "chatvitals", "serve", *(["--dev"] if self.dev else [])),
                    *("--port", str(self.port), "--data", str(self.data)),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=clean_environment(environment),
                start_new_session=True,
                preexec_fn=_die_with_the_tests,  # noqa: PLW1509 - it takes no lock
            )

    def wait_ready(self) -> Self:
        """Wait until the process says where it listens, and then until it says that it is ready."""
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline()  # an end of the process ends this too
        match = _READY.fullmatch(said.strip())
        if match is None:
            raise AssertionError(f"the server said {said!r} and then: {self.log()}")
        assert int(match[2]) == self._process.pid
        self.url = match[1]
        if not self.dev:
            self.token = (self.data / "api-token").read_text().strip()
        self._forget_client()
        wait_until(lambda: self.client.get("/readyz").status_code == 200, "the server is ready")
        return self

    def start(self) -> Self:
        self.launch()
        return self.wait_ready()

    def kill9(self) -> None:
        """Kill the whole process group at once, as a lost machine would."""
        self._forget_client()
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def send_signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait_end(self) -> int:
        """The exit code, once the process ended by itself."""
        self._forget_client()
        assert self._process is not None
        code = self._process.wait(PATIENCE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def terminate(self) -> int:
        """Ask the process to end, and return its exit code."""
        self.send_signal(signal.SIGTERM)
        return self.wait_end()

    def restart(self) -> Self:
        """End cleanly and start again on the same data."""
        assert self.terminate() == 0
        return self.start()

    def log(self) -> str:
        return self.log_path.read_text()

    def resident_bytes(self) -> int:
        """What the process has in memory that no file backs."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(r"^RssAnon:\s+(\d+) kB", status, re.MULTILINE)
        assert match is not None
        return int(match[1]) * 1_024

    # what is asked of it

    @property
    def client(self) -> httpx2.Client:
        if self._client is None:
            headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
            self._client = httpx2.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)
        return self._client

    def _forget_client(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON that a path answers with. `from_` and `to` stand for a window."""
        if "from_" in parameters:
            parameters["from"] = parameters.pop("from_")
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, f"{path} {parameters}: {answer.status_code} {answer.text}"
        return answer.json()

    def figures(self, site: str, **parameters: Any) -> Json:
        """The widget's figures, of the last day by default; never an answer that was asked for before."""
        if not {"window", "from_", "to"} & parameters.keys():
            parameters["window"] = DAY_MS + next(_different)
        answer: Json = self.get(WIDGET, site=site, **parameters)
        return answer

    def outcomes(self, site: str) -> Counter[tuple[str, str]]:
        """How many events of a site had each outcome and reason."""
        answer = self.get("/api/monitoring/outcomes", site=site, window=DAY_MS + next(_different))
        return Counter({(row["outcome"], row["reason"]): row["n"] for row in answer["outcomes"]})

    def received(self, site: str) -> int:
        return self.outcomes(site).total()

    def kept(self, site: str) -> int:
        return kept_of(self.outcomes(site))

    def wait_settled(self, site: str, *, kept: int | None = None, received: int | None = None) -> None:
        """Wait until a site's outcomes count what is expected, and fail where they count more."""

        def counted() -> bool:
            outcomes = self.outcomes(site)
            there, total = kept_of(outcomes), outcomes.total()
            assert kept is None or there <= kept, f"{there} events are kept, more than {kept}: {outcomes}"
            assert received is None or total <= received, f"{total} events came, more than {received}: {outcomes}"
            return kept in (None, there) and received in (None, total)

        wait_until(counted, f"{kept=} {received=} events of {site} are in the store", pause_s=0.05)

    def export(self, site: str) -> list[Json]:
        """Every event of a site, as the export writes them."""
        answer = self.client.get(
            "/api/monitoring/export", params={"site": site, "format": "ndjson", "window": 29 * DAY_MS}
        )
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.content.splitlines()]

    # what is sent to it

    def post(self, body: Json | bytes, *, content_type: str = "application/json", **headers: str) -> httpx2.Response:
        """Post to the ingest path; header names have `_` for `-`."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(WIDGET, content=content, headers={"content-type": content_type, **given})


def kept_of(outcomes: Counter[tuple[str, str]]) -> int:
    return sum(n for (outcome, _), n in outcomes.items() if outcome in ("stored", "folded"))


def key_of(site: str) -> str:
    """The write key that `make_sites` gives a site."""
    return f"key-of-{site}"


def make_sites(data: Path, names: Iterable[str]) -> None:
    """Make sites with a key each, for a server that isn't running yet."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = open_database(f"sqlite:///{data / 'control.sqlite'}")
    sites = Sites(database, system_clock)
    for name in names:
        sites.ensure_site(name)
        sites.add_key(name, key=key_of(name))
    database.dispose()


def render(moment_ms: float | None = None, **fields: Any) -> Json:
    """A good event."""
    return {"kind": "render", "timestamp": moment_ms or now_ms(), "renderTime": 5.5, **fields}


def batch_of(site: str, events: Sequence[Json], *, batch: str = "", context: Json | None = None, **head: Any) -> Json:
    """A batch as the SDK sends it, with the key that `make_sites` gave to the site."""
    return {
        "key": key_of(site),
        "batch": batch or str(uuid4()),
        "sentAt": now_ms(),
        "context": {"sessionId": "a-session", "tabId": "a-tab"} if context is None else context,
        "events": list(events),
        **head,
    }


def free_port() -> int:
    """A port that nothing listens on, for a server that shall come back at the same address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
