"""Outgoing requests against real servers: what is connected to, how long it may take, and whom it trusts."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import trustme
from tests.support.collector import Collector
from tests.support.notifications import NOW_MS, Names

from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.outgoing.allowed import AllowList
from chatvitals.notify.outgoing.answers import check_answer
from chatvitals.notify.outgoing.client import MAX_ANSWER_BYTES, Outgoing, Reply
from chatvitals.notify.outgoing.guard import Guard, Refused

LOOPBACK = "127.0.0.0/8"


def outgoing(
    *allowed: str, names: Names | None = None, deadline_s: float = 5.0, tls: ssl.SSLContext | None = None
) -> Outgoing:
    return Outgoing(Guard(AllowList(allowed), names or Names()), lambda: NOW_MS, tls=tls, deadline_s=deadline_s)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


async def test_a_request_arrives_as_it_was_sent(collector: Collector) -> None:
    reply = await outgoing(LOOPBACK).post(f"{collector.url}?a=b", b"body", {"x-name": "value"})
    (request,) = collector.requests
    assert (reply.status, reply.origin) == (204, f"http://127.0.0.1:{collector.port}")
    assert (request.path, request.body) == ("/hook?a=b", b"body")
    assert request.headers == {"host": f"127.0.0.1:{collector.port}", "x-name": "value", "content-length": "4"}


async def test_an_allowed_name_is_sent_by_name_and_connected_by_number(collector: Collector) -> None:
    names = Names(hooks_internal=[["127.0.0.1"]])
    await outgoing("hooks.internal", names=names).post(f"http://hooks.internal:{collector.port}/", b"", {})
    assert collector.requests[0].headers["host"] == f"hooks.internal:{collector.port}"
    assert names.asked == ["hooks.internal"], "it was looked up once"


async def test_the_address_that_was_checked_is_connected_to(collector: Collector) -> None:
    """A resolver that names a good address when it is asked first, and then another."""
    with _listening_at("127.0.0.2", collector.port) as good:
        names = Names(hooks_test=[["127.0.0.2"], ["127.0.0.1"]])
        client = outgoing("127.0.0.2", names=names)
        url = f"http://hooks.test:{collector.port}/"
        with pytest.raises(NotTaken, match="no answer of HTTP"):
            await client.post(url, b"", {})
        assert (good.connections, names.asked) == (1, ["hooks.test"])
        with pytest.raises(Refused, match=r"127\.0\.0\.1"):
            await client.post(url, b"", {})
        assert good.connections == 1
    assert collector.requests == []


async def test_one_address_that_is_not_allowed_spoils_the_name(collector: Collector) -> None:
    with _listening_at("127.0.0.2", collector.port) as good:
        names = Names(hooks_test=[["127.0.0.2", "127.0.0.1"]])
        with pytest.raises(Refused):
            await outgoing("127.0.0.2", names=names).post(f"http://hooks.test:{collector.port}/", b"", {})
        assert good.connections == 0


async def test_another_address_of_the_name_is_tried(collector: Collector) -> None:
    names = Names(hooks_test=[["127.0.0.9", "127.0.0.1"]])
    await outgoing(LOOPBACK, names=names).post(f"http://hooks.test:{collector.port}/", b"", {})
    assert len(collector.requests) == 1


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotTaken, match=f"http://127.0.0.1:{port} could not be reached") as failure:
        await outgoing(LOOPBACK).post(f"http://127.0.0.1:{port}/path-secret?query-secret", b"", {})
    assert not failure.value.final
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(collector: Collector, status: int) -> None:
    with Collector() as elsewhere:
        collector.answers.append((status, {"location": elsewhere.url}))
        with pytest.raises(NotTaken, match="redirects are not followed") as failure:
            check_answer(await outgoing(LOOPBACK).post(collector.url, b"", {}))
        assert failure.value.final
        assert elsewhere.requests == []
    assert len(collector.requests) == 1


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"])
async def test_proxies_of_the_environment_are_not_used(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with Collector() as proxy:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await outgoing(LOOPBACK).post(collector.url, b"", {})
        assert (len(collector.requests), len(proxy.requests)) == (1, 0)


async def test_cookies_are_forgotten(collector: Collector) -> None:
    client = outgoing(LOOPBACK)
    collector.answers.append((200, {"set-cookie": "a=b"}))
    await client.post(collector.url, b"", {})
    await client.post(collector.url, b"", {})
    assert "cookie" not in collector.requests[1].headers


async def test_an_answer_that_never_comes_is_waited_for_only_so_long(collector: Collector) -> None:
    collector.hold = threading.Event()
    with pytest.raises(NotTaken, match=r"did not answer within 0\.2 s"):
        await outgoing(LOOPBACK, deadline_s=0.2).post(collector.url, b"", {})


async def test_a_connection_that_never_speaks_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotTaken, match=r"within 0\.2 s"):
        await outgoing(LOOPBACK, deadline_s=0.2).post(f"https://127.0.0.1:{silent.getsockname()[1]}/", b"", {})


async def test_a_large_answer_is_not_read_to_its_end(collector: Collector) -> None:
    collector.answers.append((200, {}))
    collector.body = bytes(64 * MAX_ANSWER_BYTES)
    assert (await outgoing(LOOPBACK).post(collector.url, b"", {})).status == 200


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200" + bytes(200_000),
    ],
)
async def test_what_is_no_answer_of_http(said: bytes) -> None:
    with _listening_at("127.0.0.1", 0, said) as other:
        with pytest.raises(NotTaken, match="no answer of HTTP") as failure:
            await outgoing(LOOPBACK).post(f"http://127.0.0.1:{other.port}/", b"", {})
        assert "OpenSSH" not in str(failure.value), "what an inner service says isn't told"


async def test_an_answer_that_drips_counts_by_its_status() -> None:
    with _listening_at("127.0.0.1", 0, b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx", hold=True) as dripping:
        reply = await outgoing(LOOPBACK, deadline_s=0.3).post(f"http://127.0.0.1:{dripping.port}/", b"", {})
    assert reply.status == 200


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def _client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_the_certificate_is_checked_for_the_name_and_not_for_the_number(authority: trustme.CA) -> None:
    names = Names(hooks_test=[["127.0.0.1"]], other_test=[["127.0.0.1"]])
    client = outgoing(LOOPBACK, names=names, tls=_client_tls(authority))
    with Collector(tls=_server_tls(authority, "hooks.test")) as server:
        await client.post(f"https://hooks.test:{server.port}/", b"secret", {})
        assert [request.body for request in server.requests] == [b"secret"]
        for host in ("other.test", "127.0.0.1"):
            with pytest.raises(NotTaken, match="could not be reached"):
                await client.post(f"https://{host}:{server.port}/", b"secret", {})
        with pytest.raises(NotTaken, match="could not be reached"):
            await outgoing(LOOPBACK, names=names).post(f"https://hooks.test:{server.port}/", b"", {})
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "after_s"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (format_datetime(datetime.fromtimestamp(NOW_MS / 1_000 + 90, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW_MS / 1_000 - 90, UTC), usegmt=True), 0.0),
        ("-5", None),
        ("soon", None),
        ("9" * 400, 999_999_999.0),
        ("\xb2", None),
        (None, None),
    ],
)
async def test_how_long_a_receiver_asks_to_wait(
    collector: Collector, header: str | None, after_s: float | None
) -> None:
    collector.answers.append((503, {} if header is None else {"Retry-After": header}))
    with pytest.raises(NotTaken, match="answered 503") as failure:
        check_answer(await outgoing(LOOPBACK).post(collector.url, b"", {}))
    assert not failure.value.final
    assert failure.value.after_s == (None if after_s is None else pytest.approx(after_s, abs=1))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_success(status: int) -> None:
    check_answer(Reply(status, None, "https://hooks.example"))


@pytest.mark.parametrize(
    ("status", "final"),
    [(408, False), (425, False), (429, False), (500, False), (502, False), (503, False), (504, False), (599, False)]
    + [(status, True) for status in (300, 301, 304, 400, 401, 403, 404, 405, 409, 410, 413, 422, 499)],
)
def test_which_refusals_are_final(status: int, final: bool) -> None:
    with pytest.raises(NotTaken, match=f"https://hooks.example answered {status}") as failure:
        check_answer(Reply(status, None, "https://hooks.example"))
    assert failure.value.final is final


class _Other:
    """Says something to everybody who connects, whatever they say."""

    def __init__(self, address: str, port: int, said: bytes, hold: bool) -> None:
        self._socket = socket.create_server((address, port))
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        self._said = said
        self._hold = threading.Event()
        if not hold:
            self._hold.set()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if connection.recv(1_000) == b"stop":
                    return
                self.connections += 1
                connection.sendall(self._said)
                self._hold.wait()

    def close(self) -> None:
        self._hold.set()
        address, port = self._socket.getsockname()
        with socket.create_connection((address, port)) as connection:
            connection.sendall(b"stop")
        self._thread.join()
        self._socket.close()


@contextmanager
def _listening_at(address: str, port: int, said: bytes = b"", *, hold: bool = False) -> Iterator[_Other]:
    other = _Other(address, port, said, hold)
    try:
        yield other
    finally:
        other.close()
