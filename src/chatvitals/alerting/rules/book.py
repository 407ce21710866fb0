"""The rule book: every rule by its name, where it comes from, and which of several is in force.

A rule of a file comes before a row of the same name, and both before a built-in one. Rules of files are changed there.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from chatvitals.alerting.documents import BadDocuments, Document, Mistake
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.reading import FiledRule, read_rule
from chatvitals.clock import Clock
from chatvitals.errors import BadRequest, Conflict, NotFound
from chatvitals.store.control.rules import AlertRules, RuleRow

MAX_ROWS = 1_000


class Source(StrEnum):
    """What kind of place a rule comes from."""

    BUILT_IN = "builtIn"
    FILE = "file"
    ROW = "row"


class Origin(Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True):
    """Where a rule comes from: a file and its line, or who wrote the row and when."""

    source: Source
    file: str = ""
    line: int = 0
    updated_ms: int | None = None
    updated_by: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """A rule that is in force, where it comes from, and where those come from whose place it takes."""

    rule: Rule
    origin: Origin
    hides: tuple[Origin, ...] = ()

    @property
    def read_only(self) -> bool:
        """Whether it can't be changed over the API."""
        return self.origin.source is Source.FILE


class RuleBook:
    """Knows the rules in force. What blocks reads or writes the control store; the rest answers from memory."""

    def __init__(
        self,
        built_in: Iterable[FiledRule],
        rows: AlertRules,
        filed: Callable[[], Iterable[FiledRule]],
        clock: Clock,
    ) -> None:
        self._shipped = tuple(built_in)
        self.built_in: Mapping[str, Rule] = {shipped.rule.name: shipped.rule for shipped in self._shipped}
        self._rows = rows
        self._filed = filed
        self._clock = clock
        self._looking = threading.Lock()
        self._looked: tuple[list[RuleRow], tuple[FiledRule, ...]] | None = None
        self._entries: dict[str, Entry] = {}
        self._enabled: tuple[Rule, ...] = ()
        self.mistakes: tuple[Mistake, ...] = ()
        """Of rows that this version of the program can't read; they are not in force."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every rule, switched on or off, by name."""
        return self._entries

    def rules(self) -> tuple[Rule, ...]:
        """The rules to evaluate."""
        return self._enabled

    def find(self, name: str) -> Entry:
        """The rule of a name. Raises NotFound."""
        if name not in self._entries:
            raise NotFound(f"there is no rule {name[:64]!r}")
        return self._entries[name]

    def look(self) -> None:
        """Take up what files and rows say now. Blocks."""
        with self._looking:
            looked = self._rows.all(), tuple(self._filed())
            if looked == self._looked:
                return
            rows, filed = looked
            written, mistakes = self._read_rows(rows)
            entries: dict[str, Entry] = {}
            for rule, origin in (*_from(Source.BUILT_IN, self._shipped), *written, *_from(Source.FILE, filed)):
                hidden = entries.get(rule.name)
                hides = (hidden.origin, *hidden.hides) if hidden else ()
                entries[rule.name] = Entry(rule=rule, origin=origin, hides=hides)
            self._entries = dict(sorted(entries.items()))
            self._enabled = tuple(entry.rule for entry in self._entries.values() if entry.rule.enabled)
            self.mistakes = tuple(mistakes)
            self._looked = looked

    def written(self, name: str) -> dict[str, Any] | None:
        """The row of a name as it was given; None where there is none. Blocks."""
        for row in self._rows.all():
            if row.name == name:
                document: dict[str, Any] = msgspec.json.decode(row.document)
                return document
        return None

    def put(self, name: str, form: dict[str, Any], who: str) -> Entry:
        """Write a rule as a row. Raises BadDocuments, BadRequest, and Conflict where a file has the name. Blocks."""
        self._refuse_filed(name)
        if form.get("name", name) != name:
            raise BadRequest("the body names another rule than the path", "name")
        document = Document.of({"name": name, **form})
        read_rule(document, (), self.built_in)
        rows = {row.name for row in self._rows.all()}
        if name not in rows and len(rows) >= MAX_ROWS:
            raise Conflict(f"there are {MAX_ROWS} rules already: remove one that is not needed")
        text = msgspec.json.encode({"name": name, **form}).decode()
        self._rows.put(RuleRow(name=name, document=text, updated_ms=self._clock(), updated_by=who))
        self.look()
        return self.find(name)

    def remove(self, name: str) -> None:
        """Remove a row. Raises NotFound, and Conflict for a rule that is in no row. Blocks."""
        self._refuse_filed(name)
        if not self._rows.remove(name):
            if name in self.built_in:
                raise Conflict(f"{name} is built in: switch it off with a PUT of " + '{"enabled": false}')
            raise NotFound(f"there is no rule {name[:64]!r}")
        self.look()

    def _refuse_filed(self, name: str) -> None:
        entry = self._entries.get(name)
        if entry is not None and entry.read_only:
            raise Conflict(f"{name} stands in {entry.origin.file}, line {entry.origin.line}: change it there")

    def _read_rows(self, rows: Iterable[RuleRow]) -> tuple[list[tuple[Rule, Origin]], list[Mistake]]:
        read: list[tuple[Rule, Origin]] = []
        mistakes: list[Mistake] = []
        for row in rows:
            try:
                rule = read_rule(Document.of(msgspec.json.decode(row.document)), (), self.built_in)
            except BadDocuments as bad:
                mistakes += (Mistake(f"row {row.name}", 0, 0, mistake.message) for mistake in bad.mistakes)
            else:
                origin = Origin(source=Source.ROW, updated_ms=row.updated_ms, updated_by=row.updated_by)
                read.append((rule, origin))
        return read, mistakes


def _from(source: Source, rules: Iterable[FiledRule]) -> Iterable[tuple[Rule, Origin]]:
    for one in rules:
        yield one.rule, Origin(source=source, file=one.file, line=one.line)
