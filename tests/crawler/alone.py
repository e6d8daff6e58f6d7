"""Inputs that name files, addresses and programs, and what of hirewatch reads them."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from benchmarks.hostile import KINDS
from crawler.extraction import read_page
from crawler.pages import Page
from crawler.robots import read_rules
from crawler.sources.boards.personio import VENDOR as PERSONIO
from crawler.sources.embedded import embedded_addresses
from crawler.sources.feed import read_feed
from crawler.sources.sitemap_file import read_sitemap
from postings.errors import HirewatchError
from postings.query import parse
from postings.sites import RobotsAnswer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
URL = "https://acme.example/jobs/1"

#: what an input might get somebody to open
TARGETS = (
    "file:///etc/passwd",
    "/etc/passwd",
    "http://127.0.0.1:9/x",
    "//127.0.0.1:9/x",
    "ftp://127.0.0.1:9/x",
    "data:text/html,x",
    "jar:file:///etc/passwd!/x",
    "expect://id",
    "php://filter/resource=/etc/passwd",
)


def _posting(**more: object) -> str:
    return json.dumps({"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder", **more})


def _script(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def _pages(target: str) -> list[str]:
    """Pages of which something would open the target if it were let."""
    item = f'itemscope itemtype="https://schema.org/JobPosting" itemid="{target}"'
    return [
        _script(_posting(**{"@context": target})),
        _script(_posting(**{"@context": ["https://schema.org", target, {"@import": target}], "@id": target})),
        _script(_posting(sameAs=target, image=target, url=target, hiringOrganization={"@id": target, "logo": target})),
        _script(_posting(description=f"<p>x</p><img src='{target}'><iframe src='{target}'></iframe>")),
        f'<base href="{target}"><a href="x">x</a>' + _script(_posting()),
        f'<link rel="stylesheet import preload canonical alternate" href="{target}"><script src="{target}"></script>'
        f'<meta http-equiv="refresh" content="0; url={target}"><object data="{target}"></object>' + _script(_posting()),
        f'<div {item}><p itemprop="title">Welder</p><a itemprop="url" href="{target}">x</a></div>',
        f'<div vocab="{target}" prefix="s: {target}" profile="{target}" typeof="JobPosting"><p property="title">x</p></div>',
    ]


def _documents(root: str, inside: str) -> list[str]:
    """XML of which something would open each target if it were let."""
    made = []
    for target in TARGETS:
        made += [
            f'<!DOCTYPE {root} SYSTEM "{target}"><{root}>{inside}</{root}>',
            f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "{target}">]><{root}>{inside}&x;</{root}>',
            f'<!DOCTYPE {root} [<!ENTITY % x SYSTEM "{target}"> %x;]><{root}>{inside}</{root}>',
            f'<?xml-stylesheet href="{target}"?><{root} xmlns:i="http://www.w3.org/2001/XInclude">{inside}'
            f'<i:include href="{target}" parse="text"/></{root}>',
        ]
    return ['<?xml version="1.0"?>' + one for one in made]


HARMLESS: Mapping[str, Sequence[str]] = {
    "page": [f"<html><body><h1>Welder</h1>{_script(_posting())}</body></html>"],
    "sitemap": ["<urlset><url><loc>https://acme.example/jobs/1</loc></url></urlset>", "https://acme.example/jobs/1\n"],
    "feed": ["<rss><channel><item><link>https://acme.example/jobs/1</link></item></channel></rss>", '{"items": []}'],
    "board": ["<workzag-jobs><position><id>1</id></position></workzag-jobs>"],
    "embedded": ['<script id="__NEXT_DATA__" type="application/json">{"a": "/jobs/1"}</script>'],
    "robots": ["User-agent: *\nDisallow: /x\n"],
    "query": ["title:engineer -remote", "title:"],
}
HOSTILE: Mapping[str, Sequence[str]] = {
    "page": [
        *(page for target in TARGETS for page in _pages(target)),
        *(make(2_000) for make in KINDS.values()),
        *_documents("html", "<body/>"),
    ],
    "sitemap": [*_documents("urlset", "<url><loc>https://acme.example/jobs/1</loc></url>"), "\n".join(TARGETS)],
    "feed": [*_documents("rss", "<channel><item><link>https://acme.example/1</link></item></channel>")],
    "board": _documents("workzag-jobs", "<position><id>1</id></position>"),
    "embedded": [f'<script type="application/json">{json.dumps({"url": target})}</script>' for target in TARGETS],
    "robots": [f"User-agent: *\nSitemap: {target}\nDisallow: {target}\n" for target in TARGETS],
    "query": [f'url:"{target}"' for target in TARGETS] + ["$HOME", "${HOME}", "`id`", "~/x", "@/etc/passwd"],
}


def _page(body: str) -> None:
    page = Page(url=URL, body=body.encode("utf-8", "surrogatepass"), content_type="text/html; charset=utf-8")
    read_page(page, links=True, problems=True)


READERS: dict[str, Callable[[str], object]] = {
    "page": _page,
    "sitemap": lambda body: read_sitemap(body.encode(), URL, measured=True, limit=1_000),
    "feed": lambda body: read_feed(body.encode(), URL),
    "board": lambda body: PERSONIO.parse(body.encode()),
    "embedded": lambda body: embedded_addresses(body.encode(), URL),
    "robots": lambda body: read_rules(RobotsAnswer(status=200, body=body.encode(), fetched_at=NOW), "hirewatch"),
    "query": parse,
}


def careless() -> dict[str, Callable[[str], object]]:
    """The same with readers that look safe: XML that is told to load nothing, a robots.txt that is looked up."""

    def read(body: str) -> object:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, collect_ids=False)
        return etree.fromstring(body.encode(), parser)

    def look_up(body: str) -> None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", 9), 1).close()

    return {**READERS, "sitemap": read, "robots": look_up, "query": os.path.expandvars}


def attempt(read: Callable[[str], object], body: str) -> None:
    """Reads one input; that it cannot be read is an answer too."""
    with contextlib.suppress(HirewatchError, RecursionError, etree.LxmlError):
        read(body)


def watch_environment() -> set[str]:
    """The names of the environment's variables that are asked for from now on."""
    asked: set[str] = set()
    real = os.environ

    class Watched(type(real)):  # type: ignore[misc]
        def __getitem__(self, name: Any) -> Any:
            asked.add(str(name))
            return real[name]

    os.environ = Watched(real._data, real.encodekey, real.decodekey, real.encodevalue, real.decodevalue)  # type: ignore[assignment,attr-defined]  # noqa: B003
    return asked
