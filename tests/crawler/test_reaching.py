"""Reaching every posting: feeds alone, translations, redirects, few postings among many pages, lists that are
compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.sources.feed import names_feed
from postings.sites import Health, Known, SourceKind
from postings.visits import Absence
from tests.crawler.test_finding import and_barren
from tests.crawler.visits import FAST, Crawling, Visited
from tests.sites.layouts import BASE, LAYOUTS, Layout, StaticSite, Told, job, links, page, redirect, sitemap

HEALTHY = Health(last_complete_at=datetime(2026, 11, 25, tzinfo=UTC))


@contextmanager
def served(layout: Layout) -> Iterator[StaticSite]:
    with StaticSite(layout) as site:
        yield site


def of(pages: dict[str, Told], start: str) -> Layout:
    return Layout(pages=pages, start=start, titles=frozenset())


def at_once(known: Known) -> Known:
    """As if the visit before had been a minute ago: nothing is due by time alone."""
    just_now = datetime.now(UTC) - timedelta(minutes=1)
    return replace(known, pages={key: replace(one, last_read_at=just_now) for key, one in known.pages.items()})


def again(crawling: Crawling, before: Visited, url: str) -> Visited:
    return crawling.visit(url, source=before.told.source, known=at_once(and_barren(before)), health=HEALTHY)


# feeds


def test_a_site_whose_only_source_is_a_feed_is_watched_by_it(crawling: Crawling) -> None:
    with served(LAYOUTS["a_feed_alone"]()) as site:
        first = crawling.visit(site.url)
        assert first.told.source is not None
        assert (first.told.source.kind, first.told.source.feeds) == (SourceKind.FEED, ())
        assert (len(first.sightings), first.told.listing.newest_only, first.told.listing.whole) == (8, True, False)
        assert first.told.listing.doubts == ()
        second = again(crawling, first, site.url)
        assert len(second.unchanged) == 8


def test_a_posting_that_left_the_feed_is_asked_for_and_found_gone_only_by_its_own_page(crawling: Crawling) -> None:
    feed = LAYOUTS["a_feed_alone"]()
    with served(feed) as site:
        first = crawling.visit(site.url)
    kept, gone, *rest = [path for path in feed.pages if path.startswith("/offers/")]
    items = "".join(f"<item><link>{BASE}{path}</link></item>" for path in rest)
    changed = {**feed.pages, "/jobs.rss": Told(body=f"<rss><channel>{items}</channel></rss>"), gone: Told(status=404)}
    site = StaticSite(replace(feed, pages=changed), at=site)
    with site:
        second = again(crawling, first, site.url)
    assert {look.url.partition("/offers")[2]: look.absence for look in second.told.looks} == {
        gone.removeprefix("/offers"): Absence.NOT_FOUND
    }
    assert any(one.page.url.endswith(kept) for one in second.unchanged)
    assert second.told.listing.doubts == ()


def test_a_feed_that_is_gone_is_replaced_by_the_list_that_is_there_by_now(crawling: Crawling) -> None:
    feed = LAYOUTS["a_feed_alone"]()
    with served(feed) as site:
        first = crawling.visit(site.url)
    paths = [path for path in feed.pages if path.startswith("/offers/")]
    pages = {path: told for path, told in feed.pages.items() if path != "/jobs.rss"}
    with StaticSite(replace(feed, pages={**pages, "/careers": page(links(paths))}), at=site) as site:
        second = again(crawling, first, site.url)
    assert second.told.source is not None
    assert second.told.source.kind is SourceKind.LIST
    assert second.told.listing.whole


def test_an_empty_feed_is_told_from_what_is_none() -> None:
    assert names_feed(b'<?xml version="1.0"?><!-- none today --><rss version="2.0"><channel/></rss>')
    assert names_feed(b'\xef\xbb\xbf{"version": "https://jsonfeed.org/version/1.1", "items": []}')
    assert not names_feed(b"<html><body>Sorry</body></html>")
    assert not names_feed(b'{"error": "not found"}')


# translations


def test_translations_that_only_the_pages_name_stay_listed_while_their_page_is(crawling: Crawling) -> None:
    with served(LAYOUTS["translations_in_the_head"]()) as site:
        first = crawling.visit(site.url)
        assert len(first.sightings) == len(first.told.listing.addresses) == 12
        second = again(crawling, first, site.url)
        assert second.told.listing.whole
        assert len(second.told.listing.addresses) == 12


def test_translations_without_postings_are_sampled_and_then_left_alone(crawling: Crawling) -> None:
    with served(LAYOUTS["translations_without_postings"]()) as site:
        first = crawling.visit(site.url)
        assert len(first.sightings) == 20
        assert sum(path.startswith("/de/") for path in site.asked) <= 3
        site.asked.clear()
        again(crawling, first, site.url)
        assert not any(path.startswith("/de/") for path in site.asked)


def test_a_sitemap_is_whole_over_the_languages_that_it_names_beside_each_page(crawling: Crawling) -> None:
    with served(LAYOUTS["translations_in_the_sitemap"]()) as site:
        visited = crawling.visit(site.url)
    assert visited.told.listing.whole
    assert len(visited.told.listing.addresses) == 16


# redirects


def test_a_listed_address_that_redirects_is_not_asked_anew_at_each_visit(crawling: Crawling) -> None:
    paths = [f"/job/{number}-title" for number in range(60)]
    short = {f"/r/{number}": redirect(path, 302) for number, path in enumerate(paths)}
    pages = {**{path: job(f"Job {path}") for path in paths}, **short, "/jobs": page(links(short))}
    with served(of(pages, "/jobs")) as site:
        first = crawling.visit(site.url)
        assert len(first.sightings) == 60
        site.asked.clear()
        second = again(crawling, first, site.url)
        asked = [path for path in site.asked if path.startswith("/r/")]
        assert 0 < len(asked) <= 15
        # listed is seen, by way of the address that led there
        assert second.told.listing.addresses >= {one.page.address for one in first.sightings}


def test_where_a_listed_address_leads_to_is_gone_with_it(crawling: Crawling) -> None:
    paths = [f"/job/{number}-title" for number in range(6)]
    short = {f"/r/{number}": redirect(path, 302) for number, path in enumerate(paths)}
    pages = {**{path: job(f"Job {path}") for path in paths}, **short, "/jobs": page(links(short))}
    with served(of(pages, "/jobs")) as site:
        first = crawling.visit(site.url)
    fewer = {**pages, "/jobs": page(links(list(short)[1:])), "/job/0-title": Told(status=410)}
    with StaticSite(of(fewer, "/jobs"), at=site) as site:
        second = again(crawling, first, site.url)
    [look] = second.told.looks
    assert (look.absence, look.url.endswith("/job/0-title")) == (Absence.GONE, True)
    assert look.address not in second.told.listing.addresses


# few among many


def test_three_postings_among_two_hundred_pages_are_found_at_the_first_visit(crawling: Crawling) -> None:
    rare = LAYOUTS["three_jobs_among_two_hundred_pages"]()
    with served(rare) as site:
        first = crawling.visit(site.url)
        assert first.titles == rare.titles
        site.asked.clear()
        again(crawling, first, site.url)
        # what holds no posting is remembered
        assert len([path for path in site.asked if path.startswith("/word-")]) <= 20


def test_a_site_without_any_posting_is_read_through_once_and_in_small_parts_later(crawling: Crawling) -> None:
    paths = [f"/word-{number}" for number in range(700)]
    pages = {**{path: page() for path in paths}, "/": page(), "/sitemap.xml": sitemap(paths)}
    with served(of(pages, "/")) as site:
        first = crawling.visit(site.url)
        assert first.told.source is None
        assert 500 <= len(site.asked) <= 530
        site.asked.clear()
        crawling.visit(site.url, known=at_once(and_barren(first)))
        assert len(site.asked) <= 70


# lists that are compared


def compared(listed: list[str], in_sitemap: list[str]) -> Layout:
    pages = {path: job(f"Job {path}") for path in {*listed, *in_sitemap}}
    return of({**pages, "/jobs": page(links(listed)), "/sitemap.xml": sitemap(in_sitemap)}, "/jobs")


def test_a_second_list_is_kept_and_what_it_names_beyond_the_first_is_listed_and_remarked_on(crawling: Crawling) -> None:
    paths = [f"/job/{number}" for number in range(100, 112)]
    with served(compared(paths[:8], paths[:8])) as site:
        first = crawling.visit(site.url)
        cost = first.told.requests
    source = first.told.source
    assert source is not None
    assert (source.kind, source.checks) == (SourceKind.SITEMAP, (site.url,))
    with StaticSite(compared(paths[:10], paths[:8]), at=site) as site:
        second = again(crawling, first, site.url)
        assert len(second.sightings) == 2
        assert len(second.told.listing.addresses) == 10
        assert second.told.listing.whole
        assert f"{site.url} names 2 postings that the sitemap lacks" in second.told.problems
        # the start page is asked anyway
        assert second.told.requests <= cost + 2


@pytest.mark.parametrize("failure", [Told(status=500), Told(status=404), page("Nothing today")])
def test_a_second_list_that_fails_or_is_empty_casts_no_doubt_on_the_first(crawling: Crawling, failure: Told) -> None:
    paths = [f"/job/{number}" for number in range(100, 108)]
    start = page(links(["/jobs/all"], "All jobs"))
    pages = {**{path: job(f"Job {path}") for path in paths}, "/jobs": start, "/sitemap.xml": sitemap(paths)}
    with served(of({**pages, "/jobs/all": page(links(paths))}, "/jobs")) as site:
        first = crawling.visit(site.url)
    assert first.told.source is not None
    assert first.told.source.checks
    with StaticSite(of({**pages, "/jobs/all": failure}, "/jobs"), at=site) as site:
        second = again(crawling, first, site.url)
    assert second.told.listing.whole
    assert len(second.told.listing.addresses) == 8
    assert any(problem.startswith("cross-check: ") for problem in second.told.problems)


# another source


def test_postings_that_left_the_start_page_for_a_list_are_followed(crawling: Crawling) -> None:
    whole = LAYOUTS["all_on_the_start_page"]()
    with served(whole) as site:
        first = crawling.visit(site.url)
    assert first.told.source is not None
    assert first.told.source.kind is SourceKind.PAGE
    paths = [f"/careers/{number}-cook" for number in range(5)]
    moved = {**{path: job(f"Job {path}") for path in paths}, "/careers": page(links(paths))}
    with StaticSite(of(moved, "/careers"), at=site) as site:
        second = again(crawling, first, site.url)
    assert second.told.source is not None
    assert second.told.source.kind is SourceKind.LIST
    assert len(second.titles) == 5


# surveys


def test_a_survey_finds_the_source_and_asks_for_few_pages(crawling: Crawling) -> None:
    paths = [f"/job/{number}" for number in range(100, 160)]
    with served(compared(paths, paths)) as site:
        visited = crawling.visit(site.url, limits=replace(FAST, survey=True))
        assert visited.told.source is not None
        assert visited.told.source.reason.endswith(
            "names 60 addresses of postings and all 60 that the list pages link to"
        )
        assert len(visited.told.listing.addresses) == 60
        assert len(site.asked) <= 6
