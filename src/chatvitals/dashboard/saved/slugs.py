"""The part of an address that names a saved view. It is made once, of the first name, so that links stay good."""

import re
import unicodedata
from collections.abc import Container
from itertools import count

LONGEST = 64
EXPECTED = f"lower-case letters, digits and single dashes between them, up to {LONGEST}"
"""What a slug is made of, in words."""

_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAMELESS = "view"


def is_slug(text: str) -> bool:
    """Whether a text can name a view in an address."""
    return len(text) <= LONGEST and _PATTERN.fullmatch(text) is not None


def free_slug(name: str, taken: Container[str]) -> str:
    """A slug that reads like a name and isn't taken: `checkout`, then `checkout-2`."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", letters))[:LONGEST].strip("-") or _NAMELESS
    if slug not in taken:
        return slug
    numbered = (f"{slug[: LONGEST - 5].rstrip('-')}-{number}" for number in count(2))
    return next(one for one in numbered if one not in taken)
