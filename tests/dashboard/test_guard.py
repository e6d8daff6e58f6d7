"""Which names the service answers to: a stranger's name that points at our address is not one of them."""

from __future__ import annotations

import socket

import pytest

from dashboard import guard
from dashboard.guard import is_ours
from tests.dashboard.conftest import Board
from tests.dashboard.web import Running, browsing

NAMES = frozenset({"jobs.example"})


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8777",
        "LocalHost.:8777",
        "hirewatch.localhost",
        "127.0.0.1:8777",
        "127.9.9.9",
        "[::1]:8777",
        "192.168.1.10:8777",
        "jobs.example",
        "Jobs.Example:443",
    ],
)
def test_it_answers_to_its_own_names_and_to_addresses(host: str) -> None:
    assert is_ours([host], NAMES)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8777",
        "localhost.evil.example",
        "evillocalhost",
        "127.0.0.1.evil.example",
        "jobs.example.evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1@evil.example",
        "127.0.0.1/evil",
        "127.0.0.1:port",
        "[::1",
        "",
        " ",
        "2130706433",
        "0x7f000001",
    ],
)
def test_it_answers_to_no_other_name(host: str) -> None:
    assert not is_ours([host], NAMES)


def test_two_names_are_none() -> None:
    assert not is_ours(["localhost", "evil.example"], NAMES)


def test_a_strangers_name_is_refused_over_a_real_connection(board: Board) -> None:
    with browsing(board.app(names=("jobs.example",))) as client:
        refused = client.get("/metrics", headers={"Host": "evil.example"})
        answered = client.get("/metrics", headers={"Host": "jobs.example"})
    assert refused.status_code == 421
    assert "hirewatch_" not in refused.text
    assert answered.status_code == 200


def test_without_the_guard_a_strangers_name_would_read_everything(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "is_ours", lambda hosts, names: True)
    with browsing(board.app()) as client:
        assert "hirewatch_" in client.get("/metrics", headers={"Host": "evil.example"}).text


def test_an_old_health_check_that_names_no_host_is_answered(board: Board) -> None:
    with Running(board.app()) as running, socket.create_connection(("127.0.0.1", running.port), timeout=10) as plain:
        plain.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
        assert plain.recv(100).startswith(b"HTTP/1.1 200")
