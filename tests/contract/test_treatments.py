"""No free text of an event gets past the scrubber, nor a free label past its cap."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chatvitals.catalogue.columns import FIELDS, ColumnType
from chatvitals.catalogue.kinds import KINDS
from chatvitals.ingest.steps.cardinality import _CAPPED
from chatvitals.ingest.steps.scrub import TREATMENTS

HASHED = {"conversation_id"}


def _is_free_text(annotation: Any) -> bool:
    match annotation:
        case msgspec.inspect.Metadata(type=inner):
            return _is_free_text(inner)
        case msgspec.inspect.UnionType(types=types):
            return any(map(_is_free_text, types))
    return isinstance(annotation, msgspec.inspect.StrType)


def free_texts(kind: str) -> Iterator[str]:
    info = msgspec.inspect.type_info(KINDS[kind])
    assert isinstance(info, msgspec.inspect.StructType)
    yield from (field.name for field in info.fields if _is_free_text(field.type))


@pytest.mark.parametrize("kind", KINDS)
def test_every_free_text_is_cleaned_or_hashed(kind: str) -> None:
    treated = {name for name, _ in TREATMENTS.get(KINDS[kind], ())}
    assert treated == set(free_texts(kind)) - HASHED


@pytest.mark.parametrize("kind", KINDS)
def test_every_free_label_has_a_cap(kind: str) -> None:
    labels = {field.name for field in FIELDS[kind] if field.type is ColumnType.LABEL}
    capped = {name for name, _, _ in _CAPPED.get(KINDS[kind], ())}
    assert capped == labels & set(free_texts(kind))


def test_the_only_other_text_is_the_reasons_of_what_an_sdk_dropped() -> None:
    """Names of the SDK's own, limited in number and length, in a column that figures are not split by."""
    others = {
        (kind, field.name)
        for kind, fields in FIELDS.items()
        for field in fields
        if field.type is ColumnType.TEXT and field.name not in set(free_texts(kind))
    }
    assert others == {("sdk", "dropped")}
