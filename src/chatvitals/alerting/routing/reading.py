"""Routing out of documents. All mistakes of all documents are told at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import structs

from chatvitals.alerting.conversion import Path
from chatvitals.alerting.documents import BadDocuments, Document, Mistake
from chatvitals.alerting.routing.building import (
    Flaw,
    build_matchers,
    build_tree,
    check_labels,
    check_matchers,
    check_reach,
    check_tree,
)
from chatvitals.alerting.routing.form import InhibitionForm, IntervalForm, RouteForm, SpanForm
from chatvitals.alerting.routing.intervals import (
    BadInterval,
    Range,
    Span,
    parse_days_of_month,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
    parse_zone,
)
from chatvitals.alerting.routing.routes import Inhibition, Route, Routing
from chatvitals.notify.channels.console.settings import ConsoleSettings
from chatvitals.notify.channels.database.settings import DatabaseSettings
from chatvitals.notify.receivers import Receiver

SECTIONS = ("receivers", "route", "inhibit", "timeIntervals")

DEFAULT_ROUTING = Routing(
    receivers={"default": Receiver("default", (ConsoleSettings(), DatabaseSettings()))},
    root=Route(receiver="default"),
)
"""What holds where nothing is configured: everything is told to the console and kept in the list of notifications."""

T = TypeVar("T")


def read_routing(documents: Sequence[Document]) -> Routing:
    """The routing that documents say together. Raises BadDocuments with every mistake of all of them.

    The receiver `default` is there without being written, and is told everything where there is no `route`.
    """
    sections = _Sections(documents)
    names = {*DEFAULT_ROUTING.receivers, *sections.names("receivers")}
    intervals = sections.names("timeIntervals")
    receivers = sections.items("receivers", Receiver, Receiver.check)
    spans = sections.items("timeIntervals", IntervalForm, _check_interval)
    inhibitions = sections.items("inhibit", InhibitionForm, _check_inhibition)
    root = sections.root(names, intervals)
    if sections.mistakes:
        raise BadDocuments(sections.mistakes)
    return Routing(
        receivers={**DEFAULT_ROUTING.receivers, **{receiver.name: receiver for receiver in receivers}},
        root=DEFAULT_ROUTING.root if root is None else build_tree(root, DEFAULT_ROUTING.root),
        inhibitions=tuple(map(_inhibition, inhibitions)),
        intervals={interval.name: tuple(map(_span, interval.spans)) for interval in spans},
    )


class _Sections:
    """Reads sections of several documents; `mistakes` is what is wrong in them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self.mistakes: list[Mistake] = []

    def names(self, section: str) -> set[str]:
        """The names of a section's items, whatever else is wrong with these; each may be there once."""
        first: dict[str, Mistake] = {}
        for document, path in self._paths(section):
            try:
                name: str = document.convert((*path, "name"), str)
            except BadDocuments:  # told by who reads the whole item
                continue
            here = document.mistake((*path, "name"), "")
            there = first.setdefault(name, here)
            if there is not here:
                said = f"{name!r} is there already, in {there.file}:{there.line}"
                self.mistakes.append(document.mistake((*path, "name"), said))
        return set(first)

    def items(self, section: str, wanted: type[T], check: Callable[[T], Iterable[Flaw]]) -> list[T]:
        """The items of a section in all documents that are well-formed."""
        values = (self._value(document, path, wanted, check) for document, path in self._paths(section))
        return [value for value in values if value is not None]

    def root(self, receivers: Set[str], intervals: Set[str]) -> RouteForm | None:
        """The outermost route, which only one document may have."""
        having = [document for document in self._documents if document.has(("route",))]
        for document in having[1:]:
            said = f"is in {having[0].file} already, and there is only one"
            self.mistakes.append(document.mistake(("route",), said, at_name=True))
        for document in having[:1]:
            root = self._value(document, ("route",), RouteForm, check_reach)
            part = root or _well_formed_part(document, ("route",))
            flaws = check_tree(part, receivers, intervals)
            self.mistakes += [document.mistake(("route", *path), message) for path, message in flaws]
            return root
        return None

    def _paths(self, section: str) -> Iterator[tuple[Document, Path]]:
        for document in self._documents:
            try:
                paths = document.items((section,))
            except BadDocuments as bad:
                self.mistakes += bad.mistakes
                continue
            for path in paths:
                yield document, path

    def _value(self, document: Document, path: Path, wanted: type[T], check: Callable[[T], Iterable[Flaw]]) -> T | None:
        try:
            value: T = document.convert(path, wanted)
        except BadDocuments as bad:
            self.mistakes += bad.mistakes
            return None
        self.mistakes += [document.mistake((*path, *part), message) for part, message in check(value)]
        return value


def _well_formed_part(document: Document, path: Path) -> RouteForm:
    """What can be read of a route that can't be read whole, so that one mistake hides no others."""
    fields: dict[str, Any] = {}
    for field in structs.fields(RouteForm):
        part = (*path, field.encode_name)
        try:
            if field.name == "routes":
                fields["routes"] = tuple(_well_formed_part(document, below) for below in document.items(part))
            elif document.has(part):
                fields[field.name] = document.convert(part, field.type)
        except BadDocuments:  # told by who reads the whole
            continue
    return RouteForm(**fields)


def _check_inhibition(form: InhibitionForm) -> Iterator[Flaw]:
    for name, texts in (("source", form.source), ("target", form.target)):
        for path, message in check_matchers(texts):
            yield (name, *path), message
    for path, message in check_labels(form.equal):
        yield ("equal", *path), message


def _inhibition(form: InhibitionForm) -> Inhibition:
    return Inhibition(build_matchers(form.source), build_matchers(form.target), form.equal)


def _check_interval(form: IntervalForm) -> Iterator[Flaw]:
    for place, span in enumerate(form.spans):
        for path, text, parse in _parts(span):
            try:
                parse(text)
            except BadInterval as error:
                yield ("spans", place, *path), str(error)


def _parts(form: SpanForm) -> Iterator[tuple[Path, str, Callable[[str], Range | ZoneInfo]]]:
    """Each text of a span, where it stands, and what reads it."""
    lists: tuple[tuple[str, tuple[str, ...], Callable[[str], Range]], ...] = (
        ("times", form.times, parse_times),
        ("weekdays", form.weekdays, parse_weekdays),
        ("daysOfMonth", form.days_of_month, parse_days_of_month),
        ("months", form.months, parse_months),
        ("years", form.years, parse_years),
    )
    for name, texts, parse in lists:
        for place, text in enumerate(texts):
            yield (name, place), text, parse
    yield ("timeZone",), form.time_zone, parse_zone


def _span(form: SpanForm) -> Span:
    return Span(
        times=tuple(map(parse_times, form.times)),
        weekdays=tuple(map(parse_weekdays, form.weekdays)),
        days_of_month=tuple(map(parse_days_of_month, form.days_of_month)),
        months=tuple(map(parse_months, form.months)),
        years=tuple(map(parse_years, form.years)),
        zone=parse_zone(form.time_zone),
    )
