"""What is kept about a person, in plain words: from the catalogue's fields, the dimensions and the settings."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from msgspec import structs

from chatvitals.catalogue.columns import FIELDS, ColumnType
from chatvitals.catalogue.dimensions import DIMENSIONS
from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.limits import MAX_TEXT
from chatvitals.settings import Settings


@dataclass(frozen=True, slots=True)
class KeptAs:
    """One way in which things are kept, what it is, and what is kept so."""

    title: str
    how: str
    what: tuple[str, ...]


NEVER: tuple[str, ...] = (
    "what anybody wrote or read: of a message only its ordinal, its length and its times",
    "IP addresses: nothing is derived from them either",
    "the User-Agent header: its browser and major version, system and class of device are kept",
    "query and fragment of a page's address, and its host",
    "cookies, and what is typed into forms",
)
"""What no field can carry, or what is taken out before anything is written."""


def kept_about_people(settings: Settings) -> tuple[KeptAs, ...]:
    """Everything that events carry, by how it is kept."""
    return (
        KeptAs(
            "Hashed",
            "Replaced by a keyed hash before anything is written. The key is the site's own and never leaves the"
            " control store, so that nobody can look an id up, or find it again at another site.",
            ("the session’s id", "the tab’s id", *_fields_as("hash")),
        ),
        KeptAs(
            "Cleaned text",
            "Mail addresses, telephone and card numbers, IP addresses, tokens and ids are replaced, then the text is"
            f" cut to {MAX_TEXT} characters. Names of people are not recognised: widgets should put none into errors.",
            _fields_as("text"),
        ),
        KeptAs(
            "As the widget sends it",
            "Properties of the page and the browser, cut to their length; of each so many different values are kept"
            " apart as its cap says.",
            tuple(f"{one.name}: {one.what} (up to {one.length} characters, {one.cap:,} values)" for one in DIMENSIONS),
        ),
        KeptAs("One of a few words", "Chosen by the widget out of a fixed list.", _fields_as("word")),
        KeptAs("Numbers", "Times, sizes, counts, and yes or no.", _fields_as("number")),
        KeptAs(
            "For how long",
            "After that the engine drops what is older, whole days at a time.",
            (
                f"single events: {settings.raw_retention_days} days",
                f"hourly sums, with hashes of the sessions they count: {settings.rollup_retention_months} months",
                f"incidents and their stories: {settings.incident_retention_days} days after they ended",
                "ids of batches, to take none twice: 48 hours",
            ),
        ),
    )


def _fields_as(way: str) -> tuple[str, ...]:
    """Fields by how they are kept, as `kind: field, field`."""
    told = []
    for kind, struct in KINDS.items():
        hints = get_type_hints(struct, include_extras=True)
        names = {field.name: field.encode_name for field in structs.fields(struct)}
        found = [names[one.name] for one in FIELDS[kind] if _way(hints[one.name], one.type) == way]
        if found:
            told.append(f"{kind}: {', '.join(found)}")
    return tuple(told)


def _way(annotation: Any, column: ColumnType) -> str:
    if column is ColumnType.HASH:
        return "hash"
    if column in (ColumnType.LABEL, ColumnType.TEXT):
        return "word" if _has_choices(annotation) else "number" if _is_counts(annotation) else "text"
    return "number"


def _has_choices(annotation: Any) -> bool:
    return get_origin(annotation) is Literal or any(map(_has_choices, _inner(annotation)))


def _is_counts(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(map(_is_counts, _inner(annotation)))


def _inner(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[:1]
    return () if get_origin(annotation) is Literal else get_args(annotation)
