"""Connections for other protocols go to an address that was judged, and to no other."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from network import hosts
from network.addresses import AddressPolicy
from postings.errors import AddressRefused, NetworkError

LOOPBACK = AddressPolicy(allow=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.2", 0)) as server:
        server.settimeout(5)
        yield server


def test_the_first_address_that_answers_is_taken(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["10.0.0.1", "127.0.0.1", "127.0.0.2"]

    with hosts.connect(LOOPBACK, "db.example", port, timeout=5, resolve=resolve) as connection:
        assert connection.getpeername() == ("127.0.0.2", port)
    assert asked == ["db.example"]


def test_a_refused_address_is_not_contacted(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with pytest.raises(AddressRefused):
        hosts.connect(AddressPolicy(), "127.0.0.2", port, timeout=5)
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_nobody_at_home_is_said() -> None:
    with pytest.raises(NetworkError, match="cannot be reached") as error:
        hosts.connect(LOOPBACK, "127.0.0.1", 1, timeout=5)
    assert error.value.subject == "127.0.0.1:1"
