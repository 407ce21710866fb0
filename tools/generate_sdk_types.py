"""Write the browser SDK's event types, which follow from the catalogue. Run by `make generate`."""

import inspect
from pathlib import Path

from msgspec import inspect as types

from chatvitals.catalogue.columns import FIELDS
from chatvitals.catalogue.kinds import KINDS

FILE = Path(__file__).parent.parent / "sdk" / "src" / "events.ts"

_HEAD = """\
// Made by `make generate` from catalogue/kinds.py; change that, not this.

/**
 * What every event may carry: the time of this browser's clock in Unix milliseconds, now where it is left out.
 * Ids of sessions and messages are taken, so that widgets can pass on what they have; they never leave the page.
 * A field that is undefined is one that was left out.
 */
export interface Tracked {
  timestamp?: number | undefined;
  sessionId?: string | undefined;
  messageId?: string | undefined;
}
"""


def _typescript(kind: types.Type) -> str:
    match kind:
        case types.Metadata(type=inner):
            return _typescript(inner)
        case types.UnionType(types=members):
            return " | ".join(_typescript(one) for one in members if not isinstance(one, types.NoneType))
        case types.LiteralType(values=values):
            return " | ".join(f'"{value}"' for value in sorted(map(str, values)))
        case types.BoolType():
            return "boolean"
        case types.StrType():
            return "string"
        case types.IntType() | types.FloatType():
            return "number"
        case types.DictType(value_type=value):
            return f"Record<string, {_typescript(value)}>"
    raise TypeError(f"there is no TypeScript for {kind}")


def sdk_types() -> str:
    """The module with an interface for each kind, and the map from kinds to interfaces."""
    out = [_HEAD]
    for name, kind in KINDS.items():
        described = {field.name: field for field in types.type_info(kind).fields}  # type: ignore[attr-defined]
        words = " ".join(inspect.cleandoc(kind.__doc__ or "").split())
        out.append(f"\n/** {words} */\nexport interface {kind.__name__}Event extends Tracked {{\n")
        for field in FIELDS[name]:
            mark, unknown = ("", "") if field.required else ("?", " | undefined")
            out.append(f"  {field.wire_name}{mark}: {_typescript(described[field.name].type)}{unknown};\n")
        out.append("}\n")
    out.append("\n/** The fields of every kind, by its name on the wire. */\nexport interface Events {\n")
    out += [f"  {name}: {kind.__name__}Event;\n" for name, kind in KINDS.items()]
    out.append("}\n")
    return "".join(out)


def pages() -> dict[Path, str]:
    """The file's text by its path."""
    return {FILE: sdk_types()}
