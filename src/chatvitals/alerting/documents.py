"""Documents that people write: YAML files, and the bodies of requests, whose mistakes are all found and located."""

from collections.abc import Iterable
from typing import Any, Self

from msgspec import Struct

from chatvitals.alerting.conversion import Path, convert
from chatvitals.alerting.nodes import BadYaml, Node, Position, node_of, read_yaml
from chatvitals.errors import ChatvitalsError


class Mistake(Struct, frozen=True, order=True):
    """What is wrong in a document. `line` and `column` count from 1; they are 0, and `file` is empty, where there are
    none. `field` is the part that it is about, also one that is missing: `threshold.above.error`."""

    file: str
    line: int
    column: int
    message: str
    field: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" if place else self.message


class BadDocuments(ChatvitalsError):
    """Documents that can't be used; the message lists every mistake, one a line, by file and position."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))


class Document:
    """A mapping that was read from `file`, with the position of each of its parts.

    A part is named by its path, as `("rules", 0, "window")`.
    """

    def __init__(self, file: str, root: Node) -> None:
        self.file = file
        self._root = root

    @classmethod
    def of(cls, value: Any, file: str = "") -> Self:
        """A document of plain data, such as decoded JSON, without positions. Raises BadDocuments."""
        try:
            return cls(file, _mapping(node_of(value)))
        except BadYaml as bad:
            raise _located(file, bad) from bad

    def has(self, path: Path) -> bool:
        """Whether there is such a part."""
        return self._nearest(path)[1] == len(path)

    def names(self, path: Path = ()) -> tuple[str, ...]:
        """The names of the fields of a part, in the order in which they were written; none where it is no mapping."""
        value = self._nearest(path)[0].value
        return tuple(value) if isinstance(value, dict) and self.has(path) else ()

    def items(self, path: Path) -> list[Path]:
        """The paths of a list's items; none where there is no such part. Raises BadDocuments where it is no list."""
        node, known = self._nearest(path)
        if known < len(path) or node.value is None:
            return []
        if not isinstance(node.value, list):
            raise BadDocuments([self.mistake(path, "expected a list")])
        return [(*path, place) for place in range(len(node.value))]

    def convert(self, path: Path, wanted: Any) -> Any:
        """A part as a value of a type that msgspec knows. Raises BadDocuments with every mistake in that part."""
        node, known = self._nearest(path)
        if known < len(path):
            raise BadDocuments([self.mistake(path, "is missing")])
        value, found = convert(node, wanted, path)
        if found:
            raise BadDocuments(self._at(one.path, one.position, one.message, one.field) for one in found)
        return value

    def mistake(self, path: Path, message: str, *, at_name: bool = False) -> Mistake:
        """Something that is wrong about a part, located there or, if it wasn't written, at what it would be in.

        `at_name` locates it at the name of the field instead of its value.
        """
        node, known = self._nearest(path)
        position = node.position
        if at_name and path and known == len(path):
            position = self._nearest(path[:-1])[0].keys.get(str(path[-1]), position)
        return self._at(path, position, message)

    def _at(self, path: Path, position: Position, message: str, field: Path | None = None) -> Mistake:
        said = f"{say_path(path)}: {message}" if path else message
        return Mistake(self.file, *position, said, say_path(path if field is None else field))

    def _nearest(self, path: Path) -> tuple[Node, int]:
        """The node of the longest part of a path that there is, and how long that is."""
        node = self._root
        for known, step in enumerate(path):
            match node.value, step:
                case dict(entries), str() if step in entries:
                    node = entries[step]
                case list(items), int() if step < len(items):
                    node = items[step]
                case _:
                    return node, known
        return node, len(path)


def parse(text: str, file: str) -> Document:
    """Read YAML whose root is a mapping, as it may be empty. Raises BadDocuments."""
    try:
        return Document(file, _mapping(read_yaml(text)))
    except BadYaml as bad:
        raise _located(file, bad) from bad


def say_path(path: Path) -> str:
    """A path as it is written in messages: `rules[0].window`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _mapping(node: Node) -> Node:
    if node.value is None:
        return Node({}, node.position)
    if not isinstance(node.value, dict):
        raise BadYaml([(node.position, "expected a mapping of names to values")])
    return node


def _located(file: str, bad: BadYaml) -> BadDocuments:
    return BadDocuments(Mistake(file, *position, message) for position, message in bad.found)
