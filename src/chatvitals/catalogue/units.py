"""How a value reads in its unit: 18.52ms, 62.45MB, 99.84%, 3."""

_BYTES = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
_AT_ONCE = ("ms", "%")


def in_words(value: float, unit: str) -> str:
    """A value of a metric with two digits after the point at most, and its unit; counts have none."""
    match unit:
        case "count":
            return _digits(value)
        case "bytes":
            size, name = next((pair for pair in _BYTES if abs(value) >= pair[0]), (1, " bytes"))
            return f"{_digits(value / size)}{name}"
        case "messages" if value == 1:
            return "1 message"
    return f"{_digits(value)}{'' if unit in _AT_ONCE else ' '}{unit}"


def _digits(value: float) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
