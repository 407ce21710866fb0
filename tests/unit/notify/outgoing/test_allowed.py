from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.notify.outgoing.allowed import AllowList, BadAllowList


@pytest.mark.parametrize(
    ("entry", "address", "port", "allowed"),
    [
        ("10.1.0.0/16", "10.1.2.3", 9093, True),
        ("10.1.0.0/16", "10.2.2.3", 9093, False),
        ("10.1.0.0/16:9093", "10.1.2.3", 9093, True),
        ("10.1.0.0/16:9093", "10.1.2.3", 9094, False),
        ("10.1.2.3", "10.1.2.3", 1, True),
        ("10.1.2.3", "10.1.2.4", 1, False),
        ("[fd00::7]:8080", "fd00::7", 8080, True),
        ("[fd00::7]:8080", "fd00::7", 80, False),
        ("fd00::/8", "fdff::1", 80, True),
        ("[fd00::/8]", "fdff::1", 80, True),
        ("127.0.0.0/8", "::ffff:127.0.0.1", 80, False),
        ("127.0.0.0/8", "::1", 80, False),
        ("hooks.internal", "10.1.2.3", 80, False),
    ],
)
def test_networks(entry: str, address: str, port: int, allowed: bool) -> None:
    assert AllowList([entry]).allows_address(ip_address(address), port) is allowed


@pytest.mark.parametrize(
    ("entry", "name", "port", "allowed"),
    [
        ("hooks.internal", "hooks.internal", 80, True),
        (" Hooks.Internal ", "hooks.internal", 80, True),
        ("hooks.internal:9000", "hooks.internal", 9000, True),
        ("hooks.internal:9000", "hooks.internal", 9001, False),
        ("hooks.internal", "a.hooks.internal", 80, False),
        ("hooks.internal", "internal", 80, False),
        ("10.0.0.0/8", "10", 80, False),
    ],
)
def test_names(entry: str, name: str, port: int, allowed: bool) -> None:
    assert AllowList([entry]).allows_name(name, port) is allowed


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(BadAllowList) as refusal:
        AllowList(["10.0.0.1/8", "good.example", "0x7f.1", "a:0", "", "a:99999", "*.example", "http://x"])
    assert [line.split("' ")[0] for line in str(refusal.value).splitlines()] == [
        "'10.0.0.1/8",
        "'0x7f.1",
        "'a:0",
        "'",
        "'a:99999",
        "'*.example",
        "'http://x",
    ]


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadAllowList):
        AllowList([text])
