"""No connection to a forbidden address: a canary listens, names lie, and a control shows that it would hear."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.crawler.hostile import Hostile, answer
from tests.crawler.visits import LOOPBACK, Crawling

CANARY = "127.99.9.9"
NAMES = {
    "inner.example": [[CANARY]],
    "mixed.example": [[CANARY, "127.98.0.1"]],
    "turning.example": [["127.98.0.1"], [CANARY]],
    "mapped.example": [[f"::ffff:{CANARY}"]],
    "carried.example": [[f"64:ff9b::{CANARY}"], [CANARY]],
}
SPELLINGS = [
    "127.99.9.9",
    "127.99.2313",
    "0x7f.99.9.9",
    "2137196809",
    "0177.99.9.9",
    "[::ffff:127.99.9.9]",
    "①②⑦.99.9.9",
]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Crawling]:
    """A process that may contact one loopback network, not the canary's."""
    process = Crawling(allow=("127.98.0.0/16",), names=NAMES)
    yield process
    process.close()


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[Crawling]:
    process = Crawling(allow=LOOPBACK, names=NAMES)
    yield process
    process.close()


@pytest.fixture
def canary() -> Iterator[Hostile]:
    with Hostile(lambda connection, _: connection.sendall(answer(b"hello")), host=CANARY) as server:
        yield server


@pytest.mark.parametrize("host", [*NAMES, *SPELLINGS])
def test_no_name_and_no_spelling_leads_to_a_forbidden_address(guarded: Crawling, canary: Hostile, host: str) -> None:
    visited = guarded.visit(f"http://{host}:{canary.port}/")
    assert canary.connections == 0
    assert visited.told.start_status is None


def test_a_refusal_names_the_address(guarded: Crawling, canary: Hostile) -> None:
    visited = guarded.visit(f"http://inner.example:{canary.port}/")
    assert f"the address policy does not let hirewatch contact {CANARY}" in visited.told.problems[0]


def test_a_robots_txt_cannot_redirect_to_a_forbidden_address(guarded: Crawling, canary: Hostile) -> None:
    def redirect(connection: socket.socket, _: str) -> None:
        connection.sendall(answer(b"", f"Location: {canary.url}robots.txt", status="302 Found"))

    with Hostile(redirect, robots=True, host="127.98.0.2") as server:
        visited = guarded.visit(server.url)
    assert canary.connections == 0
    assert set(server.paths) == {"/robots.txt"}
    assert "robots.txt" in visited.told.problems[0]


def test_fetching_one_page_keeps_to_the_policy(guarded: Crawling, canary: Hostile) -> None:
    assert guarded.fetch(canary.url).page is None
    assert canary.connections == 0


@pytest.mark.parametrize("host", ["inner.example", "mapped.example", CANARY])
def test_without_the_policy_the_canary_hears(open_to_all: Crawling, canary: Hostile, host: str) -> None:
    visited = open_to_all.visit(f"http://{host}:{canary.port}/")
    assert canary.connections > 0
    assert visited.told.start_status == 200
