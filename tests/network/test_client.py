"""The way out for everything that is not Scrapy, tried against real sockets on loopback."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import pytest

from network.addresses import AddressPolicy
from network.client import client, judge, post
from postings.errors import AddressRefused, NetworkError
from tests.certificates import self_signed

PUBLIC_ONLY = AddressPolicy()
LOOPBACK = AddressPolicy(allow=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Canary:
    """Listens on loopback and counts who comes."""

    port: int = 0
    connections: list[str] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def listening(
    answer: bytes | Callable[[socket.socket], None] = OK, host: str = "127.0.0.1", *, read_first: bool = True
) -> Iterator[Canary]:
    canary = Canary()
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        canary.port = server.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                canary.connections.append(address[0])
                threading.Thread(target=speak, args=(connection,), daemon=True).start()

        def speak(connection: socket.socket) -> None:
            with connection:
                try:
                    if read_first:
                        canary.requests.append(connection.recv(65_536))
                    if callable(answer):
                        answer(connection)
                    else:
                        connection.sendall(answer)
                        linger(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield canary
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def linger(connection: socket.socket) -> None:
    """Waits until the client has hung up: closing with bytes unread would throw the answer away."""
    if not isinstance(connection, ssl.SSLSocket):
        connection.shutdown(socket.SHUT_WR)
    while connection.recv(65_536):
        pass


def send(url: str, policy: AddressPolicy = LOOPBACK, *, timeout: float = 5.0, **options: object) -> int:
    with client(policy, timeout=timeout, user_agent="hirewatch/test", **options) as way:  # type: ignore[arg-type]
        return post(way, url, content=b"{}", headers={"X-Test": "1"}).status


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "localhost",
    "[::ffff:127.0.0.1]",
    "0",
    "①②⑦.⓪.⓪.①",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_a_forbidden_address_gets_no_connection_however_it_is_spelt(host: str) -> None:
    with listening() as canary:
        # a few spellings are no address at all for this client, which is as good
        with pytest.raises((AddressRefused, NetworkError)):
            send(f"http://{host}:{canary.port}/", PUBLIC_ONLY)
        assert canary.connections == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "localhost"])
def test_the_same_spellings_get_through_where_the_policy_lets_them(host: str) -> None:
    with listening() as canary:
        assert send(f"http://{host}:{canary.port}/") == 200
        assert len(canary.connections) == 1


def test_a_refusal_names_the_host_and_not_the_rest_of_the_address() -> None:
    with pytest.raises(AddressRefused) as refused:
        send("http://user:canary-1@127.0.0.1:9/canary-2?key=canary-3", PUBLIC_ONLY)
    assert refused.value.subject == "127.0.0.1"
    assert "canary" not in str(refused.value)


def answers(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: list(addresses)


def test_a_name_with_only_private_addresses_is_refused() -> None:
    with listening() as canary:
        with pytest.raises(AddressRefused):
            send(f"http://hooks.example:{canary.port}/", PUBLIC_ONLY, resolve=answers("127.0.0.1", "::ffff:127.0.0.1"))
        assert canary.connections == []


def test_of_mixed_answers_only_the_allowed_ones_are_contacted() -> None:
    allowed = AddressPolicy(allow=(ip_network("127.0.0.2/32"),))
    with listening(host="127.0.0.1") as forbidden, listening(host="127.0.0.2") as good:
        way = answers("127.0.0.1", "127.0.0.2")
        assert send(f"http://hooks.example:{good.port}/", allowed, resolve=way) == 200
        with pytest.raises(NetworkError):
            send(f"http://hooks.example:{forbidden.port}/", allowed, resolve=way)
        assert forbidden.connections == []
        assert len(good.connections) == 1


def test_a_name_that_changes_its_answer_is_asked_once_a_connection_and_judged_each_time() -> None:
    allowed = AddressPolicy(allow=(ip_network("127.0.0.2/32"),))
    turns = iter(["127.0.0.2", "127.0.0.1"])
    with listening(host="127.0.0.2") as good:
        with client(allowed, timeout=5, user_agent="x", resolve=lambda host, port: [next(turns)]) as way:
            url = f"http://hooks.example:{good.port}/"
            headers = {"Connection": "close"}
            assert post(way, url, content=b"", headers=headers).status == 200
            with pytest.raises(AddressRefused):
                post(way, url, content=b"", headers=headers)
        assert len(good.connections) == 1
        assert b"Host: hooks.example" in good.requests[0]


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    with listening(host="127.0.0.2") as good:
        assert send(f"http://hooks.example:{good.port}/", resolve=answers("127.0.0.1", "127.0.0.2")) == 200


def test_redirects_are_not_followed() -> None:
    with listening() as canary:
        moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % canary.port
        with listening(moved) as first:
            assert send(f"http://127.0.0.1:{first.port}/") == 307
        assert canary.connections == []


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as proxy, listening() as target:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(f"http://127.0.0.1:{target.port}/") == 200
        assert proxy.connections == []


def wait_in_silence(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def test_a_receiver_that_never_answers_is_left_at_the_deadline() -> None:
    with listening(wait_in_silence) as canary:
        started = time.monotonic()
        with pytest.raises(NetworkError, match="did not answer in time"):
            send(f"http://127.0.0.1:{canary.port}/", timeout=0.3)
        assert time.monotonic() - started < 1.5


def drip(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 200:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def test_a_receiver_that_drips_is_left_at_the_deadline_too() -> None:
    with listening(drip) as canary:
        started = time.monotonic()
        with pytest.raises(NetworkError, match="did not answer in time"):
            send(f"http://127.0.0.1:{canary.port}/", timeout=0.4)
        assert time.monotonic() - started < 1.5


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"a" * 65_536)


def test_an_endless_body_is_not_read_to_its_end() -> None:
    with listening(flood) as canary:
        started = time.monotonic()
        assert send(f"http://127.0.0.1:{canary.port}/", timeout=10) == 200
        assert time.monotonic() - started < 5


def test_a_status_counts_although_the_body_is_cut() -> None:
    with listening(b"HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\nhalf") as canary:
        assert send(f"http://127.0.0.1:{canary.port}/") == 202


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"a" * 300_000]
)
def test_what_is_no_http_is_an_error_in_words(answer: bytes) -> None:
    with listening(answer) as canary, pytest.raises(NetworkError, match=r"did not speak HTTP|cannot be reached"):
        send(f"http://127.0.0.1:{canary.port}/")


def test_a_port_where_nobody_listens_is_told_in_the_words_of_the_system() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NetworkError) as refused:
        send(f"http://127.0.0.1:{port}/")
    assert refused.value.problem == "cannot be reached (Connection refused)"


def test_a_name_that_does_not_exist_is_an_error_in_words() -> None:
    with pytest.raises(NetworkError, match="leads to no address"):
        send("http://nowhere.invalid/", resolve=lambda host, port: [])


@pytest.mark.parametrize("url", ["http://[::1", "http://exa mple/", "ftp://127.0.0.1/", "http://127.0.0.1:99999/", ""])
def test_an_address_that_is_none_is_an_error_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(NetworkError):
        send(url)


def test_nothing_of_a_request_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with listening() as canary:
        send(f"http://127.0.0.1:{canary.port}/canary-in-path")
    assert "canary-in-path" not in caplog.text


def test_judging_a_host_sends_nothing() -> None:
    with listening() as canary:
        assert judge(LOOPBACK, "127.0.0.1", canary.port) == ["127.0.0.1"]
        with pytest.raises(AddressRefused):
            judge(PUBLIC_ONLY, "127.0.0.1", canary.port)
        assert canary.connections == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls") / "hooks.pem", "hooks.example")


@contextmanager
def listening_with_tls(certificate: Path, names: list[str | None]) -> Iterator[Canary]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda connection, name, _: names.append(name)

    def speak(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65_536)
            secured.sendall(OK)
            linger(secured)

    with listening(speak, read_first=False) as canary:
        yield canary


def test_with_tls_the_judged_address_has_to_prove_the_name_that_was_asked_for(certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    names: list[str | None] = []
    with listening_with_tls(certificate, names) as canary:
        loopback = answers("127.0.0.1")
        url = f"https://hooks.example:{canary.port}/"
        assert send(url, resolve=loopback, ssl_context=trusting) == 200
        assert names == ["hooks.example"]
        with pytest.raises(NetworkError, match="certificate that cannot be trusted"):
            send(f"https://other.example:{canary.port}/", resolve=loopback, ssl_context=trusting)
        with pytest.raises(NetworkError, match="certificate that cannot be trusted"):
            send(url, resolve=loopback)
        with pytest.raises(AddressRefused):
            send(url, PUBLIC_ONLY, resolve=loopback, ssl_context=trusting)
        assert len(canary.connections) == 3
