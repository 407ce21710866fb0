"""Files of tests, with the rules that they test: written in them, built in, or in other files."""

from collections.abc import Mapping
from pathlib import Path

from chatvitals.alerting.configuration import text_of
from chatvitals.alerting.documents import BadDocuments, Document, Mistake, parse
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.reading import SECTION as RULES
from chatvitals.alerting.rules.reading import read_rules
from chatvitals.alerting.trial.reading import SECTION as TESTS
from chatvitals.alerting.trial.reading import read_trials
from chatvitals.alerting.trial.trial import Trial

RULE_FILES = "ruleFiles"
_SECTIONS = (RULES, RULE_FILES, TESTS)


def read_trial_file(file: Path, built_in: Mapping[str, Rule]) -> list[Trial]:
    """The tests of a file. Raises BadDocuments with all mistakes of its rules or, if there are none, of the tests."""
    document = _read(file)
    unknown = [name for name in document.names() if name not in _SECTIONS]
    if unknown:
        said = f"there is no such section; a file of tests has {', '.join(_SECTIONS)}"
        raise BadDocuments(document.mistake((name,), said, at_name=True) for name in unknown)
    rules = read_rules([document, *_rule_documents(document, file.parent)], built_in)
    if not rules:
        raise BadDocuments([document.mistake((RULES,), f"there is nothing to test: give {RULES} or {RULE_FILES}")])
    return read_trials(document, [filed.rule for filed in rules])


def _rule_documents(document: Document, folder: Path) -> list[Document]:
    if not document.has((RULE_FILES,)):
        return []
    names: tuple[str, ...] = document.convert((RULE_FILES,), tuple[str, ...])
    documents: list[Document] = []
    mistakes: list[Mistake] = []
    for name in names:
        try:
            documents.append(_read(folder / name))
        except BadDocuments as bad:
            mistakes += bad.mistakes
    if mistakes:
        raise BadDocuments(mistakes)
    return documents


def _read(file: Path) -> Document:
    return parse(text_of(file, str(file)), str(file))
