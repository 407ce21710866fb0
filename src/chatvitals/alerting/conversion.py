"""Nodes as values of a type, field by field, so that every mistake is found and said in words.

msgspec makes the values; it stops at its first error, so what it would say is found out here part by part.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, structs

from chatvitals.alerting.nodes import Node, Position, plain

Path = tuple[str | int, ...]
"""Fields and places in lists, from the root on."""


class Found(NamedTuple):
    """A mistake: what it is about, where it stands, and what it is. `field` is what the whole path would be of a field
    that isn't there."""

    path: Path
    position: Position
    message: str
    field: Path


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the most similar of those known; empty where none is similar."""
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def convert(node: Node, wanted: Any, path: Path) -> tuple[Any, list[Found]]:
    """The value of a node as `wanted`, any type that msgspec knows, or else every mistake in it.

    A scalar without quotes is the text that it looks like where a text is wanted: a release 2.10 is not 2.1. A type's
    `Meta(extra={"expected": …})` says in words what is wanted; `{"secret": True}` keeps the value out of messages.
    """
    conversion = _Conversion()
    data = conversion.data(node, wanted, path)
    return (None, conversion.found) if conversion.found else (msgspec.convert(data, wanted), [])


class _Wrong(Exception):
    """A part whose mistakes are found already."""


class _Conversion:
    """Finds plain data that msgspec takes for each part. `found` are the mistakes."""

    def __init__(self) -> None:
        self.found: list[Found] = []

    def data(self, node: Node, wanted: Any, path: Path) -> Any:
        try:
            return self._part(node, wanted, path)
        except _Wrong:
            return None

    def _part(self, node: Node, wanted: Any, path: Path) -> Any:
        shape = _shape(wanted, node)
        match node.value:
            case dict(entries) if _is_struct(shape):
                data: Any = self._struct(node, entries, shape, path)
            case dict(entries) if shape is not None:
                data = self._mapping(node, entries, shape, path)
            case list(items) if shape is not None:
                data = self._list(items, shape, path)
            case _:
                return self._scalar(node, wanted, path)
        try:
            msgspec.convert(data, wanted)
        except msgspec.ValidationError as error:
            said = str(error.__cause__) if isinstance(error.__cause__, ValueError) else _expectation(node, wanted)
            raise self._wrong(path, node.position, said) from error
        return data

    def _struct(self, node: Node, entries: Mapping[str, Node], wanted: type[Struct], path: Path) -> dict[str, Any]:
        fields = _fields_of(wanted)
        tag = wanted.__struct_config__.tag_field
        before = len(self.found)
        data = {}
        for name, entry in entries.items():
            if name in fields:
                data[name] = self.data(entry, fields[name].type, (*path, name))
            elif name == tag:
                data[name] = plain(entry)
            else:
                known = (*fields, *([tag] if tag else ()))
                guess = did_you_mean(name, known) or f"; known ones are {', '.join(known)}"
                self._note((*path, name), node.keys.get(name, node.position), f"there is no such field{guess}")
        for name, field in fields.items():
            if field.required and name not in entries:
                self._note(path, node.position, f"the field {name!r} is missing", (*path, name))
        self._refuse_since(before)
        return data

    def _mapping(self, node: Node, entries: Mapping[str, Node], wanted: Any, path: Path) -> dict[str, Any]:
        wanted_key, wanted_value = get_args(wanted)
        before = len(self.found)
        data = {}
        for name, entry in entries.items():
            key = Node(name, node.keys.get(name, node.position))
            self.data(key, wanted_key, (*path, name))
            data[name] = self.data(entry, wanted_value, (*path, name))
        self._refuse_since(before)
        return data

    def _list(self, items: list[Node], wanted: Any, path: Path) -> list[Any]:
        before = len(self.found)
        wanted_item = get_args(wanted)[0]
        data = [self.data(item, wanted_item, (*path, place)) for place, item in enumerate(items)]
        self._refuse_since(before)
        return data

    def _scalar(self, node: Node, wanted: Any, path: Path) -> Any:
        data = plain(node)
        if _fits(data, wanted):
            return data
        if data is not None and node.text is not None and _fits(node.text, wanted):
            return node.text
        raise self._wrong(path, node.position, _expectation(node, wanted))

    def _refuse_since(self, before: int) -> None:
        """Let no value be made of parts that have mistakes."""
        if len(self.found) > before:
            raise _Wrong

    def _note(self, path: Path, position: Position, message: str, field: Path = ()) -> None:
        self.found.append(Found(path, position, message, field or path))

    def _wrong(self, path: Path, position: Position, message: str) -> _Wrong:
        self._note(path, position, message)
        return _Wrong()


@cache
def _fields_of(wanted: type[Struct]) -> dict[str, structs.FieldInfo]:
    return {field.encode_name: field for field in structs.fields(wanted)}


def _fits(data: Any, wanted: Any) -> bool:
    try:
        msgspec.convert(data, wanted)
    except msgspec.ValidationError:
        return False
    return True


def _members(wanted: Any) -> tuple[Any, ...]:
    """The types that a type is a choice of, itself alone where it is none; what is noted about it is left out."""
    if get_origin(wanted) is Annotated:
        return _members(get_args(wanted)[0])
    if get_origin(wanted) in (Union, UnionType):
        return tuple(inner for member in get_args(wanted) for inner in _members(member))
    return (wanted,)


def _is_struct(wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, Struct)


def _shape(wanted: Any, node: Node) -> Any:
    """Which of the types that are wanted has the shape of the node; None where none or several have."""
    members = _members(wanted)
    match node.value:
        case dict(entries):
            structs_wanted = [member for member in members if _is_struct(member)]
            if len(structs_wanted) > 1:
                return next((member for member in structs_wanted if _has_tag(member, entries)), None)
            fitting = structs_wanted or [member for member in members if get_origin(member) in _MAPPINGS]
        case list():
            fitting = [member for member in members if get_origin(member) in _LISTS]
        case _:
            return None
    return fitting[0] if fitting else None


def _has_tag(member: type[Struct], entries: Mapping[str, Node]) -> bool:
    config = member.__struct_config__
    tag = entries.get(str(config.tag_field))
    return tag is not None and plain(tag) == config.tag


def _expectation(node: Node, wanted: Any) -> str:
    """What was expected of a node, and what it is."""
    tags = [member.__struct_config__ for member in _members(wanted) if _is_struct(member)]
    if isinstance(node.value, dict) and len(tags) > 1:
        return _tag_expectation(node.value, str(tags[0].tag_field), [str(config.tag) for config in tags])
    if any(meta.extra and meta.extra.get("secret") for meta in _metas(wanted)):
        return f"expected {_words(wanted)}; what it is stays secret"
    guess = ""
    if isinstance(node.value, str):
        guess = did_you_mean(node.value, [one for member in _members(wanted) for one in _choices(member)])
    return f"expected {_words(wanted)}, but it is {_shown(node)}{guess}"


def _metas(wanted: Any) -> list[Meta]:
    """What is noted about a type, or about one that it is a choice of."""
    own = [note for note in getattr(wanted, "__metadata__", ()) if isinstance(note, Meta)]
    parts = get_args(wanted)[:1] if own else get_args(wanted) if get_origin(wanted) in (Union, UnionType) else ()
    return own + [meta for part in parts for meta in _metas(part)]


def _tag_expectation(entries: Mapping[str, Node], field: str, tags: list[str]) -> str:
    known = f"one of {', '.join(sorted(tags))}"
    if field not in entries:
        return f"the field {field!r} is missing: it is {known}"
    return f"expected {known} as {field!r}, but it is {_shown(entries[field])}" + did_you_mean(
        str(entries[field].value), tags
    )


def _shown(node: Node) -> str:
    match node.value:
        case dict():
            return "a mapping"
        case list():
            return "a list" if node.value else "an empty list"
        case None:
            return "empty"
        case bool(truth):
            return str(truth).lower()
        case scalar:
            shown = node.text if node.text is not None else repr(scalar)
            return shown if len(shown) <= 40 else f"{shown[:40]}…"


def _choices(wanted: Any) -> list[str]:
    if get_origin(wanted) is Literal:
        return [str(value) for value in get_args(wanted)]
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return [str(member.value) for member in wanted]
    return []


_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Any: "anything"}
_MAPPINGS = (dict, Mapping)
_LISTS = (list, tuple, Sequence, set, frozenset)


def _words(wanted: Any) -> str:
    """A type in words, with its limits."""
    if get_origin(wanted) is Annotated:
        metas = [note for note in wanted.__metadata__ if isinstance(note, Meta)]
        own = [meta.extra["expected"] for meta in metas if meta.extra and "expected" in meta.extra]
        return str(own[0]) if own else _words(get_args(wanted)[0]) + "".join(map(_limits, metas))
    if get_origin(wanted) in (Union, UnionType):
        return " or ".join(dict.fromkeys(_words(one) for one in get_args(wanted) if one is not NoneType))
    choices = _choices(wanted)
    if choices:
        return f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    if get_origin(wanted) in _LISTS:
        return "a list"
    return _NAMES.get(wanted, "a mapping")


def _limits(meta: Meta) -> str:
    words = (
        ("above", meta.gt), ("at least", meta.ge), ("below", meta.lt), ("at most", meta.le),
        ("of length at least", meta.min_length), ("of length at most", meta.max_length), ("matching", meta.pattern),
    )  # fmt: skip
    return "".join(f", {word} {limit}" for word, limit in words if limit is not None)
