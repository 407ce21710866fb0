from collections import Counter
from typing import Any

import msgspec
import pytest

from chatvitals.catalogue.columns import FIELDS, KIND_COLUMNS, ColumnType
from chatvitals.catalogue.dimensions import LABEL_CAPS, breakdown_column
from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.limits import MAX_BYTES, MAX_COUNT

FITS: dict[ColumnType, tuple[type, ...]] = {
    ColumnType.FLAG: (msgspec.inspect.BoolType,),
    ColumnType.COUNT: (msgspec.inspect.IntType,),
    ColumnType.BYTES: (msgspec.inspect.IntType,),
    ColumnType.NUMBER: (msgspec.inspect.FloatType,),
    ColumnType.LABEL: (msgspec.inspect.StrType, msgspec.inspect.LiteralType),
    ColumnType.TEXT: (msgspec.inspect.StrType, msgspec.inspect.DictType),
    ColumnType.HASH: (msgspec.inspect.StrType,),
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_fields_of_a_kind_share_a_column(kind: str) -> None:
    columns = Counter(field.column for field in FIELDS[kind])
    assert not [column for column, uses in columns.items() if uses > 1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_column_that_exists(kind: str) -> None:
    assert {field.column for field in FIELDS[kind]} <= KIND_COLUMNS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_but_those_of_all_events_is_carried(kind: str) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(KINDS[kind])}
    assert {field.wire_name for field in FIELDS[kind]} == fields - {"timestamp", "seq"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_column_of_its_type(kind: str) -> None:
    info = msgspec.inspect.type_info(KINDS[kind])
    assert isinstance(info, msgspec.inspect.StructType)
    types: dict[str, Any] = {field.name: field.type for field in info.fields}
    for field in FIELDS[kind]:
        assert isinstance(_some(types[field.name]), FITS[field.type]), field


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_is_bounded_so_that_it_fits_its_column(kind: str) -> None:
    info = msgspec.inspect.type_info(KINDS[kind])
    assert isinstance(info, msgspec.inspect.StructType)
    bounds: dict[str, Any] = {field.name: _some(field.type) for field in info.fields}
    for field in FIELDS[kind]:
        if field.type in (ColumnType.COUNT, ColumnType.BYTES, ColumnType.NUMBER):
            assert bounds[field.name].ge == 0
            assert bounds[field.name].le <= (MAX_COUNT if field.type is ColumnType.COUNT else MAX_BYTES)


def test_the_least_and_greatest_of_a_number_fit_its_columns_type() -> None:
    assert MAX_COUNT < 2**31
    assert MAX_BYTES < 2**63


def test_a_field_of_the_same_name_has_the_same_type_of_column_in_every_kind() -> None:
    types: dict[str, set[ColumnType]] = {}
    for fields in FIELDS.values():
        for field in fields:
            types.setdefault(field.wire_name, set()).add(field.type)
    assert not {name: found for name, found in types.items() if len(found) > 1}


def test_every_shared_text_column_has_a_cap() -> None:
    assert LABEL_CAPS.keys() == {name for name, column in KIND_COLUMNS.items() if column is ColumnType.LABEL}


def test_figures_break_down_by_dimensions_and_by_text_fields_of_the_kind() -> None:
    assert breakdown_column("site", "render") == "site"
    assert breakdown_column("customer", "render") == "customer"
    assert breakdown_column("endpoint", "api") == "detail"
    assert breakdown_column("endpoint", "render") is None
    assert breakdown_column("duration", "api") is None
    assert breakdown_column("message", "error") is None


def _some(annotation: Any) -> Any:
    """The type of a field that may also be None."""
    if isinstance(annotation, msgspec.inspect.Metadata):
        return _some(annotation.type)
    if isinstance(annotation, msgspec.inspect.UnionType):
        (found,) = (one for one in annotation.types if not isinstance(one, msgspec.inspect.NoneType))
        return _some(found)
    return annotation
