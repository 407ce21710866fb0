"""What figures can be filtered and broken down by, and how many different values a site may have of each."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from chatvitals.catalogue.columns import FIELDS, ColumnType
from chatvitals.catalogue.limits import MAX_WIRE_TEXT

OVERFLOW = "__other__"
"""Stands for every value beyond a dimension's cap."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A property of the page or the browser. `cap` values a site are kept apart, each cut to `length` characters."""

    name: str
    what: str
    cap: int
    length: int = 100


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("customer", "whose page embeds the widget", 10_000),
    Dimension("release", "version of the widget", 1_000),
    Dimension("variant", "experiment arm or rollout cohort", 100),
    Dimension("page", "path of the page, without query and fragment", 2_000, 200),
    Dimension("browser", "browser and major version", 200),
    Dimension("os", "operating system", 100),
    Dimension("device", "class of device", 50),
    Dimension("country", "ISO 3166 code, where the widget sends it", 300, 8),
)

DIMENSION_NAMES: tuple[str, ...] = tuple(dimension.name for dimension in DIMENSIONS)

LABEL_CAPS: dict[str, int] = {"label": 50, "detail": 2_000, "error_type": 300}
"""How many different values of a site each shared text column keeps apart."""

ContextText = Annotated[str, Meta(max_length=MAX_WIRE_TEXT)]


class Context(Struct, rename="camel", gc=False):
    """What holds for all events of a batch. The two ids are hashed with the site's salt before they are kept."""

    session_id: ContextText = ""
    tab_id: ContextText = ""
    customer: ContextText | None = None
    release: ContextText | None = None
    variant: ContextText | None = None
    page: ContextText | None = None
    browser: ContextText | None = None
    os: ContextText | None = None
    device: ContextText | None = None
    country: ContextText | None = None


def breakdown_column(name: str, kind: str) -> str | None:
    """The column behind a dimension, or behind a text field of `kind`; None where there is none of that name."""
    if name == "site" or name in DIMENSION_NAMES:
        return name
    for field in FIELDS[kind]:
        if field.wire_name == name and field.type is ColumnType.LABEL:
            return field.column
    return None
