"""YAML as nodes that know where they stand.

A safe part of YAML 1.2: only `true` and `false` are booleans, keys are texts and come once, no tags, one document a
file, and bounds of size and depth that hold with every alias written out.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import events

MAX_CHARACTERS = 1 << 20
MAX_DEPTH = 30
MAX_NODES = 100_000

Scalar = str | int | float | bool | None
Position = tuple[int, int]
"""Line and column, counted from 1; zeros where there are none."""

NOWHERE: Position = (0, 0)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C isn't built everywhere, and 5 times as fast
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNREADABLE_SAID = "has a character that is no text: a control character, or half of one"
_TAB_SAID = "is not valid YAML: a tab can't indent; write spaces"
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NAMED: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its position. `text` is what a scalar without quotes looks like; `keys` is where those of a mapping
    stand; `size` is how many nodes it is, aliases written out."""

    value: "Scalar | list[Node] | dict[str, Node]"
    position: Position = NOWHERE
    text: str | None = None
    keys: Mapping[str, Position] = field(default_factory=dict)
    size: int = 1


class BadYaml(Exception):
    """The text can't be read; every mistake with its position."""

    def __init__(self, found: list[tuple[Position, str]]) -> None:
        super().__init__(found)
        self.found = found


def read_yaml(text: str) -> Node:
    """The one document of a text; an empty mapping where there is none. Raises BadYaml."""
    if len(text) > MAX_CHARACTERS:
        raise BadYaml([((1, 1), f"is longer than {MAX_CHARACTERS:,} characters")])
    unreadable = _UNREADABLE.search(text)
    if unreadable:
        before = text[: unreadable.start()]
        position = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise BadYaml([(position, _UNREADABLE_SAID)])
    try:
        composer = _Composer(yaml.parse(text, Loader=_LOADER))
        node = composer.compose()
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        said = _TAB_SAID if text[mark.index : mark.index + 1] == "\t" else _said(error)
        raise BadYaml([(_position(mark), said)]) from error
    if composer.found:
        raise BadYaml(composer.found)
    return node


def node_of(value: Any) -> Node:
    """The node of plain data, as JSON has it, without positions. Raises BadYaml where it breaks the bounds."""
    return _node_of(value, MAX_DEPTH)


def plain(node: Node) -> Any:
    """The plain data of a node."""
    match node.value:
        case dict(entries):
            return {name: plain(entry) for name, entry in entries.items()}
        case list(items):
            return [plain(item) for item in items]
        case scalar:
            return scalar


def _node_of(value: Any, depth: int) -> Node:
    if not depth:
        raise BadYaml([(NOWHERE, f"is nested deeper than {MAX_DEPTH} levels")])
    match value:
        case dict():
            return Node({_readable(name): _node_of(entry, depth - 1) for name, entry in value.items()})
        case list():
            return Node([_node_of(item, depth - 1) for item in value])
        case str():
            return Node(_readable(value))
    return Node(value)


def _readable(text: str) -> str:
    if _UNREADABLE.search(text):
        raise BadYaml([(NOWHERE, _UNREADABLE_SAID)])
    return text


def _position(mark: Any) -> Position:
    return (mark.line + 1, mark.column + 1)


def _said(error: yaml.MarkedYAMLError) -> str:
    return f"is not valid YAML: {', '.join(filter(None, (error.context, error.problem)))}"


class _Composer:
    """Makes nodes of a parser's events. `found` are mistakes that don't keep it from reading on."""

    def __init__(self, parsed: Iterator[Any]) -> None:
        self.found: list[tuple[Position, str]] = []
        self._events = parsed
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def compose(self) -> Node:
        next(self._events)  # the stream's start
        if isinstance(next(self._events), events.StreamEndEvent):
            return Node({}, (1, 1))
        root = self._node(next(self._events), 1)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, events.StreamEndEvent):
            self.found.append((_position(after.start_mark), "there is a second document: a file has one"))
        return root

    def _node(self, event: Any, depth: int) -> Node:
        position = _position(event.start_mark)
        if depth > MAX_DEPTH:
            raise BadYaml([(position, f"is nested deeper than {MAX_DEPTH} levels")])
        if isinstance(event, events.AliasEvent):
            return self._alias(event, position)
        self._count(1, position)
        if event.tag not in (None, "!"):
            self.found.append((position, f"the tag {event.tag[:60]!r} is not read here: leave it out"))
        match event:
            case events.SequenceStartEvent():
                node = self._sequence(position, depth)
            case events.MappingStartEvent():
                node = self._mapping(position, depth)
            case _:
                node = _scalar(event, position)
                if _UNREADABLE.search(event.value):
                    self.found.append((position, _UNREADABLE_SAID))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, position: Position) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            self.found.append((position, f"there is no anchor {event.anchor[:60]!r} before this alias"))
            return Node(None, position)
        self._count(node.size, position)
        return node

    def _count(self, nodes: int, position: Position) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise BadYaml([(position, f"has more than {MAX_NODES:,} values, with its aliases written out")])

    def _sequence(self, position: Position, depth: int) -> Node:
        items = []
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Node(items, position, size=1 + sum(item.size for item in items))

    def _mapping(self, position: Position, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        size = 1
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            size += value.size
            name = key.text if key.text is not None else key.value
            if not isinstance(name, str):
                self.found.append((key.position, "a key has to be a text"))
            elif name in entries:
                self.found.append((key.position, f"{name[:60]!r} is there already, in line {keys[name][0]}"))
            else:
                entries[name], keys[name] = value, key.position
        return Node(entries, position, keys=keys, size=size)


def _scalar(event: Any, position: Position) -> Node:
    text: str = event.value
    if not event.implicit[0]:  # it is in quotes
        return Node(text, position)
    if text in _NAMED:
        return Node(_NAMED[text], position, text)
    if _WHOLE.fullmatch(text):
        return Node(int(text), position, text)
    if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return Node(float(text), position, text)
    return Node(text, position, text)
