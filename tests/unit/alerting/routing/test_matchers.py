import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.alerting.routing.matchers import BadMatcher, Matcher, Operator, all_match, parse_matcher

LABELS = {"severity": "critical", "customer": "acme", "release": "2.4.1", "team": ""}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("severity=critical", True),
        ("severity = critical ", True),
        ("severity=crit", False),
        ("severity!=critical", False),
        ("customer!=globex", True),
        (r'release=~"2\\.4\\..*"', True),
        (r"release=~2\.4\..*", True),
        ("release=~2", False),
        ("release!~2[.]5.*", True),
        ("severity=~warning|critical", True),
        ("team=", True),
        ('nothing=""', True),
        ("nothing!=x", True),
        ("nothing=~.+", False),
        ("nothing!~.+", True),
        ('customer="acme"', True),
    ],
)
def test_a_matcher_compares_a_label(text: str, matches: bool) -> None:
    assert parse_matcher(text).matches(LABELS) is matches


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "write label=value"),
        ("severity", "write label=value"),
        ("=critical", "write label=value"),
        ("9lives=cat", "write label=value"),
        ("a b=c", "write label=value"),
        ("severity==critical", "write label=value"),
        ("severity=~=critical", "write label=value"),
        ("release=~(2", r"the pattern of release can't be read: .*a \) is missing"),
        (r'release=~"2\.4"', "put it into double quotes"),
        ('release="2', "put it into double quotes"),
        ('release=2"', "put it into double quotes"),
        ('release="2" or so', "put it into double quotes"),
        ("a=" + "x" * 1_000, "at most 1000 characters"),
    ],
)
def test_what_is_no_matcher_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadMatcher, match=why):
        parse_matcher(text)


@given(
    label=st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,9}", fullmatch=True),
    operator=st.sampled_from([Operator.EQUAL, Operator.UNEQUAL]),
    value=st.text(max_size=20),
)
def test_a_matcher_that_is_written_is_read_again(label: str, operator: Operator, value: str) -> None:
    matcher = Matcher(label, operator, value)
    assert parse_matcher(str(matcher)) == matcher


def test_a_plain_value_is_written_without_quotes() -> None:
    assert str(parse_matcher('customer!="acme"')) == "customer!=acme"
    assert str(parse_matcher('team=""')) == 'team=""'
    assert str(parse_matcher('team=" a "')) == 'team=" a "'


def test_all_have_to_match_and_none_matches_everything() -> None:
    both = [parse_matcher("severity=critical"), parse_matcher("customer=acme")]
    assert all_match(both, LABELS)
    assert not all_match([*both, parse_matcher("site=shop")], LABELS)
    assert all_match([], LABELS)
