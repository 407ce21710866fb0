"""What a person reads of a page: its text, and its tables by their captions."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = ("meta", "link", "input", "br", "img", "hr", "path", "rect", "circle")
_SILENT = ("script", "style", "title")


@dataclass
class ReadTable:
    """A table as rows by the titles of their columns, and where rows lead, by their first cell."""

    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def column(self, title: str) -> list[str]:
        """A column from top to bottom."""
        return [row[title] for row in self.rows]


@dataclass
class Read:
    """A page as read. `text` has single spaces; `links` are all of them, by their words."""

    text: str = ""
    tables: dict[str, ReadTable] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read = Read()
        self._open: list[str] = []
        self._said: list[str] = []
        self._marks: dict[str, int] = {}
        self._table: ReadTable | None = None
        self._cells: list[str] = []
        self._href = ""
        self._row_href = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        self._open.append(tag)
        if tag in ("caption", "th", "td", "a"):
            self._marks[tag] = len(self._said)
        if tag == "table":
            self._table = ReadTable()
        if tag == "tr":
            self._cells, self._row_href = [], ""
        if tag == "a":
            self._href = dict(attributes).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        said = " ".join("".join(self._said[self._marks.get(tag, 0) :]).split())
        if tag == "a":
            self.read.links[said] = self._href
            self._row_href = self._row_href or self._href
        if self._table is None:
            return
        if tag == "caption":
            self.read.tables[said] = self._table
        elif tag in ("th", "td"):
            self._cells.append(said)
        elif tag == "tr" and not self._table.columns:
            self._table.columns = self._cells
        elif tag == "tr":
            self._table.rows.append(dict(zip(self._table.columns, self._cells, strict=True)))
            self._table.links[self._cells[0]] = self._row_href
        elif tag == "table":
            self._table = None

    def handle_data(self, data: str) -> None:
        if not any(tag in _SILENT for tag in self._open):
            self._said.append(data)
        if self._open and self._open[-1] not in ("span", "a", "strong", "code"):
            self._said.append(" ")

    def text(self) -> str:
        return " ".join("".join(self._said).split())


def read(html: str) -> Read:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.read.text = reader.text()
    return reader.read
