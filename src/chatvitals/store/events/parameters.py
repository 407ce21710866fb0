"""Query parameters as the engine reads them: escaped as tab-separated values, arrays as quoted literals."""

from chatvitals.store.events.engine import Parameter, Parameters

_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f"})
_QUOTED = str.maketrans({"\\": "\\\\", "'": "\\'"})


def _render(value: Parameter) -> str:
    match value:
        case bool():
            return str(int(value))
        case str():
            return value.translate(_TSV)
        case int() | float():
            return str(value)
    items = (f"'{item.translate(_QUOTED)}'" if isinstance(item, str) else str(item) for item in value)
    return f"[{','.join(items)}]"  # the engine reads an array's text as it is, with no second escaping


def render_parameters(parameters: Parameters | None) -> dict[str, str]:
    """Each value in the text form that `{name:Type}` placeholders take."""
    return {name: _render(value) for name, value in (parameters or {}).items()}
