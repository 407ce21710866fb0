"""Events of every kind as hypothesis makes them, from the types of the catalogue, in the words of the wire."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from chatvitals.catalogue.kinds import KINDS

NOW_MS = 1_767_268_800_000
"""1 January 2026, noon."""

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
"""Never empty: the store can't tell an empty text from none."""


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values that a field of this type takes."""
    match annotation:
        case msgspec.inspect.Metadata(type=inner):
            return values_of(inner)
        case msgspec.inspect.UnionType(types=types):
            return st.one_of([values_of(one) for one in types if not isinstance(one, msgspec.inspect.NoneType)])
        case msgspec.inspect.BoolType():
            return st.booleans()
        case msgspec.inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case msgspec.inspect.FloatType(ge=least, le=most):
            return st.floats(least, most, allow_subnormal=False)
        case msgspec.inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case msgspec.inspect.StrType():
            return _TEXT
        case msgspec.inspect.DictType(key_type=keys, value_type=values):
            return st.dictionaries(values_of(keys), values_of(values), max_size=4)
    raise AssertionError(f"no values are known for {annotation}")


def events_of_kind(kind: str, times: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Valid events of a kind, optional fields there or not."""
    info = msgspec.inspect.type_info(KINDS[kind])
    assert isinstance(info, msgspec.inspect.StructType)
    required = {field.encode_name: values_of(field.type) for field in info.fields if field.required}
    optional = {field.encode_name: values_of(field.type) for field in info.fields if not field.required}
    if times is not None:
        required["timestamp"] = times
    return st.fixed_dictionaries({"kind": st.just(kind), **required}, optional=optional)


def events(times: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Valid events of any kind."""
    return st.one_of([events_of_kind(kind, times) for kind in KINDS])
