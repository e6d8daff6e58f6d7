"""Feeds and embedded state: more addresses, never proof of absence."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import Link
from crawler.sources.embedded import embedded_addresses, loaded_parts
from crawler.sources.feed import feeds_of, read_feed
from crawler.sources.sitemap_file import read_sitemap
from hirewatch.demo.http_server import Answer
from postings.sites import SourceKind
from tests.crawler.visits import Crawling
from tests.sites.scripted import ScriptedSite

Sites = Callable[..., ScriptedSite]
BASE = "https://acme.example/feed"

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<atom:link href="https://acme.example/feed" rel="self"/><link>https://acme.example/</link>
<item><title>Welder</title><link>https://acme.example/jobs/1</link></item>
<item><title>Nurse</title><guid>https://acme.example/jobs/2</guid></item>
<item><title>Cook</title><guid isPermaLink="false">tag:3</guid></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://acme.example/"/>
<entry><link rel="edit" href="/edit/1"/><link href="/jobs/1"/></entry>
<entry><link rel="alternate" href="https://acme.example/jobs/2"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<item rdf:about="x"><link>https://acme.example/jobs/1</link></item>
<item rdf:about="y"><link>https://acme.example/jobs/2</link></item></rdf:RDF>"""
JSON = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/jobs/1"}, {"url": "/jobs/2"}, 7]})

#: what employers write for job search engines
ENGINE = """<?xml version="1.0"?><source><publisher>Acme</publisher><publisherurl>https://acme.example</publisherurl>
<job><title>Welder</title><url><![CDATA[ https://acme.example/jobs/1 ]]></url><company>Acme</company></job>
<job><title>Nurse</title><url>https://acme.example/jobs/2</url></job><job><title>Cook</title></job></source>"""
DATA = json.dumps(
    {"jobs": [{"title": "Welder", "href": "/jobs/1"}, {"links": {"self": "https://acme.example/jobs/2"}}]}
)
KINDS = ["RSS 2.0", "Atom", "RSS 1.0", "JSON Feed", "job search engine", "JSON"]


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, JSON, ENGINE, DATA], ids=KINDS)
def test_the_items_of_every_kind_of_feed_are_addresses(body: str) -> None:
    found = [entry.url for entry in read_feed(body.encode(), BASE)]
    assert found == ["https://acme.example/jobs/1", "https://acme.example/jobs/2"]


@given(st.binary(max_size=300) | st.sampled_from([RSS, ATOM, JSON]).map(lambda text: text[:200].encode()))
def test_anything_else_is_a_feed_without_items_and_no_error(body: bytes) -> None:
    assert isinstance(read_feed(body, BASE), tuple)


def test_only_declared_feeds_of_the_site_itself_are_read() -> None:
    alternate = frozenset({"alternate"})
    links = [
        Link("https://acme.example/jobs.rss", "", alternate, "link", "application/rss+xml"),
        Link("https://other.example/jobs.rss", "", alternate, "link", "application/rss+xml"),
        Link("https://acme.example/de", "", alternate, "link", None),
        Link("https://acme.example/rss", "RSS", frozenset(), "a", None),
    ]
    assert feeds_of(links, "https://acme.example/") == ["https://acme.example/jobs.rss"]


def test_a_feed_in_place_of_a_sitemap_names_addresses() -> None:
    file = read_sitemap(RSS.encode(), BASE, measured=True, limit=1000)
    assert (file.kind, len(file.entries)) == ("feed", 2)


def test_a_feed_for_job_search_engines_in_place_of_a_sitemap_names_addresses() -> None:
    body = b"<source><publisher>Acme</publisher><job><url><![CDATA[https://acme.example/jobs/1]]></url></job></source>"
    file = read_sitemap(body, BASE, measured=True, limit=1000)
    assert (file.kind, [entry.url for entry in file.entries]) == ("feed", ["https://acme.example/jobs/1"])


