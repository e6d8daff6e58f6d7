"""A small career site on raw sockets that answers well until it is told to misbehave at one of its parts."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from typing import Literal

from tests.crawler.hostile.certificates import Authority
from tests.crawler.hostile.server import Behaviour, Hostile, answer

#: how its postings are found: by a sitemap, or by two list pages
Layout = Literal["sitemap", "list", "board"]
Part = Literal["robots", "start", "sitemap", "list", "second list", "page", "first page", "everything"]

JOBS = range(1, 7)
_PARTS: dict[Part, Callable[[str], bool]] = {
    "robots": lambda path: path == "/robots.txt",
    "start": lambda path: path == "/",
    "sitemap": lambda path: path.startswith("/sitemap"),
    "list": lambda path: path.startswith("/jobs?") or path == "/jobs" or "/postings?" in path,
    "second list": lambda path: path == "/jobs?page=2",
    "page": lambda path: re.search(r"/(?:jobs|postings)/\w+$", path) is not None,
    "first page": lambda path: path == "/jobs/1",
    "everything": lambda path: path != "/robots.txt",
}
_HTML = "Content-Type: text/html; charset=utf-8"
#: a board of SmartRecruiters: the address to watch, its API's host, and the path of its list
BOARD = "https://careers.smartrecruiters.com/BlueDesk"
BOARD_HOSTS = ("careers.smartrecruiters.com", "jobs.smartrecruiters.com", "api.smartrecruiters.com")
_POSTINGS = "/v1/companies/BlueDesk/postings"


class Careers(Hostile):
    """Six jobs. `misbehave` holds until `behave`."""

    def __init__(
        self, layout: Layout = "sitemap", *, name: str | None = None, authority: Authority | None = None
    ) -> None:
        """`name` is the host name that it is watched under, if not its address. With an `authority` it speaks TLS, and
        its port is the default one as far as clients know. A board has its vendor's names and needs one."""
        super().__init__(self._answer_well)
        self.layout = layout
        self.authority = authority
        self.names = BOARD_HOSTS if layout == "board" else (name,) if name else ()
        self._context = authority.context(*self.names) if authority else None
        #: where its names lead; None = nowhere
        self.place: tuple[str, int] | None = (self.host, self.port)
        self.start_url = BOARD if layout == "board" else self.url
        if name:
            self.start_url = f"https://{name}/" if authority else f"http://{name}:{self.port}/"
        self.origin = self.start_url.rstrip("/")
        self.greet = self.secured
        self._wrong: list[tuple[Callable[[str], bool], Behaviour]] = []

    def misbehave(self, part: Part, behaviour: Behaviour) -> None:
        """Does this to every request for `part` from now on."""
        self._wrong.append((_PARTS[part], behaviour))

    def behave(self) -> None:
        """Is well again."""
        self._wrong.clear()
        self.greet = self.secured
        self.place = (self.host, self.port)
        if self.closing.is_set():
            self.open_again()

    def secured(self, connection: socket.socket) -> socket.socket:
        """The connection with what a client expects beneath HTTP."""
        return self._context.wrap_socket(connection, server_side=True) if self._context else connection

    def good(self, path: str) -> bytes:
        """What the site answers when nothing is wrong."""
        if self.layout == "board":
            return board_answer(path)
        if path == "/robots.txt":
            sitemap = f"Sitemap: {self.origin}/sitemap.xml\n" if self.layout == "sitemap" else ""
            return answer(f"User-agent: *\nAllow: /\n{sitemap}".encode(), "Content-Type: text/plain")
        if path == "/":
            return answer(html('<a href="/jobs">Jobs</a><a href="/about">About us</a>'), _HTML)
        if path == "/sitemap.xml" and self.layout == "sitemap":
            return answer(self.sitemap(), "Content-Type: application/xml")
        if path == "/jobs" or path.startswith("/jobs?"):
            return answer(self.list_page(path), _HTML)
        if match := re.fullmatch(r"/jobs/(\d+)", path):
            number = int(match[1])
            if number in JOBS:
                return answer(job_page(number), _HTML)
        if path == "/about":
            return answer(html("<p>We make things.</p>"), _HTML)
        return answer(b"<html><h1>Not found</h1></html>", _HTML, status="404 Not Found")

    def sitemap(self, *further: str) -> bytes:
        """The sitemap with its jobs, and with further addresses."""
        addresses = [*(f"{self.origin}/jobs/{number}" for number in JOBS), *further]
        return urlset(addresses)

    def list_page(self, path: str) -> bytes:
        second = path == "/jobs?page=2"
        links = "".join(
            f'<li><a href="/jobs/{number}">Welder {number}</a></li>' for number in JOBS if (number > 3) == second
        )
        return html(f"<ul>{links}</ul>" + ("" if second else '<a rel="next" href="/jobs?page=2">Next</a>'))

    def _goes_on(self, connection: socket.socket, path: str) -> bool:
        for concerns, behaviour in self._wrong:
            if concerns(path):
                behaviour(connection, path)
                return False
        connection.sendall(self.good(path))
        return True

    def _answer_well(self, connection: socket.socket, path: str) -> None:
        connection.sendall(self.good(path))


