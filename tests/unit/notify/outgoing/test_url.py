from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.notify.outgoing.url import BadUrl, parse_host, parse_url

ADDRESSES = st.one_of(
    st.integers(0, 2**32 - 1).map(IPv4Address),
    st.integers(0, 2**128 - 1).map(IPv6Address),
)


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        ("https://Hooks.Example/a/b?c=d", "https://hooks.example", "/a/b?c=d"),
        ("HTTP://hooks.example:8080", "http://hooks.example:8080", "/"),
        ("https://hooks.example:443/", "https://hooks.example", "/"),
        ("http://hooks.example?x", "http://hooks.example", "/?x"),
        ("https://[2A00::1]:8443/", "https://[2a00::1]:8443", "/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example", "/"),
    ],
)
def test_what_is_taken(text: str, origin: str, target: str) -> None:
    url = parse_url(text)
    assert (url.origin, url.target) == (origin, target)


@given(ADDRESSES)
def test_an_address_is_itself(address: IPv4Address | IPv6Address) -> None:
    assert parse_host(str(address)) == address
    if isinstance(address, IPv6Address):
        assert parse_host(address.exploded) == address


@given(st.from_regex(r"[0-9a-fx.]{1,20}", fullmatch=True))
def test_what_the_c_library_may_read_as_an_address_is_one_for_us_or_nothing(text: str) -> None:
    """inet_aton reads numbers in three bases, and one to four of them."""
    try:
        host = parse_host(text)
    except BadUrl:
        return
    if isinstance(host, str):
        assert host.split(".")[-1][0].isalpha()
    else:
        assert host == ip_address(text)


@given(st.text(max_size=40))
def test_no_secret_stands_in_a_refusal(text: str) -> None:
    with pytest.raises(BadUrl) as refusal:
        parse_url(f"{text}://user:hunter2@hooks.example/hunter2?hunter2")
    assert "hunter2" not in str(refusal.value)