def test_extensions_of_a_sitemap_do_not_hide_its_addresses() -> None:
    body = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/i/1.1">
      <url><xhtml:link rel="alternate" hreflang="de" href="https://acme.example/de/1"/>
        <image:image><image:loc>https://acme.example/1.png</image:loc></image:image>
        <loc>https://acme.example/jobs/1</loc><lastmod>2026-11-01</lastmod></url>
      <url><loc>https://acme.example/jobs/2</loc><news:news><news:title>New job</news:title>
        <news:publication_date>2026-11-02</news:publication_date></news:news></url></urlset>"""
    file = read_sitemap(body, BASE, measured=True, limit=1000)
    assert [(entry.url, entry.lastmod) for entry in file.entries] == [
        ("https://acme.example/jobs/1", "2026-11-01"),
        ("https://acme.example/de/1", "2026-11-01"),
        ("https://acme.example/jobs/2", None),
    ]
    assert file.doubt == ""


def test_a_posting_that_only_the_feed_names_is_found_and_the_list_stays_whole(crawling: Crawling, sites: Sites) -> None:
    site = sites(8, layout="both")
    hidden = site.open_jobs()[2]
    items = "".join(f"<item><link>{site.address(handle)}</link></item>" for handle in site.open_jobs()[:4])
    feed = f"<rss><channel>{items}</channel></rss>".encode()
    site._damage("/jobs.rss", lambda request, answer: Answer(status=200, body=feed, content_type="application/rss+xml"))
    declared = b'<link rel="alternate" type="application/rss+xml" href="/jobs.rss"></head>'
    site._damage(
        "start", lambda request, answer: replace(answer, body=answer.body.replace(b"</head>", declared), modified=None)
    )
    first = crawling.visit(site.url)
    assert first.told.source is not None
    assert first.told.source.kind is SourceKind.SITEMAP
    assert first.told.source.feeds == (f"{site.origin}/jobs.rss",)
    site.unlist(hidden)
    second = crawling.again(first, site.url)
    assert second.told.listing.whole
    assert len(second.told.listing.addresses) == 8
    site._damages.clear()
    third = crawling.again(first, site.url)
    assert third.told.listing.whole, "a feed that is gone casts no doubt"
    assert len(third.told.listing.addresses) == 7


def test_addresses_in_embedded_state_are_found() -> None:
    state = {"props": {"jobs": [{"path": "/jobs/1-welder", "title": "Welder"}, {"url": "https://acme.example/jobs/2"}]}}
    plain = json.dumps(state).encode()
    escaped = json.dumps(state).replace("/", "\\/").encode()
    twice = json.dumps(json.dumps(state)).encode()
    for text in (plain, escaped, twice):
        body = b'<html><script id="__NEXT_DATA__" type="application/json">' + text + b"</script></html>"
        assert embedded_addresses(body, BASE) == ["https://acme.example/jobs/1-welder", "https://acme.example/jobs/2"]


@pytest.mark.parametrize(
    "body",
    [
        """<div data-page="{&quot;jobs&quot;:[{&quot;u&quot;:&quot;/jobs/1?a=b&amp;c=d&quot;},{&quot;u&quot;:&quot;/jobs/2&quot;}]}">""",
        """<job-list :jobs='[{"u": "/jobs/1?a=b&c=d"}, {"u": "/jobs/2"}]'></job-list>""",
        """<script>self.__next_f.push([1,"a:{\\"u\\":\\"/jobs/1?a=b\\u0026c=d\\",\\"v\\":\\"/jobs/2\\"}"])</script>""",
        """<select><option value="">all<option value="m/w">m/w<option value="/jobs/1?a=b&amp;c=d">1<option value=/jobs/2>2""",
        """<button data-next-url="/jobs/1?a=b&amp;c=d"></button><turbo-frame id="x" src="/jobs/2"></turbo-frame>""",
        """<p onclick="window.open('/jobs/1?a=b&amp;c=d')"></p><tr routerLink="/jobs/2">""",
        """<tr onclick="location.href = &quot;/jobs/1?a=b&amp;c=d&quot;"><tr onclick='location.href="/jobs/2"'>""",
        """<a href="javascript:void(window.open('/jobs/1?a=b&amp;c=d','job'))">1</a><a onclick="open()" href="javascript:location='/jobs/2'">""",
        """<job-card class="x" href="/jobs/1?a=b&amp;c=d"></job-card><router-link to='/jobs/2'>2</router-link>""",
        """<script>s = JSON.parse(decodeURIComponent("%5B%22%2Fjobs%2F1%3Fa%3Db%26c%3Dd%22%2C%22%2Fjobs%2F2%22%5D"))</script>""",
    ],
    ids=[
        "attribute", "attribute in single quotes", "Next.js", "choices", "what is loaded", "what is clicked",
        "other quotes", "script in a link", "elements of its own", "percent-encoded",
    ],
)  # fmt: skip
def test_addresses_are_found_wherever_a_page_hands_them_to_its_scripts(body: str) -> None:
    found = embedded_addresses(body.encode(), BASE)
    assert [url.removeprefix("https://acme.example") for url in found] in (
        ["/jobs/1?a=b&c=d", "/jobs/2"],
        ["/jobs/2", "/jobs/1?a=b&c=d"],
    )


def test_of_a_script_that_nothing_marks_only_addresses_of_one_kind_count() -> None:
    body = rb"""<script>var jobs = [{"u": "\/jobs\/1"}, {"u": "\/jobs\/2"}]; load("/api/all", "/about")</script>"""
    assert embedded_addresses(body, BASE) == ["https://acme.example/jobs/1", "https://acme.example/jobs/2"]


def test_a_program_may_write_addresses_in_single_quotes() -> None:
    body = rb"""<script>var jobs = [{u: '/jobs/1'}, {u: '\/jobs\/2'}]; load('/api/all', "it's", '/about')</script>"""
    assert embedded_addresses(body, BASE) == ["https://acme.example/jobs/1", "https://acme.example/jobs/2"]


def test_only_what_a_page_loads_by_itself_is_a_part_of_it() -> None:
    body = b"""<turbo-frame id=a src="/a"></turbo-frame><div hx-trigger="load delay:1s" hx-get="/b"></div>
      <button hx-get="/c">C</button><div hx-get="/d" hx-trigger="click"></div><turbo-frame id=e></turbo-frame>
      <include-fragment src="https://other.example/f"></include-fragment>"""
    assert loaded_parts(body, BASE) == ["https://acme.example/a", "https://acme.example/b"]


def test_a_list_that_the_page_loads_into_itself_is_found(crawling: Crawling, sites: Sites) -> None:
    site = sites(12, layout="list")
    rows = "".join(f'<a href="{site.address(handle)}">Job</a>' for handle in site.open_jobs())
    shell = '<html><body><div hx-get="/careers/jobs/list" hx-trigger="load"></div></body></html>'
    site._damage("start", lambda request, answer: Answer(status=200, body=shell.encode()))
    site._damage("/careers/jobs/list", lambda request, answer: Answer(status=200, body=rows.encode()))
    assert len(crawling.visit(site.url).sightings) == 12


def test_markup_of_other_kinds_is_no_embedded_state() -> None:
    body = b'<script type="application/ld+json">{"url": "/jobs/1"}</script><script>var a = "/jobs/2"</script>'
    assert embedded_addresses(body, BASE) == []


def test_a_page_that_shows_its_list_by_script_only_is_read_by_its_state(crawling: Crawling, sites: Sites) -> None:
    site = sites(5, layout="list")
    jobs = [{"href": site.address(handle).removeprefix(site.origin)} for handle in site.open_jobs()]
    state = json.dumps({"jobs": jobs}).encode()
    body = b'<html><body><div id="root"></div><script id="__NEXT_DATA__">' + state + b"</script></body></html>"
    site._damage("start", lambda request, answer: Answer(status=200, body=body))
    visited = crawling.visit(site.url)
    assert len(visited.sightings) == 5
    assert visited.told.source is not None
    assert visited.told.source.kind is SourceKind.LIST


def test_load_more_links_are_followed(crawling: Crawling, sites: Sites) -> None:
    site = sites(6, layout="list")
    handles = site.open_jobs()

    def part(request: object, answer: Answer) -> Answer:
        after = getattr(request, "query").get("after")  # noqa: B009
        begin = handles.index(after) + 1 if after else 0
        links = "".join(f'<a href="{site.address(handle)}">Job</a>' for handle in handles[begin : begin + 2])
        more = f'<a href="?after={handles[begin + 1]}">Load more</a>' if begin + 2 < len(handles) else ""
        return Answer(status=200, body=f"<html><body>{links}{more}</body></html>".encode())

    site._damage("start", part)
    visited = crawling.visit(site.url)
    assert len(visited.sightings) == 6
    assert visited.told.listing.whole, visited.told.listing.doubts


@pytest.mark.parametrize(
    "piece", ["<script>'/a", "<script ", "<a hx-get=", "<my-a href=", "<turbo-frame src='", "<a onclick='location "]
)
def test_a_page_made_to_be_slow_is_searched_at_once(piece: str) -> None:
    body = (piece * 40_000).encode()
    began = time.process_time()
    embedded_addresses(body, BASE)
    loaded_parts(body, BASE)
    assert time.process_time() - began < 3
