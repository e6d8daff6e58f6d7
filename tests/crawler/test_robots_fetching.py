"""RFC 9309 §2.3 at a real server: which answer to the request for robots.txt means what."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Literal

import pytest

from crawler.robots import MOST_BYTES
from crawler.settings import DOWNLOAD_MAXSIZE
from tests.crawler.hostile.server import Behaviour, Hostile, answer, hang_up_hard
from tests.crawler.visits import Crawling

Meaning = Literal["rules", "allowed", "closed"]
RULES = b"User-agent: *\nDisallow: /\n"
TEXT = "Content-Type: text/plain"


def says(what: bytes) -> Behaviour:
    """Sends this in answer to robots.txt, and a page to everything else."""
    return only_robots(lambda connection: connection.sendall(what))


def only_robots(behave: Callable[[socket.socket], object]) -> Behaviour:
    def serve(connection: socket.socket, path: str) -> None:
        if path == "/robots.txt":
            behave(connection)
        else:
            connection.sendall(answer(b"<html><body>Jobs</body></html>", "Content-Type: text/html"))

    return serve


def redirects(hops: int, end: bytes) -> Behaviour:
    """Leads through that many redirects to `end`."""

    def serve(connection: socket.socket, path: str) -> None:
        number = 0 if path == "/robots.txt" else int(path[2:]) if path.startswith("/r") else None
        if number is None:
            connection.sendall(answer(b"<html></html>", "Content-Type: text/html"))
        elif number < hops:
            connection.sendall(answer(b"", f"Location: /r{number + 1}", status="302 Found"))
        else:
            connection.sendall(end)

    return serve


def endless(connection: socket.socket) -> None:
    """Sends rules, and comments for as long as they are taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + RULES)
    while True:
        connection.sendall(COMMENTS * 1000)


GOOD = answer(RULES, TEXT)
COMMENTS = b"#" * 99 + b"\n"
LARGEST = DOWNLOAD_MAXSIZE + 100
CASES: dict[str, tuple[Behaviour, Meaning]] = {
    "200": (says(GOOD), "rules"),
    "206": (says(answer(RULES, TEXT, status="206 Partial Content")), "rules"),
    **{
        str(status): (says(answer(RULES, TEXT, status=f"{status} No")), "allowed")
        for status in (400, 401, 403, 404, 410, 451)
    },
    **{
        str(status): (says(answer(b"User-agent: *\nAllow: /\n", TEXT, status=f"{status} No")), "closed")
        for status in (429, 500, 502, 503, 599)
    },
    "five redirects": (redirects(5, GOOD), "rules"),
    "six redirects": (redirects(6, GOOD), "allowed"),
    "a redirect to 404": (redirects(1, answer(status="404 No")), "allowed"),
    "a redirect to 503": (redirects(1, answer(status="503 No")), "closed"),
    "a redirect to nowhere": (says(answer(b"", "Location: mailto:me@example.com", status="302 Found")), "allowed"),
    "a redirect to a name that nobody has": (
        says(answer(b"", "Location: http://no.invalid/robots.txt", status="302 Found")),
        "closed",
    ),
    "a connection that is reset": (only_robots(hang_up_hard), "closed"),
    "no answer at all": (says(b""), "closed"),
    "a body that is cut": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nUser-agent: *\n"), "closed"),
    "something that is no HTTP": (says(b"\x00\xff\x15SSH-2.0\r\n\r\n"), "closed"),
    "rules before 500 KiB": (says(answer(RULES + COMMENTS * (MOST_BYTES // 100 + 9), TEXT)), "rules"),
    "rules after 500 KiB": (says(answer(COMMENTS * (MOST_BYTES // 100 + 9) + RULES, TEXT)), "allowed"),
    "more bytes than any page may have": (says(answer(RULES + COMMENTS * (LARGEST // 100), TEXT)), "rules"),
    "more bytes than any page may have, rules at their end": (
        says(answer(COMMENTS * (LARGEST // 100) + RULES, TEXT)),
        "allowed",
    ),
    "rules and no end": (only_robots(endless), "rules"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_an_answer_to_the_request_for_robots_txt_means(crawling: Crawling, name: str) -> None:
    behaviour, meaning = CASES[name]
    with Hostile(behaviour, robots=True) as server:
        visited = crawling.visit(server.url)
    asked = {path for path in server.paths if path != "/robots.txt" and not path.startswith("/r")}
    assert bool(asked) == (meaning == "allowed")
    refused = "robots.txt does not allow it" in visited.told.problems[0]
    assert refused == (meaning == "rules")
    assert not visited.told.listing.whole or meaning == "allowed"


def test_a_robots_txt_that_nobody_answers_for_closes_the_site(crawling: Crawling) -> None:
    with Hostile(says(GOOD)) as server:
        url = server.url
    visited = crawling.visit(url)
    assert "the connection was refused" in visited.told.problems[0]
    assert visited.told.start_status is None


@pytest.mark.parametrize("same_port", [True, False])
def test_a_robots_txt_on_another_host_is_asked_for_at_the_port_of_the_site(crawling: Crawling, same_port: bool) -> None:
    with Hostile(says(GOOD), robots=True) as elsewhere:
        there = answer(b"", f"Location: {elsewhere.url}robots.txt", status="301 Moved Permanently")
        with Hostile(says(there), robots=True, port=elsewhere.port if same_port else 0) as server:
            visited = crawling.visit(server.url)
    assert bool(elsewhere.paths) == same_port
    assert ("robots.txt does not allow it" in visited.told.problems[0]) == same_port
