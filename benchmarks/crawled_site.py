"""A site on loopback that costs little to serve, for `benchmarks.crawl`: `python -m benchmarks.crawled_site PAGES
EVERY`.

A sitemap whose `lastmod` differs, pages of about 100 KB, one in EVERY with a JobPosting, all with an ETag. Prints its
address and serves until its input ends. Every answer is made before; the content is invented.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from datetime import UTC, datetime, timedelta

_WORDS = (
    "machine weld plan team customer quality safety training shift report design repair measure deliver schedule "
    "support contract service material drawing assembly inspection workshop maintenance supplier order"
).split()
_START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Site(asyncio.Protocol):
    """One connection; requests of one client come one after the other."""

    def __init__(self, answers: dict[bytes, tuple[bytes, bytes, bytes]]) -> None:
        self._answers = answers
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            request, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            tag, whole, not_modified = self._answers.get(request.split(b" ", 2)[1], self._answers[b""])
            self._transport.write(not_modified if tag and tag in request else whole)


def answers(pages: int, url: str, every: int = 3) -> dict[bytes, tuple[bytes, bytes, bytes]]:
    """By path: the ETag, the whole answer, and the one for those who have it."""
    rng = random.Random(11)
    found = {
        b"": _answer(b"no such page", "text/plain", status="404 Not Found"),
        b"/robots.txt": _answer(f"User-agent: *\nAllow: /\nSitemap: {url}sitemap.xml\n".encode(), "text/plain"),
        b"/": _answer(_page("Careers at Northmill", rng, ""), "text/html; charset=utf-8"),
    }
    entries = []
    for number in range(pages):
        path, modified = f"jobs/{number}", (_START + timedelta(hours=number)).isoformat()
        entries.append(f"<url><loc>{url}{path}</loc><lastmod>{modified}</lastmod></url>")
        body = _page(f"Welder {number}", rng, _markup(number, rng) if number % every == 0 else "")
        found[f"/{path}".encode()] = _answer(body, "text/html; charset=utf-8")
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(entries)}</urlset>'
    found[b"/sitemap.xml"] = _answer(sitemap.encode(), "application/xml")
    return found


def _answer(body: bytes, kind: str, status: str = "200 OK") -> tuple[bytes, bytes, bytes]:
    tag = f'"{abs(hash(body)):x}"' if status.startswith("200") else ""
    head = f"Content-Type: {kind}\r\n" + (f"ETag: {tag}\r\n" if tag else "")
    whole = f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    return tag.encode(), whole, f"HTTP/1.1 304 Not Modified\r\n{head}\r\n".encode()


def _text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize() + "."


def _markup(number: int, rng: random.Random) -> str:
    posting = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": f"Welder {number}",
        "identifier": {"@type": "PropertyValue", "value": str(number)},
        "description": "".join(f"<p>{_text(rng, 40)}</p>" for _ in range(12)),
        "datePosted": "2026-03-02",
        "employmentType": "FULL_TIME",
        "hiringOrganization": {"@type": "Organization", "name": "Northmill"},
        "jobLocation": {
            "@type": "Place",
            "address": {"@type": "PostalAddress", "addressLocality": "Leeds", "addressCountry": "GB"},
        },
    }
    return f'<script type="application/ld+json">{json.dumps(posting)}</script>'


def _page(title: str, rng: random.Random, markup: str) -> bytes:
    """About 100 KB, most of it what every page of a site repeats."""
    navigation = "".join(f'<li class="nav-item"><a href="/about/{i}">{_text(rng, 2)}</a></li>' for i in range(80))
    script = "".join(f"window.state['{i}']={{value:'{_text(rng, 6)}'}};" for i in range(300))
    rows = "".join(f'<div class="row row-{i % 7}"><p>{_text(rng, 30)}</p></div>' for i in range(200))
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{markup}<script>{script}</script></head>"
        f"<body><ul>{navigation}</ul><h1>{title}</h1>{rows}<a class=button href=/apply>Apply now</a></body></html>"
    ).encode()


async def main(pages: int, every: int) -> None:
    """Serves until the input ends."""
    loop = asyncio.get_running_loop()
    found: dict[bytes, tuple[bytes, bytes, bytes]] = {}
    server = await loop.create_server(lambda: Site(found), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    found.update(answers(pages, url, every))
    print(url, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
