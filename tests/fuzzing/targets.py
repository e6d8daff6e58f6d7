"""The readers of outside input, each as a function of bytes that raises where the reader breaks its word.

A reader keeps its word if it answers, or refuses with the error that it names, and if what it answers can be stored and
shown: text that a database takes, JSON that every reader takes, addresses of the web.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.extraction import read_page
from crawler.middlewares.retry import retry_after
from crawler.pages import Page, ReadPosting
from crawler.robots import read_rules
from crawler.sources import boards
from crawler.sources.feed import read_feed
from crawler.sources.sitemap_file import read_sitemap
from hirewatch import config, site_lists
from postings import record, urls
from postings.errors import ConfigurationError, UsageError
from postings.posting import Posting
from postings.query import Query, QueryError, Subject, parse
from postings.reading import read_posting
from postings.sites import RobotsAnswer
from scheduler import cron
from storage.engine import can_hold
from tests.crawler.boards.answering import VENDORS, Invented

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
URL = "https://careers.example.com/jobs/4711"


@dataclass(frozen=True, slots=True)
class Target:
    """A reader under test."""

    name: str
    run: Callable[[bytes], None]
    #: what it reads on good days
    seeds: tuple[bytes, ...]


def _text(data: bytes) -> str:
    # as a command line brings what is no UTF-8
    return data.decode("utf-8", "surrogateescape")


def storable(value: Any) -> None:
    """Raises unless the value can be stored as JSON in any database and read back as it was."""
    written = json.dumps(value, allow_nan=False, ensure_ascii=False)
    written.encode()
    assert can_hold(written.replace("\\u0000", "\0")), value
    assert json.loads(written) == value


def _is_web(url: str) -> None:
    assert urlsplit(url).scheme in {"http", "https"}, url
    assert urls.parse(url) == url, url


def _posting(posting: Posting) -> None:
    said = record.body(posting)
    storable(said)
    if said["url"] is not None:
        _is_web(said["url"])
    Subject.of({**said, "site": "acme", "state": "open", "first_seen": "2026-11-26T09:00:00Z"})


def read_pages(data: bytes) -> None:
    """HTML, and everything that is taken for it."""
    for links in (False, True):
        reading = read_page(Page(url=URL, body=data, content_type="text/html"), links=links, problems=links)
        for read in reading.postings:
            _posting(read.posting)
        for link in reading.links:
            _is_web(link.url)


def read_scripts(data: bytes) -> None:
    """What stands in a JSON-LD script, and the JobPosting in it."""
    read_pages(b'<!doctype html><script type="application/ld+json">' + data + b"</script>")
    with suppress(ValueError, RecursionError):
        raw = json.loads(data)
        if isinstance(raw, dict):
            read = read_posting({"@type": "JobPosting", **raw}, page_url=URL)
            if isinstance(read, Posting):
                _posting(read)


def read_sitemaps(data: bytes) -> None:
    """Sitemaps, packed ones and plain lists too."""
    found = read_sitemap(data, "https://careers.example.com/sitemap.xml", measured=True, limit=1_000_000)
    for entry in found.entries:
        _is_web(entry.url)


def read_feeds(data: bytes) -> None:
    """RSS, Atom and JSON Feed."""
    for entry in read_feed(data, "https://careers.example.com/feed"):
        _is_web(entry.url)


def read_robots(data: bytes) -> None:
    """robots.txt."""
    rules = read_rules(RobotsAnswer(status=200, body=data, fetched_at=NOW), "hirewatch")
    assert rules.allows(URL) in {True, False}
    assert rules.crawl_delay is None or 0 < rules.crawl_delay <= 60
    assert all(isinstance(line, str) for line in rules.sitemaps)


def read_boards(data: bytes) -> None:
    """An answer of a board: of the vendor whose it seems to be, and of each one's list."""
    if found := boards.read_answer(data, None):
        _read(found[1])
    for vendor in boards.VENDORS.values():
        board = boards.Board(vendor=vendor.name, name="acme", url=URL, home=URL, api=URL)
        page = vendor.read_list(board, vendor.first_request(board), data)
        _read(read for row in page.rows[:50] if isinstance(read := boards.read_row(board, row), ReadPosting))
        for row in page.rows[:50]:
            boards.read_row(board, row, data)


