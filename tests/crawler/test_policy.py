"""No connection to a forbidden address: a canary listens, names lie, and a control shows that it would hear."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.crawler.hostile.careers import html, index, job_page, urlset
from tests.crawler.hostile.server import Hostile, answer, once
from tests.crawler.visits import LOOPBACK, Crawling

CANARY = "127.99.9.9"
NAMES = {
    "inner.example": [[CANARY]],
    "mixed.example": [[CANARY, "127.98.0.1"]],
    "turning.example": [["127.98.0.1"], [CANARY]],
    "mapped.example": [[f"::ffff:{CANARY}"]],
    "carried.example": [[f"64:ff9b::{CANARY}"], [CANARY]],
}
#: names that lead to their site for so many connections, and to the canary from then on
TURNED = {number: f"turned-{number}.example" for number in range(11)}
HOMES = {number: f"127.98.1.{number + 1}" for number in TURNED}
TURNS = {TURNED[number]: [[HOMES[number]]] * number + [[CANARY]] for number in TURNED}
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
    process = Crawling(allow=("127.98.0.0/16",), names={**NAMES, **TURNS})
    yield process
    process.close()


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[Crawling]:
    process = Crawling(allow=LOOPBACK, names={**NAMES, **TURNS})
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


# every request of a visit: whichever it is, its name is looked up and judged anew


def everything(connection: socket.socket, path: str) -> None:
    """A site on which a visit asks for something of every kind, each on a connection of its own."""
    numbers = range(1, 4)
    match path:
        case "/robots.txt":
            what = answer(b"User-agent: *\nAllow: /\nSitemap: /sitemap.xml\n", "Connection: close")
        case "/":
            what = answer(b"", "Location: /home", "Connection: close", status="302 Found")
        case "/home":
            feed = '<link rel="alternate" type="application/rss+xml" href="/feed">'
            refresh = '<meta http-equiv="refresh" content="0; url=/refreshed">'
            what = page('<a href="/jobs">Jobs</a>', feed + refresh)
        case "/sitemap.xml":
            what = answer(index(["/sitemap-jobs.xml"]), "Connection: close")
        case "/sitemap-jobs.xml":
            what = answer(urlset([f"/jobs/{number}" for number in numbers]), "Connection: close")
        case "/feed":
            items = "".join(f"<item><link>/jobs/{number}</link></item>" for number in numbers)
            what = answer(f"<rss><channel>{items}</channel></rss>".encode(), "Connection: close")
        case "/jobs":
            links = "".join(f'<a href="/jobs/{number}">Welder</a>' for number in numbers)
            what = page(links + '<a rel="next" href="/jobs?page=2">Next</a>')
        case "/jobs?page=2":
            what = page('<a href="/jobs/4">Welder</a>')
        case _:
            what = answer(job_page(int(path[-1])), "Content-Type: text/html", "Connection: close")
    connection.sendall(what)


def page(body: str, head: str = "") -> bytes:
    return answer(html(body, head), "Content-Type: text/html", "Connection: close")


def visit_turned(process: Crawling, number: int) -> tuple[Hostile, Hostile]:
    """A visit of the site whose name turns at that connection: the site and the canary, as they were left."""
    with (
        Hostile(everything, robots=True, host=HOMES[number]) as site,
        Hostile(once(answer(b"hello")), robots=True, host=CANARY, port=site.port) as canary,
    ):
        process.visit(f"http://{TURNED[number]}:{site.port}/")
    return site, canary


@pytest.mark.parametrize("number", TURNED)
def test_a_name_that_turns_at_any_request_leads_nowhere_else(guarded: Crawling, number: int) -> None:
    site, canary = visit_turned(guarded, number)
    assert canary.connections == 0
    assert len(site.paths) == number


@pytest.mark.parametrize("number", TURNED)
def test_without_the_policy_the_canary_hears_whichever_request_it_is(open_to_all: Crawling, number: int) -> None:
    _, canary = visit_turned(open_to_all, number)
    assert canary.connections > 0


def test_a_visit_of_that_site_asks_for_something_of_every_kind(guarded: Crawling) -> None:
    with Hostile(everything, robots=True, host="127.98.2.1") as site:
        visited = guarded.visit(site.url)
    kinds = ["/robots.txt", "/", "/home", "/sitemap.xml", "/sitemap-jobs.xml", "/jobs", "/jobs?page=2", "/jobs/1"]
    assert set(kinds) <= set(site.paths)
    assert "/feed" in site.paths
    assert "/refreshed" not in site.paths
    assert len(visited.sightings) == 4
    assert len(site.paths) > max(TURNED)
