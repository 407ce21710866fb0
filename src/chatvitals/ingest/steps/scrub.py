"""Take out of free text what could identify a person, and cut it; fold ids in routes; keep only paths of pages."""

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from urllib.parse import urlsplit

from chatvitals.catalogue.kinds import (
    Api,
    Error,
    Event,
    Loss,
    Navigation,
    Persistence,
    Restoration,
    Storage,
)
from chatvitals.catalogue.limits import MAX_TEXT
from chatvitals.ingest.delivery import Delivery

_CACHED = 4_096
_LONGEST_CACHED = MAX_TEXT
"""Longer texts are rare, and no two of a hostile sender's are the same; 4,096 of them would be 64 MB a cleaner."""

_Cleaner = Callable[[str], str]

_MAIL = r"[^\s@<>()\[\],;:\"'/?=&]"
"""A letter of a mail address; the shapes below begin only where such a run begins, so that none takes long."""

_PHONE = re.compile(
    r"""(?x)
    (?<![\w.]) (?!(?:19|20)\d\d-\d\d-\d\d(?!\d)) (?=(?:[ ()./+-]{0,3}\d){7})  # seven digits or more, and no date
    (?: (?:\+|00) \(?\d (?:[ ()./-]{0,2}\d){5,14}         # international
      | \(\d{2,5}\) [ ./-]{0,2} \d (?:[ ./-]?\d){3,10}     # area code in parentheses
      | \d{2,5} [ /-] \d{2,4} (?:[ ./-]?\d{2,4}){1,4}      # in groups
      | \d{2,4} (?:\.\d{2,4}){2,4}
      | \d{9,15}                                          # shorter ones are counts, times and sizes
    ) (?!\w|\.\d)
    """
)

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(rf"(?<!{_MAIL}){_MAIL}+?(?:@|%40){_MAIL}{{1,255}}\.[^\s@<>()\[\],;:\"'/?=&.]{{2,}}"),
        "[email]",
    ),
    (re.compile(r"(?<![\w-])eyJ[\w-]{5,}(?:\.[\w-]+){1,2}"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 [token]"),
    (
        re.compile(r"(?i)\b((?:api[_-]?key|token|secret|password|passwd|pwd|session|auth)\s*[=:]\s*)[^\s&,;]+"),
        r"\1[token]",
    ),
    (re.compile(r"\b(?:sk|pk|rk|gh[pousr]|xox[abprs]|AKIA|glpat)[-_A-Z0-9][\w-]{12,}"), "[token]"),
    (re.compile(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "[id]"),
    # x.0.0.0 is no address of anybody, but how browsers write their version
    (re.compile(r"(?<![\d.])(?!\d+\.0\.0\.0(?!\d))(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)"), "[ip]"),
    (re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}(?![\w:])"), "[ip]"),
    (re.compile(r"(?i)(?<![\w:])(?=[a-f:]*\d)(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])"), "[ip]"),
    (re.compile(r"(?<![\w.])(?:\d[ -]?){12,18}\d(?!\w|\.\d)"), "[card]"),
    (_PHONE, "[phone]"),
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{24,}(?!\w)"), "[token]"),
)

_ROUTE_ID = re.compile(
    r"""(?x)
    \d+                                        # a number
    | (?i:[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})  # a UUID
    | (?i:(?=[0-9a-f]*\d)[0-9a-f]{8,})         # a hexadecimal hash
    | (?=[\w.~-]*\d)[\w.~-]{16,}               # a long word with digits
    | [^/]*(?:@|%40)[^/]*                      # an e-mail address
    """
)


def _cached(clean: _Cleaner) -> _Cleaner:
    """`clean` with a memory of short texts; long ones are cleaned each time."""
    remembered = lru_cache(_CACHED)(clean)

    @wraps(clean)
    def cleaned(text: str) -> str:
        return remembered(text) if len(text) <= _LONGEST_CACHED else clean(text)

    return cleaned


@_cached
def clean_text(text: str) -> str:
    """Free text without e-mail addresses, phone and card numbers, IP addresses and tokens, cut to 200 characters.

    The whole text is cleaned before it is cut. No place to cut at is safe before that: it may lie within an address or
    a token, whose half no shape knows, and what stands far behind comes to the front when much before it is replaced.
    """
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text[:MAX_TEXT]


def _path_of(url: str) -> str:
    absolute = "://" in url or url.startswith("//")
    return urlsplit(url).path if absolute else re.split(r"[?#;]", url, maxsplit=1)[0]


@_cached
def clean_path(url: str) -> str:
    """The path of a URL or path: no scheme, host, query or fragment; scrubbed and cut."""
    try:
        path = _path_of(url)
    except ValueError:
        return "[malformed]"
    return clean_text(path or "/") if url else ""


@_cached
def fold_route(endpoint: str) -> str:
    """A route template: the path of the call with every segment that looks like an id replaced by `:id`."""
    try:
        path = _path_of(endpoint)
    except ValueError:
        return "[malformed]"
    folded = "/".join(":id" if _ROUTE_ID.fullmatch(segment) else segment for segment in path.split("/"))
    return clean_text(folded or "/") if endpoint else ""


@_cached
def clean_token(text: str) -> str:
    """A short machine-made word (an error's fingerprint, an HTTP method): its plain characters, cut to 64."""
    return re.sub(r"[^\w.:-]", "", text)[:64]


TREATMENTS: dict[type[Event], tuple[tuple[str, _Cleaner], ...]] = {
    Persistence: (("error_type", clean_text),),
    Restoration: (("cause", clean_text),),
    Navigation: (("origin", clean_path), ("target", clean_path)),
    Loss: (("error_type", clean_text),),
    Api: (("endpoint", fold_route), ("method", clean_token)),
    Error: (("type", clean_text), ("fingerprint", clean_token), ("message", clean_text)),
    Storage: (("reason", clean_text),),
}
"""For every kind with free text its fields, and what cleans each. A test holds it to the catalogue."""


UNKNOWN = "unknown"
_NEVER_EMPTY = frozenset({"endpoint", "type"})
"""Required texts: stored empty, they would read as absent, and an export could not be imported again."""


def scrub(delivery: Delivery) -> None:
    """Clean the page's path and every free text of the events."""
    context = delivery.context
    if context.page:
        context.page = clean_path(context.page)
    for event in delivery.events:
        treatments = TREATMENTS.get(event.__class__)
        if treatments is not None:
            for name, clean in treatments:
                value = getattr(event, name)
                if value is not None:
                    setattr(event, name, clean(value) or (UNKNOWN if name in _NEVER_EMPTY else ""))
