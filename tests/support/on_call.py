"""Who is on call in tests: a webhook that verifies what it gets, and a configuration that leads to it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook
from tests.support.collector import Collector, Request
from tests.support.server import Json, wait_until

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two characters").decode()


@dataclass(frozen=True)
class Heard:
    """One notification as it came, and when, in Unix milliseconds."""

    at_ms: float
    id: str
    data: Json

    @property
    def incidents(self) -> list[Json]:
        found: list[Json] = self.data["incidents"]
        return found

    @property
    def rules(self) -> set[str]:
        return {incident["rule"] for incident in self.incidents}


class OnCall:
    """Listens; what it hears is verified with the library of the specification."""

    def __init__(self, hook: Collector) -> None:
        self._hook = hook
        self._heard: list[Heard] = []

    def channel(self) -> Json:
        """The settings of a channel that leads here."""
        return {"type": "webhook", "url": self._hook.url, "secrets": [SECRET]}

    @property
    def allowed(self) -> str:
        """What the server has to allow for it, as its setting is written."""
        return json.dumps([f"127.0.0.1:{self._hook.port}"])

    def heard(self) -> list[Heard]:
        """Everything so far, in its order."""
        for request in self._hook.requests[len(self._heard) :]:
            self._heard.append(_verified(request))
        return self._heard

    def wait(self, rule: str, site: str, reason: str, *, patience_s: float = 30.0) -> Heard:
        """The first notification of a rule's incident on a site, for this reason."""

        def found() -> Heard | None:
            return next(
                (
                    one
                    for one in self.heard()
                    if one.data["reason"] == reason and one.data["group"].get("site") == site and rule in one.rules
                ),
                None,
            )

        heard: Heard = wait_until(found, f"{rule} of {site} is {reason}", patience_s=patience_s)
        return heard


def _verified(request: Request) -> Heard:
    body: Any = Webhook(SECRET).verify(request.body, dict(request.headers))
    return Heard(request.came_ms, request.headers["webhook-id"], body["data"])


def configure(folder: Path, channels: Sequence[Json], **sections: Any) -> Path:
    """Write a folder of alerting files with one receiver; JSON is YAML too."""
    folder.mkdir(exist_ok=True)
    document = {"receivers": [{"name": "on-call", "channels": list(channels)}], "route": {"receiver": "on-call"}}
    (folder / "alerting.yaml").write_text(json.dumps(document | sections))
    return folder