def html(body: str, head: str = "") -> bytes:
    """A page of HTML."""
    return f"<!DOCTYPE html><html><head><title>Acme</title>{head}</head><body>{body}</body></html>".encode()


def urlset(addresses: list[str]) -> bytes:
    rows = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def index(addresses: list[str]) -> bytes:
    rows = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return (
        f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    ).encode()


def markup(number: int) -> dict[str, object]:
    """The JobPosting of a job."""
    return {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": f"Welder {number} in Málaga",
        "description": f"<p>You weld {number} things a day, in a team of {number}.</p>",
        "identifier": {"@type": "PropertyValue", "name": "Acme", "value": f"W-{number}"},
        "datePosted": "2026-11-01",
        "hiringOrganization": {"@type": "Organization", "name": "Acme"},
        "jobLocation": {"@type": "Place", "address": {"addressLocality": "Málaga", "addressCountry": "ES"}},
    }


def job_page(number: int, *, head: str = "", script: str | None = None) -> bytes:
    """The page of a job; `script` takes the place of its markup."""
    text = json.dumps(markup(number), ensure_ascii=False) if script is None else script
    return html(
        f"<h1>Welder {number} in Málaga</h1><p>You weld {number} things a day, in a team of {number}.</p>"
        f'<a href="/apply/{number}">Apply now</a>',
        head + f'<script type="application/ld+json">{text}</script>',
    )


def board_answer(path: str) -> bytes:
    """What the API of the board answers."""
    if path.startswith(f"{_POSTINGS}?"):
        return as_json({"offset": 0, "limit": 100, "totalFound": len(JOBS), "content": [posting(n) for n in JOBS]})
    if path.startswith(f"{_POSTINGS}/"):
        number = int(path.rsplit("/", 1)[1][-2:])
        sections = {"jobDescription": {"title": "The job", "text": f"<p>You sort {number} files.</p>"}}
        return as_json({**posting(number), "active": True, "jobAd": {"sections": sections}})
    return answer(b"", status="404 Not Found")


def posting(number: int) -> dict[str, object]:
    """A row of the board's list."""
    return {
        "id": f"7440000000000{number:02}",
        "name": f"Clerk {number}",
        "refNumber": f"REF{number}X",
        "company": {"identifier": "BlueDesk", "name": "Blue Desk Inc"},
        "releasedDate": f"2026-07-{number:02}T10:00:00.000Z",
        "location": {"city": "Kraków", "country": "pl"},
        "language": {"code": "en"},
    }


def as_json(value: object) -> bytes:
    return answer(json.dumps(value).encode(), "Content-Type: application/json")
