import json
import string
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from chatvitals.alerting import nodes
from chatvitals.alerting.documents import BadDocuments, Document, Mistake, parse
from chatvitals.alerting.durations import Duration
from chatvitals.alerting.nodes import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Hook(Struct, tag="hook", tag_field="type", forbid_unknown_fields=True):
    url: str


class Mail(Struct, tag="mail", tag_field="type", forbid_unknown_fields=True):
    to: tuple[str, ...]


Secret = Annotated[str, Meta(pattern="^s-", extra={"secret": True})]


class Thing(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1)]
    window: Duration = "5m"
    keep_for: Duration = "0"
    levels: Mapping[Colour, float] = {}
    labels: dict[str, str] = {}
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    mode: Literal["keep", "clear"] = "keep"
    releases: Annotated[tuple[str, ...], Meta(min_length=1)] = ("1",)
    channels: tuple[Hook | Mail, ...] = ()
    secret: Secret = "s-1"
    figure: str | dict[str, float] = "x"
    on: bool = True
    maybe: Annotated[int, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        if self.name == "nobody":
            raise ValueError("somebody has to have the name")


def mistakes(text: str, wanted: Any = Thing) -> list[str]:
    with pytest.raises(BadDocuments) as refusal:
        parse(text, "f.yaml").convert((), wanted)
    assert str(refusal.value) == "\n".join(map(str, refusal.value.mistakes))
    return [str(mistake) for mistake in refusal.value.mistakes]


def test_a_document_becomes_a_value() -> None:
    text = """
name: "x"   # a remark
window: 1h30m
keepFor: 0
levels: {red: 1, green: -2.5e1}
labels: &labels
  a: b
channels:
  - {type: hook, url: http://localhost}
  - type: mail
    to: [a@example.org]
figure: *labels
on: false
"""
    with pytest.raises(BadDocuments, match=r"figure\.a: expected a number"):
        parse(text, "f.yaml").convert((), Thing)
    thing = parse(text.replace("*labels", "{a: 1}"), "f.yaml").convert((), Thing)
    assert thing == Thing(
        name="x",
        window="1h30m",
        levels={Colour.RED: 1.0, Colour.GREEN: -25.0},
        labels={"a": "b"},
        channels=(Hook("http://localhost"), Mail(("a@example.org",))),
        figure={"a": 1.0},
        on=False,
    )


def test_every_mistake_is_told_at_once_and_where_it_is() -> None:
    text = """\
windw: 5m
window: 5 minutes
levels: {rd: 1, green: high}
labels: {a: 1, b: , c: [1]}
count: 10
mode: keepp
releases: []
channels:
  - {type: hook, url: [1]}
  - {type: hok}
  - {url: x}
  - none
secret: mine
figure: [1]
on: yes
"""
    assert mistakes(text) == [
        "f.yaml:1:1: the field 'name' is missing",
        "f.yaml:1:1: windw: there is no such field; did you mean 'window'?",
        "f.yaml:2:9: window: expected a length of time such as 30s, 5m, 1h30m or 7d, but it is 5 minutes",
        "f.yaml:3:10: levels.rd: expected one of red, green, but it is 'rd'; did you mean 'red'?",
        "f.yaml:3:24: levels.green: expected a number, but it is high",
        "f.yaml:4:19: labels.b: expected a text, but it is empty",
        "f.yaml:4:24: labels.c: expected a text, but it is a list",
        "f.yaml:5:8: count: expected a whole number, at least 1, at most 9, but it is 10",
        "f.yaml:6:7: mode: expected one of keep, clear, but it is keepp; did you mean 'keep'?",
        "f.yaml:7:11: releases: expected a list, of length at least 1, but it is an empty list",
        "f.yaml:9:23: channels[0].url: expected a text, but it is a list",
        "f.yaml:10:5: channels[1]: expected one of hook, mail as 'type', but it is hok; did you mean 'hook'?",
        "f.yaml:11:5: channels[2]: the field 'type' is missing: it is one of hook, mail",
        "f.yaml:12:5: channels[3]: expected a mapping, but it is none",
        "f.yaml:13:9: secret: expected a text, matching ^s-; what it is stays secret",
        "f.yaml:14:9: figure: expected a text or a mapping, but it is a list",
        "f.yaml:15:5: on: expected true or false, but it is yes",
    ]


def test_what_a_type_itself_refuses_is_said_in_its_words() -> None:
    assert mistakes("name: nobody") == ["f.yaml:1:1: somebody has to have the name"]


def test_an_unknown_field_that_resembles_none_is_told_the_known_ones() -> None:
    (mistake,) = mistakes("type: mail\nto: []\nzzz: 1", Mail)
    assert mistake.endswith("there is no such field; known ones are to, type")


@pytest.mark.parametrize(
    ("written", "text"),
    [("2.10", "2.10"), ("007", "007"), ("no", "no"), ("true", "true"), ("1e5", "1e5"), ("'5'", "5")],
)
def test_where_a_text_is_wanted_a_scalar_is_the_text_that_it_looks_like(written: str, text: str) -> None:
    assert parse(f"a: {written}", "f.yaml").convert(("a",), str) == text


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", "False"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-1.5", -1.5),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("2026-01-01", "2026-01-01"),
        ("'12'", "12"),
        ("|\n  12", "12"),
    ],
)
def test_scalars_are_read_as_in_yaml_1_2(written: str, value: Any) -> None:
    read = parse(f"a: {written}", "f.yaml").convert(("a",), Any)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: 'a' is there already, in line 1"),
        ("a: [1, 2\nb: 3", "f.yaml:2:2: is not valid YAML"),
        ("a: 'x", "f.yaml:1:6: is not valid YAML"),
        ("a: 1\n\tb: 1", "f.yaml:2:1: is not valid YAML: a tab can't indent; write spaces"),
        ("- 1", "f.yaml:1:1: expected a mapping"),
        ("5", "f.yaml:1:1: expected a mapping"),
        ("a: *b", "f.yaml:1:4: there is no anchor 'b' before"),
        ("a: &a [*a]", "f.yaml:1:8: there is no anchor 'a' before"),
        ("a: !!python/object:os.system x", "f.yaml:1:4: the tag"),
        ("? [1]\n: 2", "f.yaml:1:3: a key has to be a text"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: there is a second document"),
        ("a: 1\nbc: \x07", "f.yaml:2:5: has a character that is no text"),
        ('a: "\\0"', "f.yaml:1:4: has a character that is no text"),
        ("a: " + "[" * 60, f"f.yaml:1:{MAX_DEPTH + 3}: is nested deeper than"),
        ("a: " + "x" * MAX_CHARACTERS, "f.yaml:1:1: is longer than"),
        ("a: [" + "1," * MAX_NODES + "]", "f.yaml:1:"),
    ],
)
@pytest.mark.parametrize("loader", [nodes._LOADER, yaml.SafeLoader], ids=["fast", "plain"])
def test_what_is_no_document_is_refused(loader: Any, text: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "_LOADER", loader)
    with pytest.raises(BadDocuments) as refusal:
        parse(text, "f.yaml")
    assert str(refusal.value).startswith(said)
    assert len(str(refusal.value)) < 300


