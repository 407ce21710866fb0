"""The folder of YAML files with rules, receivers and routes, read whole: good as it is, or with all its mistakes.

A folder that is being watched stays in force as it was while its files have mistakes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from chatvitals.alerting.conversion import did_you_mean
from chatvitals.alerting.documents import BadDocuments, Document, Mistake, parse
from chatvitals.alerting.routing.reading import DEFAULT_ROUTING, read_routing
from chatvitals.alerting.routing.reading import SECTIONS as ROUTING_SECTIONS
from chatvitals.alerting.routing.routes import Routing
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.reading import SECTION as RULES_SECTION
from chatvitals.alerting.rules.reading import FiledRule, read_rules

SECTIONS = (RULES_SECTION, *ROUTING_SECTIONS)
SUFFIXES = (".yaml", ".yml")
MAX_FILES = 500
MAX_FILE_BYTES = 4 << 20

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What files say: rules, and whom incidents are routed to."""

    rules: tuple[FiledRule, ...] = ()
    routing: Routing = DEFAULT_ROUTING


def read_folder(folder: Path, built_in: Mapping[str, Rule]) -> Configuration:
    """What the YAML files of a folder say together. Raises BadDocuments with every mistake of every file."""
    return read_files(((path, path.name) for path in files_of(folder)), built_in)


def read_files(files: Iterable[tuple[Path, str]], built_in: Mapping[str, Rule]) -> Configuration:
    """What files say together; each comes with the name that it has in messages. Raises BadDocuments."""
    documents: list[Document] = []
    mistakes: list[Mistake] = []
    for path, name in files:
        try:
            documents.append(parse(text_of(path, name), name))
        except BadDocuments as bad:
            mistakes += bad.mistakes
    return read_configuration(documents, built_in, mistakes)


def read_configuration(
    documents: Sequence[Document], built_in: Mapping[str, Rule], mistakes: Iterable[Mistake] = ()
) -> Configuration:
    """What documents say together. Raises BadDocuments with every mistake of theirs, and those known already."""
    found = [*mistakes, *(mistake for document in documents for mistake in _unknown_sections(document))]
    rules: tuple[FiledRule, ...] = ()
    routing = DEFAULT_ROUTING
    try:
        rules = read_rules(documents, built_in)
    except BadDocuments as bad:
        found += bad.mistakes
    try:
        routing = read_routing(documents)
    except BadDocuments as bad:
        found += bad.mistakes
    if found:
        raise BadDocuments(found)
    return Configuration(rules, routing)


def _unknown_sections(document: Document) -> Iterable[Mistake]:
    for name in document.names():
        if name not in SECTIONS:
            guess = did_you_mean(name, SECTIONS) or f"; there are {', '.join(SECTIONS)}"
            yield document.mistake((name,), f"there is no such section{guess}", at_name=True)


def files_of(folder: Path) -> list[Path]:
    """The YAML files right in a folder, by name; hidden ones are an editor's. Raises BadDocuments."""
    try:
        paths = sorted(
            path
            for path in folder.iterdir()
            if path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file()
        )
    except OSError as error:
        raise BadDocuments([Mistake(str(folder), 0, 0, f"can't be read: {error.strerror}")]) from error
    if len(paths) > MAX_FILES:
        raise BadDocuments([Mistake(str(folder), 0, 0, f"has more than {MAX_FILES} files")])
    return paths


def text_of(path: Path, name: str) -> str:
    """What a file says; `name` is what mistakes call it. Raises BadDocuments where it can't be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadDocuments([Mistake(name, 0, 0, f"can't be read: {error.strerror}")]) from error
    if len(content) > MAX_FILE_BYTES:
        raise BadDocuments([Mistake(name, 0, 0, f"is larger than {MAX_FILE_BYTES >> 20} MiB")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadDocuments([Mistake(name, line, 1, "is not UTF-8")]) from error


_State = Sequence[tuple[str, int, int, int]]
"""Of each file its name, size, time of change in ns and inode."""


class WatchedFolder:
    """A folder's configuration, looked at again and again. `None` is no folder: there is only what is built in.

    Before a look found it without mistakes it isn't known what people want.
    """

    def __init__(self, folder: Path | None, built_in: Mapping[str, Rule]) -> None:
        self._folder = folder
        self._built_in = built_in
        self._seen: _State | None = None
        self.known = folder is None
        """Whether it was ever without mistakes."""
        self.configuration = Configuration()
        """What is in force."""
        self.mistakes: tuple[Mistake, ...] = ()
        """Why the files, as they are now, are not."""

    def look(self) -> bool:
        """Read the files if they changed since the last look; whether something else is in force now."""
        if self._folder is None:
            return False
        state = _state_of(self._folder)
        if state == self._seen and state is not None:
            return False
        self._seen = state
        try:
            configuration = read_folder(self._folder, self._built_in)
        except BadDocuments as bad:
            if bad.mistakes != self.mistakes:
                meanwhile = "what was in force stays" if self.known else "nothing is evaluated until they are mended"
                log.error(
                    f"alerting files have mistakes, {meanwhile}",
                    folder=str(self._folder),
                    mistakes=[str(mistake) for mistake in bad.mistakes],
                )
            self.mistakes = bad.mistakes
            return False
        changed = configuration != self.configuration
        if changed or self.mistakes:
            log.info("alerting files are in force", folder=str(self._folder), rules=len(configuration.rules))
        self.configuration, self.mistakes, self.known = configuration, (), True
        return changed


def _state_of(folder: Path) -> _State | None:
    """What tells whether files changed; None where they can't be looked at."""
    try:
        return [
            (path.name, status.st_size, status.st_mtime_ns, status.st_ino)
            for path in files_of(folder)
            for status in [path.stat()]
        ]
    except (BadDocuments, OSError):
        return None
