"""What is not asked, sent or read again of a site whose sitemap has not changed, and when it is all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.answers import Answer, Trouble
from crawler.listing import Entry
from crawler.sources.known_sitemaps import Before, SitemapFiles
from crawler.sources.sitemap import walk_sitemaps
from crawler.sources.sitemap_file import SitemapFile
from postings import urls
from postings.recheck import ROUND
from postings.sites import Known, KnownPage
from tests.crawler.answering import NOW
from tests.crawler.visits import Crawling, Visited, remembered
from tests.sites.scripted import ScriptedSite

Sites = Callable[..., ScriptedSite]
URL = "https://acme.example/sitemap.xml"
HOUR = timedelta(hours=1)


def named(*paths: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>https://acme.example{path}</loc></url>' for path in paths)}</urlset>".encode()


class Served:
    """A sitemap with an ETag, and what it was asked for."""

    def __init__(self, body: bytes, *, etag: str | None = '"a"') -> None:
        self.body, self.etag = body, etag
        self.conditional: list[bool] = []

    async def ask(self, url: str, *, known: KnownPage | None = None, large: bool = False) -> Answer:
        self.conditional.append(known is not None)
        if known is not None and self.etag is not None and known.etag == self.etag:
            return Answer(asked=url, url=url, at=NOW, status=304, etag=self.etag)
        return Answer(asked=url, url=url, at=NOW, status=200, body=self.body, etag=self.etag)


def walked(served: Served, files: SitemapFiles, after: timedelta = timedelta()) -> list[str]:
    before = Before(files, served.ask, NOW + after)
    listed = asyncio.run(
        walk_sitemaps(served.ask, [URL], start_url="https://acme.example/", limit=10**6, before=before)
    )
    assert listed.doubts == []
    return list(listed.entries)


def test_a_sitemap_that_has_not_changed_is_not_sent_again_and_names_the_same() -> None:
    served, files = Served(named("/jobs/1", "/jobs/2")), SitemapFiles()
    first = walked(served, files)
    served.body = b"never sent"
    assert walked(served, files, HOUR) == first == ["acme.example/jobs/1", "acme.example/jobs/2"]
    assert served.conditional == [False, True]


def test_a_sitemap_that_has_changed_is_read() -> None:
    served, files = Served(named("/jobs/1")), SitemapFiles()
    walked(served, files)
    served.body, served.etag = named("/jobs/2"), '"b"'
    assert walked(served, files, HOUR) == ["acme.example/jobs/2"]


def test_a_sitemap_whose_etag_stands_still_is_sent_whole_once_a_day() -> None:
    served, files = Served(named("/jobs/1")), SitemapFiles()
    walked(served, files)
    served.body = named("/jobs/1", "/jobs/2")
    assert len(walked(served, files, ROUND - HOUR)) == 1
    assert len(walked(served, files, ROUND)) == 2


def test_the_same_bytes_are_not_read_again() -> None:
    files, answer = SitemapFiles(), Answer(asked=URL, url=URL, at=NOW, status=200, body=named("/jobs/1"))
    file = SitemapFile("urlset")
    files.keep(URL, answer, file)
    assert files.as_before(URL, answer) is file
    assert files.as_before(URL, replace(answer, body=named("/jobs/2"))) is None


@pytest.mark.parametrize("odd", [{"whole": False}, {"trouble": Trouble.CUT}, {"status": 503, "body": b""}])
def test_an_answer_that_is_none_does_not_stand_for_the_file(odd: dict[str, Any]) -> None:
    files, answer = SitemapFiles(), Answer(asked=URL, url=URL, at=NOW, status=200, body=named("/jobs/1"))
    files.keep(URL, answer, SitemapFile("urlset"))
    assert files.as_before(URL, replace(answer, **odd)) is None


def test_a_doubtful_file_is_not_kept() -> None:
    files, answer = SitemapFiles(), Answer(asked=URL, url=URL, at=NOW, status=200, body=named("/jobs/1"))
    files.keep(URL, answer, SitemapFile("urlset", doubt="cut off"))
    assert files.known(URL, NOW) is None


def test_files_take_no_more_room_than_they_may() -> None:
    files = SitemapFiles(most=3)
    for number in range(5):
        served = Served(named("/jobs/1", "/jobs/2"))
        url = f"https://acme.example/{number}.xml"
        answer = asyncio.run(served.ask(url))
        files.keep(url, answer, SitemapFile("urlset", (Entry.of(url), Entry.of(url))))
    assert [files.known(f"https://acme.example/{number}.xml", NOW) is not None for number in range(5)] == [
        False, False, False, False, True,
    ]  # fmt: skip


# whole visits


def known_of(visited: Visited, *, earlier: timedelta = timedelta()) -> Known:
    """What storage hands over after a visit, with its list pages, as if that had been `earlier`."""
    known = remembered(visited)
    pages = {**known.pages, **visited.told.list_pages}
    return replace(
        known,
        pages={
            key: replace(page, last_read_at=page.last_read_at and page.last_read_at - earlier)
            for key, page in pages.items()
        },
    )


def again(
    crawling: Crawling, site: ScriptedSite, before: Visited, *, earlier: timedelta = HOUR
) -> tuple[Visited, bool]:
    """A visit an hour, or `earlier`, after the first, and whether it asked the start page."""
    begin = len(site.log)
    visited = crawling.visit(site.url, source=before.told.source, known=known_of(before, earlier=earlier))
    return visited, urlsplit(site.url).path in [access.path for access in site.log[begin:]]


def test_a_site_whose_sitemap_names_all_that_was_open_is_visited_without_its_start_page(
    crawling: Crawling, sites: Sites
) -> None:
    site = sites(5, layout="sitemap")
    first = crawling.visit(site.url)
    second, asked_start = again(crawling, site, first)
    assert not asked_start
    assert second.told.listing.whole
    assert second.told.listing.addresses == first.told.listing.addresses
    assert len(second.unchanged) == 5


def test_the_start_page_is_asked_once_a_day(crawling: Crawling, sites: Sites) -> None:
    site = sites(5, layout="sitemap")
    assert again(crawling, site, crawling.visit(site.url), earlier=ROUND)[1]


def test_the_start_page_is_asked_where_the_sitemap_lacks_what_was_open(crawling: Crawling, sites: Sites) -> None:
    site = sites(5, layout="sitemap")
    first = crawling.visit(site.url)
    site.close(site.open_jobs()[0])
    second, asked_start = again(crawling, site, first)
    assert asked_start
    assert second.told.start_status == 200
    assert len(second.told.looks) == 1


@pytest.mark.parametrize("status", [404, 500])
def test_the_start_page_is_asked_where_the_sitemap_fails(crawling: Crawling, sites: Sites, status: int) -> None:
    site = sites(5, layout="sitemap")
    first = crawling.visit(site.url)
    site.outage(status, on="sitemap")
    assert again(crawling, site, first)[1]


def test_a_new_posting_is_found_without_the_start_page(crawling: Crawling, sites: Sites) -> None:
    site = sites(5, layout="sitemap")
    first = crawling.visit(site.url)
    site.open()
    second, asked_start = again(crawling, site, first)
    assert not asked_start
    assert len(second.sightings) == 1
    assert {urls.key(one.page.url) for one in second.sightings} <= second.told.listing.addresses
