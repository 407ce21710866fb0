"""Everything that must not be reached, really tried, with a listener on this machine's addresses that would notice."""

import socket
import threading
from collections.abc import Iterator

import pytest
from tests.support.notifications import NOW_MS, Names

from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.outgoing.allowed import AllowList
from chatvitals.notify.outgoing.backend import GuardedBackend
from chatvitals.notify.outgoing.client import Outgoing
from chatvitals.notify.outgoing.guard import Guard, Refused

NOBODYS_NAMES = Names()


class Listener:
    """Counts the connections that anybody makes to a port of this machine, by whatever address."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port: int = self._socket.getsockname()[1]
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            connection, address = self._socket.accept()
            with connection:
                asked = connection.recv(100)
            if asked == b"stop":
                return
            self.seen.append(address[0])

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"stop")
        self._thread.join()
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    opened = Listener()
    yield opened
    opened.close()


@pytest.fixture
def unseen(listener: Listener) -> Iterator[Listener]:
    before = len(listener.seen)
    yield listener
    assert listener.seen[before:] == []


def outgoing(names: Names = NOBODYS_NAMES, *allowed: str) -> Outgoing:
    return Outgoing(Guard(AllowList(allowed), names), lambda: NOW_MS, deadline_s=3)


ADDRESSES = [
    *("127.0.0.1", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3"),
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "100.127.255.255", "100.100.100.200"),
    *("169.254.169.254", "169.254.170.2", "168.63.129.16", "192.0.0.1", "192.0.0.192", "192.0.0.170"),
    *("198.18.0.1", "198.19.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "::127.0.0.1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:0:127.0.0.1"),
    *("0:0:0:0:0:ffff:a9fe:a9fe", "0:0:0:0:0:0:0:1", "::FFFF:10.0.0.1"),
    *(
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "64:ff9b:1:ffff:ffff:ffff:7f00:1",
        "64:ff9b::1.1.1.1",
    ),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:1::1", "2002:101:101::1"),
    *("2001:0:7f00:1::", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1"),
    *("2001:db8::1", "3fff::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254", "fdff::1"),
    *("ff02::1", "ff0e::1", "100::1", "4000::1", "5f00::1", "2001:4860::5efe:127.0.0.1", "2001:4860::200:5efe:7f00:1"),
]
"""Written as they may be written."""

SPELLINGS = [
    *("2130706433", "017700000001", "0x7f000001", "0x7F000001", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0177.0.0.1"),
    *(
        "0177.0000.0000.0001",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "127.000.000.001",
        "127.0.0.01",
        "0",
        "0x0",
        "0x",
        "00",
        "0xx",
        "7f000001",
    ),
    *("127.0.0.0x1", "127.0.0.1.", "127.1.", "2852039166", "0xa9fea9fe", "169.254.43518", "0251.0376.0251.0376"),
    *("425.510.425.510", "127.0.0.1.1", "4294967297", "1.2.3.4.5", "256.256.256.256", "127..1", ".127.0.0.1"),
    *("127.0.0.1%00", "127.0.0.1%2f", "127。0。0。1", "①②⑦.⓪.⓪.①", "１２７.0.0.1", "ⓛocalhost", "localhost。", "ſocks"),
    *("localhost.", "loc\u00adalhost", "localhost\u200b", "[::1", "::1]", "[::1%25lo]", "[::1%lo]", "[fe80::1%25eth0]"),
    *(
        "[::ffff:127.1]",
        "[::127.0.0.01]",
        "[v1.x]",
        "[127.0.0.1]",
        "[]",
        "a_b..c",
        "-",
        "a b",
        "a\tb",
        "a\r\nb",
        "a\0b",
    ),
    *("1.1.1.1#@127.0.0.1", "1.1.1.1\\@127.0.0.1", "user@127.0.0.1", "user:pass@127.0.0.1", "@127.0.0.1", "x" * 254),
    *("127.0.0.1:80", "1.1.1.1:80:80", "1.1.1.1:0", "1.1.1.1:65536", "1.1.1.1:-1", "1.1.1.1:8_0", "1.1.1.1:８０", ""),
]
"""Hosts that some would read as an address, or that nobody should write."""


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_address_that_is_not_public_is_not_connected_to(unseen: Listener, address: str) -> None:
    with pytest.raises(Refused, match="not public") as refusal:
        await outgoing().post(f"http://{in_url(address)}:{unseen.port}/", b"", {})
    assert refusal.value.final


@pytest.mark.parametrize("address", ADDRESSES)
async def test_nor_by_a_name(unseen: Listener, address: str) -> None:
    names = Names(hooks_test=[[address]])
    with pytest.raises(Refused, match="not public") as refusal:
        await outgoing(names).post(f"http://hooks.test:{unseen.port}/", b"", {})
    assert not refusal.value.final, "what a name resolves to may change"


@pytest.mark.parametrize("address", ADDRESSES)
async def test_nor_beside_a_public_one(unseen: Listener, address: str) -> None:
    names = Names(hooks_test=[[address, "1.1.1.1"]])
    with pytest.raises(Refused, match="not public"):
        await outgoing(names).post(f"http://hooks.test:{unseen.port}/", b"", {})


@pytest.mark.parametrize("host", SPELLINGS)
async def test_a_host_has_one_spelling(unseen: Listener, host: str) -> None:
    """With everything allowed, so that it is the spelling that is refused."""
    names = Names(localhost=[["127.0.0.1"]], socks=[["127.0.0.1"]])
    with pytest.raises(Refused, match="the URL "):
        await outgoing(names, "0.0.0.0/0", "::/0").post(f"http://{host}:{unseen.port}/", b"", {})
    assert names.asked == []


@pytest.mark.parametrize("host", SPELLINGS)
async def test_nor_is_it_taken_below_the_url(host: str) -> None:
    """The backend reads hosts itself: what is checked is what is connected to."""
    with pytest.raises(NotTaken):
        await GuardedBackend(Guard(AllowList(), NOBODYS_NAMES)).connect_tcp(host, 80)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "gopher://1.1.1.1/",
            "unix:///run/docker.sock",
            "//1.1.1.1/",
            "1.1.1.1",
        ),
        *("", "http:", "http:///x", "https://", "http:1.1.1.1", "http:/1.1.1.1", "http:\\\\1.1.1.1", " http://1.1.1.1"),
        *(
            "http://1.1.1.1/\r\nX: y",
            "http://1.1.1.1/a b",
            "http://1.1.1.1/é",
            "http://1.1.1.1/#x",
            "h\nttp://1.1.1.1/",
        ),
        "http://1.1.1.1/" + "x" * 2_048,
    ],
)
async def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(Refused, match="the URL "):
        await outgoing().post(url, b"", {})


@pytest.mark.parametrize("port", [1, 22, 25, 465, 587, 3306, 5432, 6379, 9000, 11211, 65535])
async def test_ports_that_are_not_of_the_web(port: int) -> None:
    with pytest.raises(Refused, match=f"port {port}"):
        await outgoing().post(f"http://1.1.1.1:{port}/", b"", {})


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "9.9.9.9", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
)
@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
async def test_what_is_public_is_found(address: str, port: int) -> None:
    guard = Guard(AllowList(), Names(hooks_test=[[address]]))
    assert [str(found) for found in await guard.find("Hooks.Test", port)] == [address]
    assert [str(found) for found in await guard.find(address, port)] == [address]


async def test_the_listener_would_notice(listener: Listener) -> None:
    """Else the tests above would prove nothing."""
    for host in ("127.0.0.1", "[::1]", "localhost"):
        before = len(listener.seen)
        names = Names(localhost=[["127.0.0.1"]])
        with pytest.raises(NotTaken, match="no answer of HTTP"):
            await outgoing(names, "127.0.0.1", "::1").post(f"http://{host}:{listener.port}/", b"", {})
        assert len(listener.seen) == before + 1


async def test_sockets_of_this_machine_are_refused() -> None:
    with pytest.raises(Refused):
        await GuardedBackend(Guard(AllowList(), NOBODYS_NAMES)).connect_unix_socket("/run/docker.sock")


async def test_a_name_without_addresses_may_get_some_later() -> None:
    with pytest.raises(NotTaken, match=r"nobody\.test has no address") as failure:
        await outgoing().post("http://nobody.test/", b"", {})
    assert not failure.value.final
