"""Whole visits of a career site on loopback, through Scrapy, the reader processes and every middleware."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from crawler.connection import Limits
from postings import urls
from postings.sites import Known, KnownPage, SourceKind
from postings.visits import Absence
from tests.crawler.hostile.server import Hostile, answer
from tests.crawler.visits import FAST, Crawling, Visited, remembered
from tests.sites.manners import gaps, violations
from tests.sites.scripted import CODINGS, FRAMINGS, Coding, Framing, ScriptedSite

Sites = Callable[..., ScriptedSite]


def open_titles(site: ScriptedSite) -> set[str | None]:
    return {site.job(handle).title for handle in site.open_jobs()}


def keys(site: ScriptedSite) -> set[str]:
    return {urls.key(site.address(handle)) for handle in site.open_jobs()}


def absences(visited: Visited) -> dict[str, Absence]:
    return {look.address: look.absence for look in visited.told.looks}


# Discovery


@pytest.mark.parametrize(
    ("layout", "options", "kind"),
    [
        ("sitemap", {}, SourceKind.SITEMAP),
        ("sitemap", {"sitemap_index": True}, SourceKind.SITEMAP),
        ("list", {}, SourceKind.LIST),
        ("both", {}, SourceKind.SITEMAP),
    ],
    ids=["sitemap", "index of files, one of them gzip", "list pages", "both"],
)
def test_all_postings_are_found(
    crawling: Crawling, sites: Sites, layout: str, options: dict[str, bool], kind: SourceKind
) -> None:
    site = sites(25, layout=layout, **options)
    visited = crawling.visit(site.url)
    assert visited.told.source is not None
    assert visited.told.source.kind is kind
    assert visited.titles == open_titles(site)
    assert visited.told.listing.addresses == keys(site)
    assert visited.told.listing.whole, visited.told.listing.doubts
    assert {sighting.address for sighting in visited.sightings} == keys(site)
    assert len(visited.sightings) == 25


def test_a_later_visit_follows_the_list_that_was_found(crawling: Crawling, sites: Sites) -> None:
    site = sites(25, layout="list")
    first = crawling.visit(site.url)
    second = crawling.again(first, site.url)
    assert second.told.source == first.told.source
    assert second.told.listing.addresses == keys(site)
    assert second.told.listing.whole


def test_pages_that_are_tried_and_are_no_postings_do_not_count(crawling: Crawling, sites: Sites) -> None:
    site = sites(5)
    site.outage(403, on="/careers/benefits")
    visited = crawling.visit(site.url)
    assert "/careers/benefits" in {entry.path for entry in site.log}
    assert (visited.told.asked, visited.told.answered, visited.told.read) == (5, 5, 5)
    assert visited.told.problems == ()


def test_a_site_without_postings_says_what_was_not_found(crawling: Crawling, sites: Sites) -> None:
    site = sites(5)
    site.drop_markup(*site.open_jobs())
    visited = crawling.visit(site.url)
    assert visited.told.source is None
    assert not visited.told.listing.whole
    assert any("no JobPosting was found" in problem for problem in visited.told.problems)


def test_a_new_path_shape_is_learned(crawling: Crawling, sites: Sites) -> None:
    site = sites(6)
    first = crawling.visit(site.url)
    site.move_all()
    second = crawling.again(first, site.url)
    assert first.told.source is not None
    assert second.told.source is not None
    assert set(second.told.source.shapes) > set(first.told.source.shapes)
    assert second.titles == open_titles(site)
    assert second.told.listing.addresses == keys(site)


# What an unchanged, a changed and a closed page say


def test_pages_that_did_not_change_are_neither_sent_nor_read_again(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.forget_log()
    second = crawling.again(first, site.url)
    assert {one.page.address for one in second.unchanged} == keys(site)
    assert second.sightings == []
    assert (second.told.not_modified, second.told.read, second.told.answered) == (12, 12, 12)
    assert sum(entry.status == 304 for entry in site.log) == 12


def test_a_page_with_the_same_body_is_not_read_though_it_was_sent(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    known = remembered(first)
    without = {key: replace(page, etag=None, last_modified=None) for key, page in known.pages.items()}
    second = crawling.visit(site.url, source=first.told.source, known=Known(pages=without))
    assert len(second.unchanged) == 12
    assert second.told.not_modified == 12


def test_a_changed_page_is_read(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    handle = site.open_jobs()[0]
    site.edit(handle, title="Chief Welder")
    second = crawling.again(first, site.url)
    assert second.titles == {"Chief Welder"}
    assert len(second.unchanged) == 11


def test_the_page_of_a_closed_posting_is_read_in_full(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    closed = {key: replace(page, open=False) for key, page in remembered(first).pages.items()}
    second = crawling.visit(site.url, source=first.told.source, known=Known(pages=closed))
    assert len(second.sightings) == 12


@pytest.mark.parametrize(
    ("close", "absence"),
    [
        (lambda site, handle: site.close(handle), Absence.NOT_FOUND),
        (lambda site, handle: site.close(handle, status=410), Absence.GONE),
        (lambda site, handle: (site.move_closed("list"), site.close(handle)), Absence.REDIRECTED),
        (lambda site, handle: (site.move_closed("start"), site.close(handle)), Absence.REDIRECTED),
        (lambda site, handle: (site.move_closed("soft 404"), site.close(handle)), Absence.SOFT_404),
        (lambda site, handle: (site.unlist(handle), site.drop_markup(handle)), Absence.NO_MARKUP),
        (lambda site, handle: site.noindex(handle), Absence.NOINDEX),
    ],
    ids=["404", "410", "redirect to the list", "redirect to the start page", "soft 404", "no markup", "noindex"],
)
def test_what_a_page_says_of_its_missing_posting(
    crawling: Crawling, site: ScriptedSite, close: Callable[[ScriptedSite, str], object], absence: Absence
) -> None:
    first = crawling.visit(site.url)
    handle = site.open_jobs()[3]
    address = urls.key(site.address(handle))
    close(site, handle)
    second = crawling.again(first, site.url)
    assert absences(second) == {address: absence}
    assert len(second.unchanged) == 11


def test_a_posting_that_the_list_does_not_name_any_more_is_asked_at_its_own_address(
    crawling: Crawling, site: ScriptedSite
) -> None:
    first = crawling.visit(site.url)
    handle = site.open_jobs()[0]
    address = urls.key(site.address(handle))
    site.unlist(handle)
    second = crawling.again(first, site.url)
    assert address not in second.told.listing.addresses
    assert address in {one.page.address for one in second.seen}
    assert second.told.looks == ()


def test_a_page_that_moved_says_where_and_the_posting_is_seen_there(crawling: Crawling, sites: Sites) -> None:
    site = sites(5)
    first = crawling.visit(site.url)
    old = keys(site)
    site.move_all(redirect=301)
    second = crawling.again(first, site.url)
    assert set(absences(second).values()) == {Absence.REDIRECTED}
    assert {look.address for look in second.told.looks} == old
    assert {urls.key(look.detail.removeprefix("redirected to ")) for look in second.told.looks} == keys(site)
    assert second.titles == open_titles(site)


def test_markup_that_vanishes_everywhere_closes_nothing(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.drop_markup(*site.open_jobs())
    second = crawling.again(first, site.url)
    assert set(absences(second).values()) == {Absence.UNKNOWN}
    assert (second.told.unreadable, second.told.answered) == (12, 0)


def test_noindex_on_every_page_is_the_way_of_the_site(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.noindex(*site.open_jobs())
    second = crawling.again(first, site.url)
    assert second.told.looks == ()
    assert len(second.sightings) == 12


def test_one_changed_page_of_a_site_that_carries_noindex_everywhere_is_no_absence(
    crawling: Crawling, site: ScriptedSite
) -> None:
    site.noindex(*site.open_jobs())
    first = crawling.visit(site.url)
    site.edit(site.open_jobs()[0], title="Chief Welder")
    second = crawling.again(first, site.url)
    assert second.told.looks == ()
    assert second.titles == {"Chief Welder"}


@pytest.mark.parametrize("damage", ["wall", "outage", "hang up", "broken scripts"])
def test_what_stands_in_place_of_every_page_says_nothing(crawling: Crawling, site: ScriptedSite, damage: str) -> None:
    first = crawling.visit(site.url)
    match damage:
        case "wall":
            site.wall()
        case "outage":
            site.outage(503, on="details")
        case "hang up":
            site.hang_up(on="details")
        case _:
            site.change_template()
    second = crawling.again(first, site.url)
    assert {absence for absence in absences(second).values() if absence is not Absence.UNKNOWN} == set()


def test_a_failure_of_many_pages_is_told_once_with_an_address_where_it_was_met(
    crawling: Crawling, site: ScriptedSite
) -> None:
    first = crawling.visit(site.url)
    site.outage(503, on="details")
    told = [one for one in crawling.again(first, site.url).told.problems if "answered 503" in one]
    assert len(told) == 1
    count, _, rest = told[0].partition(" pages: answered 503, as at ")
    assert int(count) > 1
    assert rest.startswith(site.url.rpartition("/")[0])


# Lists that are not whole


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("coding", CODINGS)
def test_a_sitemap_that_breaks_off_is_never_whole(
    crawling: Crawling, site: ScriptedSite, coding: Coding, framing: Framing
) -> None:
    first = crawling.visit(site.url)
    site.cut(on="sitemap", coding=coding, keep=0.5, framing=framing)
    second = crawling.again(first, site.url)
    assert not second.told.listing.whole
    assert second.told.looks == ()
    assert len(second.unchanged) == 12


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("coding", CODINGS)
def test_a_list_page_that_breaks_off_is_never_whole(
    crawling: Crawling, sites: Sites, coding: Coding, framing: Framing
) -> None:
    site = sites(12, layout="list")
    first = crawling.visit(site.url)
    site.cut(on="lists", coding=coding, keep=0.5, framing=framing)
    second = crawling.again(first, site.url)
    assert not second.told.listing.whole
    assert second.told.looks == ()


@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_that_breaks_off_says_nothing(crawling: Crawling, sites: Sites, coding: Coding) -> None:
    site = sites(4)
    first = crawling.visit(site.url)
    site.cut(on="details", coding=coding, keep=0.3, framing="short length")
    known = {key: replace(page, etag=None, last_modified=None) for key, page in remembered(first).pages.items()}
    second = crawling.visit(site.url, source=first.told.source, known=Known(pages=known))
    assert set(absences(second).values()) <= {Absence.UNKNOWN}


@pytest.mark.parametrize("damage", ["html", "503", "hang up"])
def test_a_list_that_fails_is_not_whole_and_every_known_page_is_still_asked(
    crawling: Crawling, site: ScriptedSite, damage: str
) -> None:
    first = crawling.visit(site.url)
    match damage:
        case "html":
            site.html_sitemap()
        case "503":
            site.outage(503, on="sitemap")
        case _:
            site.hang_up(on="sitemap")
    second = crawling.again(first, site.url)
    assert not second.told.listing.whole
    assert len(second.unchanged) == 12


def test_an_empty_sitemap_is_whole_and_remarked_on(crawling: Crawling, sites: Sites) -> None:
    site = sites(12, layout="sitemap")
    first = crawling.visit(site.url)
    site.empty_sitemap()
    second = crawling.again(first, site.url)
    assert second.told.listing.whole
    assert second.told.listing.rows == 0
    assert any("is empty" in problem for problem in second.told.problems)


def test_list_pages_that_repeat_each_other_are_not_whole(crawling: Crawling, sites: Sites) -> None:
    site = sites(25, layout="list")
    first = crawling.visit(site.url)
    site.repeat_first_page()
    second = crawling.again(first, site.url)
    assert not second.told.listing.whole
    assert any("repeats" in doubt for doubt in second.told.listing.doubts)


# A site that is down


def test_a_start_page_that_answers_503_is_told_and_the_rest_is_visited(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.outage(503, on="start")
    second = crawling.again(first, site.url)
    assert second.told.start_status == 503
    assert "start page" in second.told.problems[0]
    assert len(second.unchanged) == 12


def test_a_site_that_does_not_answer_ends_the_visit(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.stop()
    second = crawling.again(first, site.url)
    assert (second.told.start_status, second.told.asked, second.seen) == (None, 0, [])
    assert "the connection was refused" in second.told.problems[0]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_txt_that_answers_an_error_closes_the_site(
    crawling: Crawling, site: ScriptedSite, status: int
) -> None:
    first = crawling.visit(site.url)
    site.robots_answer(status, "User-agent: *\nAllow: /\n")
    site.forget_log()
    second = crawling.visit(site.url, source=first.told.source, known=Known(pages=remembered(first).pages))
    assert {entry.path for entry in site.log} == {"/robots.txt"}
    assert f"robots.txt answered {status}" in second.told.problems[0]
    assert not second.told.listing.whole
    assert second.told.looks == ()


def test_robots_txt_is_not_asked_again_within_a_day(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.forget_log()
    second = crawling.again(first, site.url)
    assert "/robots.txt" not in {entry.path for entry in site.log}
    assert second.told.robots == {}


def test_what_robots_txt_forbids_is_not_asked_and_says_nothing(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.robots_answer(200, "User-agent: hirewatch\nDisallow: /careers/jobs/\n")
    site.forget_log()
    second = crawling.visit(site.url, source=first.told.source, known=Known(pages=remembered(first).pages))
    assert not [entry for entry in site.log if entry.path.startswith("/careers/jobs/")]
    assert set(absences(second).values()) == {Absence.UNKNOWN}


def test_a_crawl_delay_is_kept(crawling: Crawling, sites: Sites) -> None:
    site = sites(3)
    site.robots_answer(200, "User-agent: *\nCrawl-delay: 0.2\nSitemap: /sitemap.xml\n")
    crawling.visit(site.url)
    assert min(gaps(site.log)[1:]) >= 0.185


def test_a_site_that_asks_to_be_left_alone_for_long_is(crawling: Crawling, site: ScriptedSite) -> None:
    first = crawling.visit(site.url)
    site.outage(429, on="details", retry_after=7200)
    site.forget_log()
    second = crawling.again(first, site.url)
    assert second.told.cut_short == "the site answered 429 and asks to wait 7200 s"
    assert sum(entry.status == 429 for entry in site.log) <= FAST.concurrency


# Manners and ends


def test_the_delay_lies_between_any_two_requests(crawling: Crawling, site: ScriptedSite) -> None:
    crawling.visit(site.url, limits=Limits(delay=0.05, concurrency=1))
    assert len(site.log) > 12
    assert violations(site.log, delay=0.05) == []


def test_a_page_budget_ends_the_visit(crawling: Crawling, sites: Sites) -> None:
    site = sites(30)
    visited = crawling.visit(site.url, limits=replace(FAST, pages=10, concurrency=1))
    assert visited.told.cut_short == "page budget of 10 reached"
    assert 0 < visited.told.read == len(visited.sightings) < 10


def test_a_time_budget_ends_the_visit(crawling: Crawling, sites: Sites) -> None:
    site = sites(5)
    site.slow(5.0, on="details")
    visited = crawling.visit(site.url, limits=Limits(delay=0.0, timeout=30.0, seconds=0.3))
    assert visited.told.cut_short == "time budget of 0.3 s reached"
    assert (visited.told.ended_at - visited.told.started_at).total_seconds() < 3


def test_a_visit_that_is_stopped_ends_at_once_and_keeps_what_it_saw(crawling: Crawling, sites: Sites) -> None:
    site = sites(30)
    visited = crawling.visit(site.url, limits=Limits(delay=0.02), stop_after=10)
    assert visited.told.cut_short == "stopped"
    assert visited.stopped_in is not None
    assert visited.stopped_in < 2
    assert len(visited.sightings) == visited.told.read > 0


def test_a_visit_that_hangs_in_a_request_stops_within_two_seconds(crawling: Crawling, sites: Sites) -> None:
    site = sites(10)
    first = crawling.visit(site.url)
    handle = site.open_jobs()[5]
    site.slow(20.0, on=site.address(handle).removeprefix(site.origin))
    known = {key: replace(page, open=False) for key, page in remembered(first).pages.items()}
    visited = crawling.visit(
        site.url, source=first.told.source, known=Known(pages=known), limits=replace(FAST, timeout=30.0), stop_after=9
    )
    assert visited.told.cut_short == "stopped"
    assert visited.stopped_in is not None
    assert visited.stopped_in < 2


def test_what_record_raises_ends_the_visit_and_is_raised(crawling: Crawling, site: ScriptedSite) -> None:
    visited = crawling.visit(site.url, lease_lost=True)
    assert visited.report is None
    assert visited.error == "LeaseLost: another worker has the site"


def test_a_visit_without_reader_processes_ends_and_says_so(crawling: Crawling, site: ScriptedSite) -> None:
    visited = crawling.visit(site.url, readers_gone=True)
    assert "the reader processes ended" in (visited.told.cut_short or "")
    assert not visited.told.listing.whole


def test_sightings_are_handed_over_in_batches_of_fifty_at_most(crawling: Crawling, sites: Sites) -> None:
    visited = crawling.visit(sites(120).url)
    assert sum(len(batch) for batch in visited.batches) == 120
    # how full they are depends on how many pages the machine reads in two seconds
    assert max(len(batch) for batch in visited.batches) <= 50


def test_progress_is_told_page_by_page(crawling: Crawling, site: ScriptedSite) -> None:
    visited = crawling.visit(site.url)
    last = visited.progress[-1]
    assert (last.listed, last.asked, last.read) == (12, visited.told.asked, 12)
    assert visited.progress[0].listed is None


def test_the_start_page_is_remembered_with_its_validators(crawling: Crawling, site: ScriptedSite) -> None:
    visited = crawling.visit(site.url)
    page: KnownPage = visited.told.list_pages[urls.key(site.url)]
    assert page.body_hash
    assert not page.open


def test_an_address_that_is_none_is_refused(crawling: Crawling) -> None:
    assert (crawling.visit("ftp://acme.example/").error or "").startswith("UsageError")


def test_one_page_can_be_fetched_with_the_same_manners(crawling: Crawling, site: ScriptedSite) -> None:
    fetched = crawling.fetch(site.address(site.open_jobs()[0]))
    assert fetched.status == 200
    assert fetched.page is not None
    assert b"JobPosting" in fetched.page.body
    site.robots_answer(200, "User-agent: *\nDisallow: /\n")
    assert crawling.fetch(site.url).problem == "robots.txt does not allow it"


def test_one_page_is_asked_for_again_where_the_server_closed_the_connection_that_it_had_kept(
    crawling: Crawling,
) -> None:
    def serve(connection: socket.socket, path: str) -> None:
        if server.paths.count(path) > 1:
            connection.sendall(answer(b"<html><body>Jobs</body></html>", "Content-Type: text/html"))

    with Hostile(serve) as server:
        fetched = crawling.fetch(server.url)
    assert fetched.page is not None, fetched.problem
    assert server.paths == ["/robots.txt", "/", "/"]


def test_one_page_that_never_answers_is_asked_for_twice(crawling: Crawling) -> None:
    with Hostile(lambda connection, path: None) as server:
        fetched = crawling.fetch(server.url)
    assert "the site broke off the connection" in fetched.problem
    assert server.paths == ["/robots.txt", "/", "/"]