def test_aliases_can_not_make_much_of_little() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "\n".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(8))
    with pytest.raises(BadDocuments, match="aliases written out"):
        parse(bomb, "f.yaml")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null"])
def test_an_empty_file_is_an_empty_document(text: str) -> None:
    document = parse(text, "f.yaml")
    assert document.names() == ()
    assert document.items(("rules",)) == []


def test_parts_are_found_by_their_paths() -> None:
    document = parse("rules:\n  - name: a\n  - name: b\n    on: true\nother:\n", "f.yaml")
    assert document.names() == ("rules", "other")
    assert document.items(("rules",)) == [("rules", 0), ("rules", 1)]
    assert document.items(("other",)) == []
    assert document.names(("rules", 1)) == ("name", "on")
    assert document.has(("rules", 1, "on"))
    assert not document.has(("rules", 0, "on"))
    assert not document.has(("rules", 2))
    with pytest.raises(BadDocuments, match=r"f\.yaml:2:5: rules\[0\]\.on: is missing"):
        document.convert(("rules", 0, "on"), bool)
    with pytest.raises(BadDocuments, match=r"f\.yaml:2:11: rules\[0\]\.name: expected a list"):
        document.items(("rules", 0, "name"))


def test_a_mistake_stands_where_it_was_made_or_where_it_is_missing() -> None:
    document = parse("rules:\n  - name: a\n", "f.yaml")
    assert document.mistake(("rules", 0, "name"), "no") == Mistake(
        "f.yaml", 2, 11, "rules[0].name: no", "rules[0].name"
    )
    assert document.mistake(("rules", 0, "name"), "no", at_name=True) == Mistake(
        "f.yaml", 2, 5, "rules[0].name: no", "rules[0].name"
    )
    assert document.mistake(("rules", 0, "for"), "no") == Mistake("f.yaml", 2, 5, "rules[0].for: no", "rules[0].for")
    assert document.mistake(("rules", 0, "for"), "no", at_name=True) == Mistake(
        "f.yaml", 2, 5, "rules[0].for: no", "rules[0].for"
    )


