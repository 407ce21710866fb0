"""Write the reference pages that follow from the code: events, metrics and settings. Run by `make generate`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect as types

from chatvitals.catalogue.columns import FIELDS
from chatvitals.catalogue.dimensions import DIMENSIONS
from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.metrics import METRICS
from chatvitals.settings import PREFIX, Settings

PAGES = Path(__file__).parent.parent / "docs" / "reference"
_NOTE = "<!-- Made by `make generate` from {source}; change that, not this. -->\n\n"


def _plain(kind: types.Type) -> str:
    """A type and its limits in words."""
    match kind:
        case types.Metadata(type=inner):
            return _plain(inner)
        case types.UnionType(types=members):
            return " or ".join(_plain(one) for one in members if not isinstance(one, types.NoneType))
        case types.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in sorted(map(str, values)))
        case types.BoolType():
            return "true or false"
        case types.StrType(max_length=longest):
            return f"text, up to {longest:,} characters" if longest else "text"
        case types.IntType(ge=least, le=most) | types.FloatType(ge=least, le=most):
            word = "whole number" if isinstance(kind, types.IntType) else "number"
            if least is not None and most is not None:
                return f"{word}, {least:,.0f} to {most:,.0f}"
            return f"{word}, at least {least:,.10g}" if least is not None else word
        case types.DictType():
            return "object"
        case types.VarTupleType() | types.TupleType():
            return "list"
    return type(kind).__name__.removesuffix("Type").lower()


def events_page() -> str:
    """Every kind with its fields, and the dimensions."""
    out = [_NOTE.format(source="`catalogue/kinds.py`"), "# Events\n\n"]
    out.append(
        "Every event has `kind`, `timestamp` (the client's clock, Unix milliseconds) and `seq` (its ordinal in its tab,"
        " from 0 without gaps). Fields in *italics* may be left out: unknown is not zero.\n"
    )
    for name, kind in KINDS.items():
        out.append(f"\n## {name}\n\n{(kind.__doc__ or '').strip()}\n\n| field | values |\n|---|---|\n")
        described = {field.name: field for field in types.type_info(kind).fields}  # type: ignore[attr-defined]
        for field in FIELDS[name]:
            shown = f"`{field.wire_name}`" if field.required else f"*`{field.wire_name}`*"
            out.append(f"| {shown} | {_plain(described[field.name].type)} |\n")
    out.append("\n## Dimensions\n\nGiven once for a batch, in `context`.\n\n")
    out.append("| name | what it is | values kept a site |\n|---|---|---|\n")
    out += [f"| `{one.name}` | {one.what} | {one.cap:,} |\n" for one in DIMENSIONS]
    return "".join(out)


def metrics_page() -> str:
    """Every metric with its unit, target and bands."""
    out = [_NOTE.format(source="`catalogue/metrics.py`"), "# Metrics\n\n"]
    out.append("| path | what | unit | target | excellent, good, degraded |\n|---|---|---|---|---|\n")
    for metric in METRICS:
        sign = "" if metric.target is None else ("> " if metric.higher_is_better else "< " if metric.target else "")
        target = "" if metric.target is None else f"{sign}{metric.target:,.10g}"
        bands = metric.bands
        bounds = f"{bands.excellent:,.10g}, {bands.good:,.10g}, {bands.degraded:,.10g}" if bands else ""
        out.append(f"| `{metric.path}` | {metric.title} | {metric.unit} | {target} | {bounds} |\n")
    return "".join(out)


def _description(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        for note in get_args(annotation)[1:]:
            if isinstance(note, msgspec.Meta) and note.description:
                return note.description
    return ""


def _settings_rows() -> Iterator[str]:
    hints = get_type_hints(Settings, include_extras=True)
    for field in types.type_info(Settings).fields:  # type: ignore[attr-defined]
        default = "" if field.default in ("", msgspec.NODEFAULT) else f"`{field.default}`"
        yield (
            f"| `{field.name}` | `{PREFIX}{field.name.upper()}` | {_plain(field.type)} | {default} |"
            f" {_description(hints[field.name])} |\n"
        )


def settings_page() -> str:
    """Every setting with its variable, values, default and meaning."""
    out = [_NOTE.format(source="`settings.py`"), "# Settings\n\n"]
    out.append(
        "In a TOML file (`chatvitals serve --config FILE`), or in the environment, which wins; options of the command"
        " win over both. Tables are given as JSON in the environment.\n\n"
    )
    out.append("| in the file | in the environment | values | default | what it does |\n|---|---|---|---|---|\n")
    return "".join([*out, *_settings_rows()])


def pages() -> dict[Path, str]:
    """Every page by its path."""
    return {
        PAGES / "events.md": events_page(),
        PAGES / "metrics.md": metrics_page(),
        PAGES / "settings.md": settings_page(),
    }
