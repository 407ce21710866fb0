import os
from pathlib import Path

import pytest

from chatvitals.alerting import configuration
from chatvitals.alerting.configuration import Configuration, WatchedFolder, read_folder
from chatvitals.alerting.documents import BadDocuments
from chatvitals.alerting.rules.defaults import default_rules

RULE = "rules:\n  - {{name: {name}, category: api, metric: api.errorRate, threshold: {{above: {{error: {bound}}}}}}}\n"
RECEIVERS = "receivers:\n  - {name: team, channels: [{type: console}]}\nroute: {receiver: team}\n"
BAD = "rules:\n  - {name: a}\n"


def write(folder: Path, **files: str) -> None:
    """Write files by their name without suffix; each gets a time of its own, as with an editor it would."""
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        moment = path.stat().st_mtime_ns + 1_000_000 if path.exists() else 1_760_000_000_000_000_000
        path.write_text(text)
        os.utime(path, ns=(moment, moment))


def names(read: Configuration) -> list[str]:
    return [filed.rule.name for filed in read.rules]


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(BadDocuments) as refusal:
        read_folder(folder, {})
    return [str(mistake) for mistake in refusal.value.mistakes]


def test_a_folder_is_read_as_one(tmp_path: Path) -> None:
    write(tmp_path, b=RULE.format(name="second", bound=1), a=RULE.format(name="first", bound=1), c=RECEIVERS)
    (tmp_path / "d.yml").write_text("rules:\n  - {name: data-loss, enabled: false}\n")
    (tmp_path / ".hidden.yaml").write_text("{")
    (tmp_path / "notes.txt").write_text("{")
    (tmp_path / "e.yaml").mkdir()
    read = read_folder(tmp_path, default_rules())
    assert names(read) == ["first", "second", "data-loss"]
    assert [(filed.file, filed.line) for filed in read.rules] == [("a.yaml", 2), ("b.yaml", 2), ("d.yml", 2)]
    assert set(read.routing.receivers) == {"default", "team"}
    assert read.routing.root.receiver == "team"


def test_every_mistake_of_every_file_is_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        a=BAD,
        b="rouls: []\nrule: []\n",
        c="x: [",
        d="receivers:\n  - {name: team, channels: [{type: mail}]}\n",
    )
    (tmp_path / "e.yaml").write_bytes(b"rules:\n  - \xff\n")
    found = mistakes(tmp_path)
    assert [mistake.split(": ")[0] for mistake in found] == [
        "a.yaml:2:5",
        "a.yaml:2:5",
        "b.yaml:1:1",
        "b.yaml:2:1",
        "c.yaml:2:1",
        "d.yaml:2:29",
        "e.yaml:2:1",
    ]
    assert found[2].endswith("there is no such section; did you mean 'rules'?")
    assert found[-1].endswith("is not UTF-8")


def test_a_folder_that_can_not_be_read_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mistakes(tmp_path / "none") == [f"{tmp_path / 'none'}: can't be read: No such file or directory"]
    monkeypatch.setattr(configuration, "MAX_FILE_BYTES", 10)
    write(tmp_path, a="#" * 11)
    assert mistakes(tmp_path)[0].startswith("a.yaml: is larger than")
    monkeypatch.setattr(configuration, "MAX_FILES", 1)
    write(tmp_path, b="")
    assert mistakes(tmp_path) == [f"{tmp_path}: has more than 1 files"]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + RULE.format(name="first", bound=1).encode())
    assert names(read_folder(tmp_path, {})) == ["first"]


def test_no_folder_is_what_is_built_in() -> None:
    folder = WatchedFolder(None, {})
    assert not folder.look()
    assert folder.configuration == Configuration()
    assert folder.mistakes == ()


def test_a_change_comes_into_force_at_the_next_look(tmp_path: Path) -> None:
    folder = WatchedFolder(tmp_path, {})
    write(tmp_path, a=RULE.format(name="first", bound=1))
    assert folder.look()
    assert not folder.look()
    write(tmp_path, a=RULE.format(name="third", bound=1))  # of the same size
    assert folder.look()
    assert names(folder.configuration) == ["third"]
    write(tmp_path, b=RECEIVERS)
    assert folder.look()
    assert folder.configuration.routing.root.receiver == "team"
    (tmp_path / "a.yaml").unlink()
    assert folder.look()
    assert names(folder.configuration) == []


def test_while_files_are_bad_what_was_in_force_stays(tmp_path: Path) -> None:
    folder = WatchedFolder(tmp_path, {})
    write(tmp_path, a=RULE.format(name="first", bound=1))
    folder.look()
    write(tmp_path, a=BAD)
    assert not folder.look()
    assert names(folder.configuration) == ["first"]
    assert {mistake.file for mistake in folder.mistakes} == {"a.yaml"}
    assert not folder.look()
    assert folder.mistakes
    write(tmp_path, a=RULE.format(name="first", bound=1))
    assert not folder.look(), "the same is in force"
    assert folder.mistakes == ()


def test_what_people_want_is_known_once_files_were_good(tmp_path: Path) -> None:
    assert WatchedFolder(None, {}).known
    write(tmp_path, a=BAD)
    folder = WatchedFolder(tmp_path, {})
    folder.look()
    assert not folder.known
    write(tmp_path, a=RULE.format(name="first", bound=1))
    folder.look()
    write(tmp_path, a=BAD)
    folder.look()
    assert folder.known


def test_a_folder_that_goes_and_comes_back_is_told_and_read_again(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    write(files, a=RULE.format(name="first", bound=1))
    folder = WatchedFolder(files, {})
    folder.look()
    files.rename(tmp_path / "away")
    assert not folder.look()
    assert folder.mistakes
    assert names(folder.configuration) == ["first"]
    (tmp_path / "away").rename(files)
    assert not folder.look()
    assert folder.mistakes == ()


def test_bad_files_are_told_in_the_log_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = WatchedFolder(tmp_path, {})
    write(tmp_path, a=BAD)
    folder.look()
    said = capsys.readouterr().out
    assert "a.yaml:2:5" in said
    write(tmp_path, a=BAD)
    folder.look()
    assert capsys.readouterr().out == ""
