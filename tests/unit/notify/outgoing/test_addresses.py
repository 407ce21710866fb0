from ipaddress import IPv4Address, IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from chatvitals.notify.outgoing.addresses import not_public

V4 = st.integers(0, 2**32 - 1).map(IPv4Address)
V6 = st.integers(0, 2**128 - 1).map(IPv6Address)
ASSIGNED_V6 = st.integers(0x2 << 124, (0x4 << 124) - 1).map(IPv6Address)


@given(V4)
def test_whatever_python_calls_not_global_is_not_public(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not_public(address)


@given(V6 | ASSIGNED_V6)
def test_nor_of_version_6(address: IPv6Address) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_site_local:
        assert not_public(address)


@given(V4)
def test_no_address_within_another_is_public(inner: IPv4Address) -> None:
    number = int(inner)
    for outer in (
        number,
        0xFFFF << 32 | number,
        0xFFFF << 48 | number,
        0x0064_FF9B << 96 | number,
        0x0064_FF9B_0001 << 80 | number,
        0x2002 << 112 | number << 80 | 1,
        0x2001_0000 << 96 | (number ^ 0xFFFF_FFFF),
        0x2A00 << 112 | 0x0000_5EFE << 32 | number,
        0x2A00 << 112 | 0x0200_5EFE << 32 | number,
    ):
        assert not_public(IPv6Address(outer))


@given(st.integers(0, 2**125 - 1))
def test_only_what_is_assigned_is_public(low: int) -> None:
    for top in (0, 2, 3, 4, 5, 6, 7):
        assert not_public(IPv6Address(top << 125 | low))


def test_they_are_called_what_they_are() -> None:
    assert not_public(IPv4Address("169.254.169.254")) == "link-local"
    assert not_public(IPv6Address("fd00:ec2::254")) == "a cloud's metadata"
    assert not_public(IPv6Address("2001::1")) == "Teredo"
    assert not_public(IPv6Address("fe80::1%eth0")) == "link-local"
    assert not_public(IPv6Address("2a00::1%eth0")) == "an address within a zone"
    assert not_public(IPv6Address("2a00::1")) is None
