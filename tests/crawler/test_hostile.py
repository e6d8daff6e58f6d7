"""What single pages and connections of hostile servers come to; whole visits are in `tests.crawler.hostile`."""

from __future__ import annotations

import socket

import pytest

from postings.sites import Known, KnownPage, Source, SourceKind
from postings.visits import Absence
from tests.crawler.hostile.behaviours import OK, drip, silence
from tests.crawler.hostile.server import Behaviour, Hostile, answer, once
from tests.crawler.visits import Crawling, Visited

MEGABYTES = 300


@pytest.mark.parametrize(
    "behaviour", [silence, drip(OK + b"Content-Length: 100000\r\n\r\n"), once(answer(status="500 Oops")), once(b"")]
)
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
