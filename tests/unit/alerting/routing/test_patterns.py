import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.alerting.routing.patterns import MAX_LENGTH, BadPattern, Pattern

_ATOMS = st.sampled_from(
    ["a", "b", "-", ".", r"\.", r"\d", r"\D", r"\w", r"\s", "[ab]", "[^a]", "[a-c.]", r"[\d-]", r"[]\\]", "1", r"\n"]
)
_REPETITIONS = st.sampled_from(["", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map("|".join).map("({})".format),
        st.tuples(inner.map("(?:{})".format), _REPETITIONS).map("".join),
    )


_PATTERNS = st.recursive(st.tuples(_ATOMS, _REPETITIONS).map("".join), _grown, max_leaves=8)
_TEXTS = st.text(alphabet="abc1-.]\\ \nä", max_size=8)


@given(pattern=_PATTERNS.filter(lambda pattern: len(pattern) <= MAX_LENGTH), texts=st.lists(_TEXTS, max_size=8))
def test_it_matches_what_re_matches(pattern: str, texts: list[str]) -> None:
    ours, theirs = Pattern(pattern), re.compile(pattern, re.ASCII | re.DOTALL)
    for text in texts:
        assert ours.matches(text) is (theirs.fullmatch(text) is not None), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"2\.4\..*", "2.4.1", True),
        (r"2\.4\..*", "2x4.1", False),
        (r"acme|globex", "globex", True),
        (r"acme|globex", "globex2", False),
        (r"^shop-[0-9]+$", "shop-17", True),
        (r"", "", True),
        (r"", "a", False),
        (r".*", "", True),
        (r".+", "", False),
        (r"söns & o'neill", "söns & o'neill", True),
        (r"[^/]+/checkout", "eu/checkout", True),
        (r"[]a-]+", "]-a", True),
        (r"a{2,3}", "aaaa", False),
        (r"\$\^\{", "$^{", True),
    ],
)
def test_patterns_as_people_write_them(pattern: str, text: str, matches: bool) -> None:
    assert Pattern(pattern).matches(text) is matches


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", r"character 3: a \) is missing"),
        ("a)", "character 2: this closes nothing"),
        ("[ab", r"a \] is missing"),
        ("[]", r"a \] is missing"),
        ("*a", r"character 1: there is nothing to repeat; the character itself is \\\*"),
        ("a|*", "nothing to repeat"),
        ("a**", "repetition of a repetition"),
        ("a{", "a repetition is written"),
        ("a{2", "a repetition is written"),
        ("a{3,2}", "from 3 to 2 is no range"),
        ("a{1000}", "a repetition is written"),
        ("a{٣}", "a repetition is written"),
        ("a^b", "the whole text is matched anyway"),
        ("(?=a)", r"only \(\?:…\) is known"),
        ("(?i)a", r"only \(\?:…\) is known"),
        (r"(a)\1", r"character 4: \\1 is not known here"),
        (r"\bword", "is not known here"),
        ("a\\", "is not known here"),
        ("[[:alpha:]]", "names of classes"),
        ("[b-a]", "no range of characters"),
        (r"[a-\d]", "no range of characters"),
        (r"[\D]", "can't be negated"),
        ("a" * (MAX_LENGTH + 1), "at most 200"),
        ("((a{99}){99}){99}", "too large"),
        ("(" * 100 + ")" * 100, "nested more than"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*)(.*)(.*)(.*)(.*)(.*)b", "(a?){100}a{100}", "(a|aa)+b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    text = "a" * 1_000
    started = time.process_time()
    Pattern(pattern).matches(text)
    assert time.process_time() - started < 2  # backtracking takes longer than the world is old


@given(text=st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadPattern):
        Pattern(text).matches(text)
