"""Servers that misbehave: every visit ends soon, in little memory, and says what was wrong."""

from __future__ import annotations

import gzip
import socket
import time
import zlib

import brotli
import pytest
from backports import zstd

from postings.sites import Known, KnownPage, Source, SourceKind
from postings.visits import Absence
from tests.crawler.hostile import Behaviour, Hostile, answer
from tests.crawler.visits import Crawling, Visited

MEGABYTES = 300
ZEROS = b"\0" * 100_000_000


def drip(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def forever(first: bytes, then: bytes) -> Behaviour:
    def send(connection: socket.socket, _: str) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(then)

    return send


def once(what: bytes) -> Behaviour:
    def send(connection: socket.socket, _: str) -> None:
        connection.sendall(what)

    return send


def silence(connection: socket.socket, _: str) -> None:
    connection.recv(1)


def further(connection: socket.socket, path: str) -> None:
    connection.sendall(answer(b"", f"Location: /{len(path)}{path[:40]}", status="302 Found"))


def bomb(coding: str, packed: bytes) -> Behaviour:
    return once(answer(packed, f"Content-Encoding: {coding}", "Content-Type: text/html"))


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

CASES: dict[str, tuple[Behaviour, str]] = {
    "a drip": (drip, "no whole answer within 2 s"),
    "silence": (silence, "no whole answer within 2 s"),
    "headers without end": (forever(OK, b"X-A: " + b"y" * 8000 + b"\r\n"), "headers of the answer are larger"),
    "a header line without end": (forever(OK + b"X: ", b"y" * 65536), "the connection failed"),
    "interim answers without end": (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "headers of the answer are"),
    "a body without end": (forever(OK + b"\r\n", b"y" * 65536), "larger than the limit"),
    "a declared body that is too large": (once(OK + b"Content-Length: 99999999999\r\n\r\n"), "larger than the limit"),
    "a chunk head without end": (forever(CHUNKED, b"0" * 65536), "cut off"),
    "trailers without end": (forever(CHUNKED + b"0\r\n", b"X: y\r\n" * 1000), "cut off"),
    "no HTTP": (once(b"\x00\xff\x15SSH-2.0\r\n\r\n" * 10), "is no HTTP"),
    "two lengths": (once(OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\nhello"), "the connection failed"),
    "redirects without end": (further, "more than 10 redirects"),
    "a redirect to a file": (once(answer(b"", "Location: file:///etc/passwd", status="302 Found")), "no web address"),
    "a gzip bomb": (bomb("gzip", gzip.compress(ZEROS)), "larger than the limit"),
    "a deflate bomb": (bomb("deflate", zlib.compress(ZEROS)), "larger than the limit"),
    "a brotli bomb": (bomb("br", brotli.compress(ZEROS, quality=5)), "larger than the limit"),
    "a zstd bomb": (bomb("zstd", zstd.compress(ZEROS)), "larger than the limit"),
    "a bomb in a bomb": (bomb("gzip, gzip", gzip.compress(gzip.compress(ZEROS))), "larger than the limit"),
    "three codings": (bomb("gzip, gzip, gzip", b"x"), "3 content codings"),
    "an unknown coding": (bomb("compress", b"x"), "unknown content coding"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_visit_of_a_hostile_server_ends_soon_and_says_why(crawling: Crawling, name: str) -> None:
    behaviour, problem = CASES[name]
    with Hostile(behaviour) as server:
        began = time.monotonic()
        visited = crawling.visit(server.url)
        seconds = time.monotonic() - began
    assert problem in visited.told.problems[0]
    assert seconds < 20
    assert crawling.peak_megabytes() < MEGABYTES


@pytest.mark.parametrize("behaviour", [silence, drip, once(answer(status="500 Oops")), once(b"")])
def test_a_robots_txt_that_cannot_be_had_closes_the_site(crawling: Crawling, behaviour: Behaviour) -> None:
    with Hostile(behaviour, robots=True) as server:
        visited = crawling.visit(server.url)
    assert set(server.paths) == {"/robots.txt"}
    assert visited.told.start_status is None


def known(server: Hostile, path: str) -> tuple[Source, Known]:
    url = f"{server.url}{path}"
    source = Source(kind=SourceKind.SITEMAP, urls=(f"{server.url}sitemap.xml",), shapes=("x",))
    return source, Known(pages={url.removeprefix("http://"): KnownPage(url=url)})


def look(crawling: Crawling, server: Hostile) -> Visited:
    source, pages = known(server, "jobs/1")
    return crawling.visit(server.url, source=source, known=pages)


@pytest.mark.parametrize("length", range(0, 60, 7))
def test_a_page_that_is_cut_at_any_byte_says_nothing(crawling: Crawling, length: int) -> None:
    whole = answer(b"<html><h1>Page not found</h1></html>", "Content-Type: text/html")

    def cut(connection: socket.socket, path: str) -> None:
        connection.sendall(whole[:length] if path.startswith("/jobs/") else whole)

    with Hostile(cut) as server:
        visited = look(crawling, server)
    assert [one.absence for one in visited.told.looks] == [Absence.UNKNOWN]


def test_a_page_that_redirects_to_another_site_says_nothing_and_nobody_goes_there(crawling: Crawling) -> None:
    with Hostile(once(answer(b"hello"))) as canary:

        def away(connection: socket.socket, path: str) -> None:
            location = f"Location: {canary.url}"
            connection.sendall(
                answer(b"", location, status="302 Found") if path == "/jobs/1" else answer(b"<html></html>")
            )

        with Hostile(away) as server:
            visited = look(crawling, server)
    [one] = visited.told.looks
    assert (one.absence, one.status) == (Absence.UNKNOWN, 302)
    assert canary.url.rstrip("/") in one.detail
    assert canary.connections == 0


def test_a_list_full_of_foreign_and_strange_links_leads_nowhere_else(crawling: Crawling) -> None:
    with Hostile(once(answer(b"hello"))) as canary:
        links = [
            canary.url,
            "file:///etc/passwd",
            "ftp://x/",
            "javascript:1",
            "data:text/html,x",
            f"//{canary.host}:{canary.port}/",
        ]
        page = "<html><body>" + "".join(f'<a href="{link}">job</a>' for link in links) + "</body></html>"
        with Hostile(once(answer(page.encode(), "Content-Type: text/html"))) as server:
            crawling.visit(server.url)
    assert canary.connections == 0


def test_a_list_of_links_without_number_ends(crawling: Crawling) -> None:
    page = b"<html><body>" + b"".join(b"<a href=/j/%d>j</a>" % number for number in range(100_000)) + b"</body></html>"

    def list_or_nothing(connection: socket.socket, path: str) -> None:
        connection.sendall(answer(page if path == "/" else b"<html></html>", "Content-Type: text/html"))

    with Hostile(list_or_nothing) as server:
        visited = crawling.visit(server.url)
    assert visited.told.requests < 200
    assert crawling.peak_megabytes() < MEGABYTES


def test_a_stale_connection_is_not_used_to_ask_again_without_the_delay(crawling: Crawling) -> None:
    """A server that hangs up after each request is asked again only as often as failures are repeated."""
    with Hostile(once(b"")) as server:
        crawling.visit(server.url)
    assert server.paths.count("/") == 3