def test_plain_data_is_a_document_without_positions() -> None:
    document = Document.of({"name": "x", "count": 0, "labels": {"a": 1}})
    with pytest.raises(BadDocuments) as refusal:
        document.convert((), Thing)
    assert str(refusal.value) == (
        "count: expected a whole number, at least 1, at most 9, but it is 0\nlabels.a: expected a text, but it is 1"
    )


@pytest.mark.parametrize("value", [[], "x", None, {"a": "\0"}, {"a": {"\x07": 1}}])
def test_other_data_is_no_document(value: Any) -> None:
    if value is None:
        assert Document.of(value).names() == ()
        return
    with pytest.raises(BadDocuments):
        Document.of(value)


def test_plain_data_has_the_bounds_of_a_file() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = {"a": deep}
    with pytest.raises(BadDocuments, match="deeper"):
        Document.of(deep)


PLAIN_TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFFFD, exclude_categories=["Cs", "Cc"]), max_size=9
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15) + 1, 10**15 - 1) | st.floats(-1e9, 1e9) | PLAIN_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(value=st.dictionaries(PLAIN_TEXT, JSON, max_size=4))
def test_json_is_read_as_what_it_is(value: dict[str, Any]) -> None:
    assert parse(json.dumps(value, ensure_ascii=False), "f.json").convert((), Any) == value
    assert Document.of(value).convert((), Any) == value


@given(names=st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=6), min_size=1, max_size=20, unique=True))
def test_a_position_is_where_an_editor_shows_it(names: list[str]) -> None:
    text = "".join(f"\n{'# ' if n % 3 else ''}\n  {name}:   [{n}, {name!r}]\n" for n, name in enumerate(names))
    document, lines = parse(text, "f.yaml"), text.splitlines()
    for n, name in enumerate(names):
        for path, shown in (((name,), "["), ((name, 0), str(n)), ((name, 1), repr(name))):
            mistake = document.mistake(path, "x")
            assert lines[mistake.line - 1][mistake.column - 1 :].startswith(shown)


def _mistakes_in(read: Callable[[], Document]) -> tuple[Mistake, ...]:
    """What is wrong with a thing, none where it is one; it is an error to be wrong for no reason."""
    try:
        read().convert((), Thing)
    except BadDocuments as bad:
        return bad.mistakes or pytest.fail("refused without a word")
    return ()


YAML_LIKE = st.text(st.sampled_from("ab1.:,-[]{}&*!|>'\"%@#?~\\ \n\t\x00é\u2028\U0001f600=<"), max_size=60)


@given(text=YAML_LIKE | st.text(max_size=60))
def test_any_text_is_a_document_or_refused_in_words(text: str) -> None:
    for attempt in (text, f"name: x\nlabels: {text}", f"channels:\n  - {text}"):
        for mistake in _mistakes_in(partial(parse, attempt, "f.yaml")):
            assert mistake.message
            assert 1 <= mistake.line <= len(attempt) + 1
            assert mistake.column >= 1


@given(value=JSON)
def test_any_data_is_a_value_or_refused_in_words(value: Any) -> None:
    for mistake in _mistakes_in(partial(Document.of, value)):
        assert mistake.message
        assert mistake.line == 0


def test_what_may_be_nothing_is_not_nothing_when_it_is_wrong() -> None:
    with pytest.raises(BadDocuments, match="maybe: expected a whole number, at least 0, but it is -1"):
        Document.of({"name": "x", "maybe": -1}).convert((), Thing)
    assert mistakes("name: x\nmaybe: '-1'") == [
        "f.yaml:2:8: maybe: expected a whole number, at least 0, but it is '-1'"
    ]
    assert parse("name: x\nmaybe:", "f.yaml").convert((), Thing) == Thing(name="x")
