"""Every setting, in one table: its type, limits, default and meaning. Read from a TOML file and the environment.

`raw_retention_days` in the file is `CHATVITALS_RAW_RETENTION_DAYS` in the environment, which wins.
"""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from chatvitals.catalogue.metrics import HEALTH_WEIGHTS, METRICS_BY_PATH
from chatvitals.errors import SettingsError

PREFIX = "CHATVITALS_"
_SECRET = {"secret": True}
"""Marks settings that are shown to nobody."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes in bytes, times in the unit that the name says."""

    data: Annotated[str, Meta(min_length=1, description="Directory that holds everything the server keeps.")] = (
        "chatvitals-data"
    )
    control: Annotated[
        str,
        Meta(description="SQLAlchemy URL of the control store; empty for SQLite in the data directory.", extra=_SECRET),
    ] = ""
    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8000
    log_format: Annotated[str, Meta(pattern="^(text|json)$", description="`text` or `json` lines.")] = "text"

    max_body_bytes: Annotated[int, Meta(ge=1_024, description="Largest request body, as sent.")] = 1 << 20
    max_decoded_bytes: Annotated[int, Meta(ge=1_024, description="Largest body once decompressed.")] = 8 << 20
    max_import_bytes: Annotated[int, Meta(ge=1_024, description="Largest decompressed piece of an import.")] = 64 << 20
    max_batch_events: Annotated[int, Meta(ge=1, description="Most events in one batch.")] = 1_000
    max_key_events_per_s: Annotated[
        int,
        Meta(ge=1, description="Events per second that one key may send, with bursts of ten seconds' worth."),
    ] = 50_000
    body_timeout_s: Annotated[float, Meta(gt=0, description="How long a request's body may take to arrive.")] = 10.0
    max_event_age_hours: Annotated[int, Meta(ge=1, description="Events older than this are rejected.")] = 24
    max_event_ahead_s: Annotated[int, Meta(ge=0, description="Events further in the future are rejected.")] = 60

    commit_interval_ms: Annotated[
        int, Meta(ge=0, le=1_000, description="How long a batch waits for others to share its flush to disk.")
    ] = 20
    flush_interval_ms: Annotated[
        int, Meta(ge=50, le=60_000, description="How often the spool is brought to the events store.")
    ] = 1_000
    max_spool_bytes: Annotated[
        int, Meta(ge=1 << 20, description="Spool size at which batches are refused with 503.")
    ] = 1 << 30

    raw_retention_days: Annotated[int, Meta(ge=1, le=3_650, description="How long raw events are kept.")] = 30
    rollup_retention_months: Annotated[int, Meta(ge=1, le=120, description="How long rollups are kept.")] = 13
    api_token: Annotated[
        str,
        Meta(
            description="Bearer token for reading and importing; empty makes one in the data directory.", extra=_SECRET
        ),
    ] = ""
    health_weights: Annotated[
        dict[str, Annotated[float, Meta(ge=0)]],
        Meta(description="Share of each category in the overall score."),
    ] = msgspec.field(default_factory=lambda: dict(HEALTH_WEIGHTS))
    bands: Annotated[
        dict[str, tuple[float, float, float]],
        Meta(description="Bounds of excellent, good and degraded by metric, in the metric's unit."),
    ] = msgspec.field(default_factory=dict)
    min_samples: Annotated[
        int, Meta(ge=1, description="Fewer samples than this give no health score, but `unknown`.")
    ] = 10

    alerting: Annotated[
        str,
        Meta(description="Directory of YAML files with rules, receivers and routes; empty: only what is built in."),
    ] = ""
    outgoing_allowed: Annotated[
        tuple[str, ...],
        Meta(
            description="Hosts and networks beyond the public internet that notifications may be sent to, as"
            " `alertmanager.internal:9093` or `10.0.0.0/8`."
        ),
    ] = ()
    baseline_every_hours: Annotated[
        int,
        Meta(ge=0, le=8_760, description="Capture baselines of every site and release every so many hours; 0: never."),
    ] = 0
    baselines_kept: Annotated[int, Meta(ge=1, le=10_000, description="So many of these captures are kept.")] = 30
    incident_retention_days: Annotated[
        int,
        Meta(
            ge=30, le=3_650, description="How long incidents and silences are kept once they ended, timelines included."
        ),
    ] = 400
    public_url: Annotated[
        str,
        Meta(
            pattern="^(https?://[^ ]+[^/ ])?$",
            description="Address under which people open this server, for links in notifications; empty: no links.",
        ),
    ] = ""

    @property
    def control_url(self) -> str:
        """The control store's URL: the one set, or SQLite in the data directory."""
        return self.control or f"sqlite:///{Path(self.data) / 'control.sqlite'}"


@dataclass(frozen=True, slots=True)
class Changed:
    """A setting that isn't as it comes. Of a secret neither value is told: both are empty."""

    name: str
    what: str
    secret: bool
    value: str
    default: str


def changed_settings(settings: Settings) -> list[Changed]:
    """Those that differ from the default, in the order of the table, in words."""
    changed, defaults = [], Settings()
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        value, default = getattr(settings, name), getattr(defaults, name)
        if value != default:
            meta = next(note for note in get_args(hint) if isinstance(note, Meta))
            secret = bool(meta.extra and meta.extra.get("secret"))
            told = ("", "") if secret else (_in_words(value), _in_words(default))
            changed.append(Changed(name, meta.description or "", secret, *told))
    return changed


def _in_words(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the file, then the environment, then `overrides` that aren't None.

    Raises SettingsError with every error at once, one a line.
    """
    errors: list[str] = []
    values: dict[str, Any] = {}
    if file is not None:
        values.update(_from_file(file, errors))
    values.update(_from_environment(os.environ if environment is None else environment))
    values.update({name: (name, value) for name, value in overrides.items() if value is not None})

    accepted: dict[str, Any] = {}
    for name, (source, value) in values.items():
        annotation = Settings.__annotations__.get(name)
        if annotation is None:
            errors.append(f"{source}: there is no such setting; known ones are {', '.join(Settings.__struct_fields__)}")
            continue
        try:
            accepted[name] = _convert(value, annotation)
        except msgspec.MsgspecError as error:
            errors.append(f"{source}: {str(error)[0].lower()}{str(error)[1:]}, but it is {value!r}")
    errors += [
        f"bands: there is no metric {path!r}" for path in accepted.get("bands", {}) if path not in METRICS_BY_PATH
    ]
    if errors:
        raise SettingsError("\n".join(errors))
    return Settings(**accepted)


def _convert(value: Any, annotation: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):  # a table or a list, as the environment can give one
        with suppress(msgspec.ValidationError):  # or a text that only looks like one
            return msgspec.convert(value, annotation)
        return msgspec.json.decode(value, type=annotation)
    return msgspec.convert(value, annotation, strict=not isinstance(value, str))


def _from_file(file: Path, errors: list[str]) -> dict[str, tuple[str, Any]]:
    try:
        content = tomllib.loads(file.read_text())
    except OSError as error:
        errors.append(f"{file}: can't be read: {error.strerror}")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        errors.append(f"{file}: is not valid TOML: {error}")
        return {}
    return {name: (f"{name} in {file}", value) for name, value in content.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    return {
        name.removeprefix(PREFIX).lower(): (name, value)
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