def _read(found: Iterable[ReadPosting]) -> None:
    for read in found:
        _posting(read.posting)


_RECORD: Mapping[str, Any] = {
    **record.body(Posting(title="Senior Welder", url=URL)),
    "site": "acme", "state": "open", "first_seen": "2026-11-25T09:00:00Z", "last_seen": "2026-11-26T09:00:00Z",
}  # fmt: skip


def read_queries(data: bytes) -> None:
    """What people type into the search."""
    with suppress(QueryError):
        _ask(parse(_text(data)))


def _ask(query: Query) -> None:
    assert query.in_words()
    subject = Subject.of(_RECORD)
    assert query.matches(subject, NOW) == (not query.misses(subject, NOW)) or query.tree is None


def read_configuration(data: bytes) -> None:
    """hirewatch.toml."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "hirewatch.toml")
        file.write_bytes(data)
        with suppress(ConfigurationError):
            assert config.load(file).crawl.delay >= 0


def read_site_lists(data: bytes) -> None:
    """What `sites import` takes."""
    with suppress(UsageError):
        for wanted in site_lists.read(data, "list"):
            _is_web(wanted.start_url)


def read_words(data: bytes) -> None:
    """Short texts of headers and options: addresses, Retry-After, cron lines."""
    text = _text(data)
    for base in (None, URL):
        if (url := urls.parse(text, base)) is not None:
            _is_web(url)
            urls.key(url)
            urls.host_key(url)
    wait = retry_after(data, NOW)
    assert wait is None or wait >= 0
    with suppress(UsageError):
        cron.check(text, "Europe/Berlin")
        assert cron.after(text, "Europe/Berlin", NOW) > NOW


_LD = b"""{"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder", "datePosted": "2026-11-01",
"validThrough": "2026-12-31T23:59:59+01:00", "employmentType": ["FULL_TIME", "teilzeit"], "description": "<p>We <b>weld</b>.</p>",
"hiringOrganization": {"@type": "Organization", "name": "Acme", "sameAs": "https://acme.example", "logo": {"url": "/l.png"}},
"identifier": {"@type": "PropertyValue", "name": "Acme", "value": "R-1234"}, "jobLocationType": "TELECOMMUTE",
"jobLocation": [{"@type": "Place", "address": {"@type": "PostalAddress", "addressLocality": "Berlin", "addressCountry": "DE",
"postalCode": "10115", "streetAddress": "Weg 1"}, "geo": {"latitude": "52,5", "longitude": 13.4}}],
"applicantLocationRequirements": {"@type": "Country", "name": "Germany"}, "url": "/jobs/4711", "directApply": "true",
"baseSalary": {"@type": "MonetaryAmount", "currency": "EUR", "value": {"@type": "QuantitativeValue", "minValue": "60.000,00",
"maxValue": 75e3, "unitText": "YEAR"}}, "skills": ["MIG", "TIG"], "industry": "Metal", "experienceRequirements":
{"@type": "OccupationalExperienceRequirements", "monthsOfExperience": 24}}"""

_MICRODATA = b"""<html lang=de><head><title>x</title><link rel=canonical href=/jobs/1><base href="/de/"></head><body>
<div itemscope itemtype="http://schema.org/JobPosting"><h1 itemprop=title>Welder</h1><time itemprop=datePosted datetime=2026-11-01>
</time><div itemprop=description><ul><li>weld</ul></div><span itemprop=jobLocation itemscope itemtype="https://schema.org/Place">
<span itemprop=address>Berlin</span></span></div><a rel=next href="?page=2">more</a></body></html>"""

_RDFA = b"""<div vocab="https://schema.org/" typeof="JobPosting" resource="#job"><span property="title">Welder</span>
<meta property="datePosted" content="2026-11-01"><div property="hiringOrganization" typeof="Organization"><b property="name">Acme</b>
</div></div>"""

_SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>https://careers.example.com/jobs/1?a=1&amp;b=2</loc><lastmod>2026-11-01T10:00Z</lastmod>
<xhtml:link rel="alternate" hreflang="de" href="/de/1"/></url><url><loc><![CDATA[ /jobs/2 ]]></loc></url></urlset>"""

_INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/jobs.xml.gz</loc></sitemap></sitemapindex>"""

_RSS = b"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><item><title>Welder</title><link>https://careers.example.com/1
</link><guid isPermaLink="true">https://careers.example.com/1</guid></item></channel></rss>"""

_ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="alternate" href="/jobs/2"/><id>urn:2</id></entry></feed>"""

_JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/jobs/1"}, {"external_url": "x"}]}"""

_ROBOTS = b"""User-agent: *\nDisallow: /private/*.html$\nAllow: /jobs\nCrawl-delay: 2.5\n\nUser-Agent: hirewatch/1.0\nDisallow: /x\n
Sitemap: https://careers.example.com/sitemap.xml\n# end"""

_CONFIGURATION = b"""database = "sqlite:////tmp/x.db"\n[crawl]\ndelay = 2\nkeep_responses = "30d"\n[network]\nallow_addresses = ["10.0.0.0/8"]\n
[serve]\nport = 8777\nnames = ["a", "b"]\n[cadence]\nshortest = "15m"\nrequests_a_day = 10\n[keep]\nvisits = "forever"\n"""

_QUERIES = (
    b'welder location:berlin -title:"senior welder" (remote:yes OR salary>=60k EUR) posted<7d',
    b"employer:acme type:full-time lang:de is:open first>=2026-11-01 has:salary closes<14d",
    "Köln OR München -intern*".encode(),
)

_SITE_LISTS = (
    b"https://a.example/jobs alpha\n# others\n\nb.example\n",
    b'url;name;every;cron;zone\r\n"https://a.example";a;6h;;\r\nb.example;;;0 7 * * 1-5;Europe/Berlin\r\n',
    b'[{"site": "a", "url": "https://a.example/", "every": 21600, "scope": {"set": "/acme"}, "render": false}, "b.example"]',
)

_WORDS = (
    b"HTTPS://User@Example.com:443/a/../b?utm_source=x#f", b"//careers.example.com/jobs", b"?page=2", b"http://0x7f.1/",
    b"Wed, 21 Oct 2026 07:28:00 GMT", b"120", b"0 7 * * 1-5", b"*/15 8-18 1,15 * MON#2", b"@daily", "http://①②⑦.⓪.⓪.①/".encode(),
)  # fmt: skip


def _answers() -> tuple[bytes, ...]:
    """An answer of each vendor's list, and one of a posting where it has some."""
    found = []
    for name in VENDORS:
        said = Invented.of(name)
        found += [said.exchanges[0].body, *list(said.details.values())[:1]]
    return tuple(found)


_PAGE = (
    b"<!doctype html><html><head><title>Jobs</title></head><body><script type='application/ld+json'>"
    + _LD
    + b"</script>"
)

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("pages", read_pages, (_PAGE, _MICRODATA, _RDFA)),
        Target(
            "scripts", read_scripts, (_LD, b'{"@graph": [' + _LD + b', {"@id": "#a"}]}', b"<!-- [" + _LD + b"] -->")
        ),
        Target(
            "sitemaps",
            read_sitemaps,
            (_SITEMAP, _INDEX, b"https://careers.example.com/1\nhttps://careers.example.com/2\n"),
        ),
        Target("feeds", read_feeds, (_RSS, _ATOM, _JSON_FEED)),
        Target("robots", read_robots, (_ROBOTS,)),
        Target("boards", read_boards, _answers()),
        Target("queries", read_queries, _QUERIES),
        Target("configuration", read_configuration, (_CONFIGURATION,)),
        Target("site-lists", read_site_lists, _SITE_LISTS),
        Target("words", read_words, _WORDS),
    )
}
