"""Which addresses are public. Pure.

Written out, because `ipaddress.is_global` lets through what carries another address in itself (NAT64, 6to4, mapped
ones). The ranges are those of IANA's special-purpose registries (RFC 6890), multicast, and what clouds keep for
themselves.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC = {
    "this network": ("0.0.0.0/8",),
    "a private network": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    "a provider's own network": ("100.64.0.0/10",),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "a cloud's metadata": ("168.63.129.16/32", "fd00:ec2::254/128"),
    "an assignment of the IETF": (
        *("192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"),
        *("2001::/23", "2620:4f:8000::/48", "5f00::/16"),
    ),
    "documentation": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    "benchmarking": ("198.18.0.0/15", "2001:2::/48"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "reserved": ("240.0.0.0/4", "3ffe::/16"),
    "6to4": ("192.88.99.0/24", "2002::/16"),
    "Teredo": ("2001::/32",),
    "NAT64": ("64:ff9b::/96", "64:ff9b:1::/48"),
    "an IPv4 address within IPv6": ("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96"),
}
# The narrowest first, so that an address is called what it is.
_RANGES = sorted(
    ((ip_network(network), name) for name, networks in _NOT_PUBLIC.items() for network in networks),
    key=lambda pair: -pair[0].prefixlen,
)
_ASSIGNED = IPv6Network("2000::/3")
"""The only part of IPv6 that is given out for use on the internet."""
_ISATAP = 0x0000_5EFE
"""What comes before an IPv4 address in an interface's identifier, but for its universal bit (RFC 5214, 6.1)."""


def not_public(address: Address) -> str | None:
    """What an address is instead of a public one; None for a public one."""
    for network, name in _RANGES:
        if address in network:
            return name
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "an address within a zone"
        if address not in _ASSIGNED:
            return "reserved"
        if (int(address) >> 32) & 0xFDFF_FFFF == _ISATAP:
            return "an IPv4 address within IPv6"
    return None
