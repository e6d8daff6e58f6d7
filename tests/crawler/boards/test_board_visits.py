"""Whole visits of boards under their vendors' names: Scrapy, TLS, robots.txt, scope and reader processes, on
loopback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from postings import urls
from postings.sites import SourceKind
from postings.visits import Absence
from tests.crawler.boards.answering import VENDORS, Invented
from tests.crawler.boards.vendors import Answered, BoardCrawling, Vendors
from tests.crawler.visits import Visited, remembered

CAREERS = "https://acme.example/careers"
#: vendors whose boards have all their postings in one answer
WHOLE = [name for name in VENDORS if not Invented.of(name).details and len(Invented.of(name).exchanges) == 1]
GREENHOUSE = "https://boards-api.greenhouse.io/v1/boards/northmill/jobs?content=true"


def serve(vendors: Vendors, name: str) -> Invented:
    """Puts a vendor's invented board where it belongs."""
    invented = Invented.of(name)
    for one in invented.exchanges:
        vendors.put(one.url, one.body, one.post)
    for url, body in invented.details.items():
        vendors.put(url, body)
    return invented


def page(vendors: Vendors, url: str, body: str) -> None:
    vendors.put(
        url, Answered(f"<html><head></head><body>{body}</body></html>".encode(), headers={"Content-Type": "text/html"})
    )


def ids(visited: Visited) -> set[str | None]:
    return {one.board_id for one in visited.sightings}


def expected(invented: Invented) -> set[str]:
    return {f"{invented.said['board']}/{one['id']}" for one in invented.said["postings"]}


def greenhouse(vendors: Vendors, change: Any = None) -> None:
    """Northmill's board, changed."""
    answer = json.loads(Invented.of("greenhouse").exchanges[0].body)
    if change is not None:
        change(answer["jobs"])
        answer["meta"]["total"] = len(answer["jobs"])
    vendors.put(GREENHOUSE, json.dumps(answer))


# every vendor


@pytest.mark.parametrize("name", VENDORS)
def test_a_board_is_read_whole_from_its_own_address(visiting: BoardCrawling, vendors: Vendors, name: str) -> None:
    invented = serve(vendors, name)
    visited = visiting.visit(invented.board.url)
    report = visited.told
    assert report.source is not None
    assert report.source.kind is SourceKind.BOARD
    assert ids(visited) == expected(invented)
    assert report.listing.whole, report.listing.doubts
    assert len(report.listing.addresses) == len(visited.sightings) == report.read
    assert {one.address for one in visited.sightings} == {urls.key(one["url"]) for one in invented.said["postings"]}
    assert report.start_status == 200
    assert report.problems == ()
    assert set(vendors.asked) == {one.url for one in invented.exchanges} | set(invented.details)


@pytest.mark.parametrize("name", VENDORS)
def test_a_second_visit_of_a_board_that_is_as_it_was_sees_all_of_it(
    visiting: BoardCrawling, vendors: Vendors, name: str
) -> None:
    invented = serve(vendors, name)
    first = visiting.visit(invented.board.url)
    second = visiting.again(first, invented.board.url)
    assert second.sightings == []
    assert {one.page.address for one in second.unchanged} == {one.page.address for one in first.sightings}
    assert second.told.listing == first.told.listing
    assert second.told.looks == ()


@pytest.mark.parametrize("name", WHOLE)
def test_a_board_that_is_as_it_was_costs_one_request(visiting: BoardCrawling, vendors: Vendors, name: str) -> None:
    invented = serve(vendors, name)
    first = visiting.visit(invented.board.url)
    vendors.log.clear()
    assert len(visiting.again(first, invented.board.url).unchanged) == len(first.sightings)
    assert vendors.asked == [invented.exchanges[0].url]


@pytest.mark.parametrize("name", VENDORS)
def test_a_name_that_is_no_board_is_told_and_is_no_empty_board(
    visiting: BoardCrawling, vendors: Vendors, name: str
) -> None:
    visited = visiting.visit(Invented.of(name).board.url)
    assert vendors.asked
    assert visited.told.source is None
    assert not visited.told.listing.whole
    assert any("was not used" in said and "404" in said for said in visited.told.problems), visited.told.problems


def test_a_board_whose_name_leads_to_the_vendors_own_pages_is_no_empty_board(
    visiting: BoardCrawling, vendors: Vendors
) -> None:
    invented = serve(vendors, "bamboohr")
    first = visiting.visit(invented.board.url)
    vendors.put(invented.exchanges[0].url, Answered(b"", 302, {"Location": "https://www.bamboohr.com/"}))
    second = visiting.again(first, invented.board.url)
    assert not second.told.listing.whole
    assert "https://www.bamboohr.com/" not in vendors.asked


# a page that points at a board


def test_the_board_that_a_career_page_points_at_is_read(visiting: BoardCrawling, vendors: Vendors) -> None:
    invented = serve(vendors, "greenhouse")
    page(vendors, CAREERS, '<script src="https://boards.greenhouse.io/embed/job_board/js?for=northmill"></script>')
    visited = visiting.visit(CAREERS)
    assert ids(visited) == expected(invented)
    assert visited.told.source is not None
    assert visited.told.source.urls == ("https://job-boards.greenhouse.io/northmill",)
    assert "the start page points at the Greenhouse board northmill" in visited.told.source.reason
    assert vendors.asked == [CAREERS, GREENHOUSE]
    again = visiting.again(visited, CAREERS)
    assert len(again.unchanged) == 3


def test_boards_of_several_employers_are_not_followed(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    serve(vendors, "lever")
    page(
        vendors,
        CAREERS,
        '<a href="https://boards.greenhouse.io/northmill">a</a><a href="https://jobs.lever.co/Kestrel-Air">b</a>',
    )
    visited = visiting.visit(CAREERS)
    assert visited.sightings == []
    assert any("boards of several employers are not followed" in problem for problem in visited.told.problems)
    assert all(url.startswith("https://acme.example/") for url in vendors.asked)


def with_own_jobs(vendors: Vendors, *, marked: bool) -> None:
    """A career page that lists six jobs on pages of the site's own, and mentions Northmill's board."""
    for number in range(7001, 7007):
        said = json.dumps({"@type": "JobPosting", "title": f"Miller {number}", "description": "You mill."})
        script = f'<script type="application/ld+json">{said}</script>' if marked else "You mill."
        page(vendors, f"https://acme.example/careers/jobs/{number}", script)
    links = "".join(f'<a href="/careers/jobs/{number}">A job</a>' for number in range(7001, 7007))
    page(vendors, CAREERS, f'{links}<a href="https://boards.greenhouse.io/northmill">Join Northmill</a>')


def test_a_board_beside_postings_of_the_sites_own_is_somebody_elses(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    with_own_jobs(vendors, marked=True)
    visited = visiting.visit(CAREERS)
    assert visited.titles == {f"Miller {number}" for number in range(7001, 7007)}
    assert visited.told.source is not None
    assert visited.told.source.kind is SourceKind.LIST
    assert any("Greenhouse board northmill, which lists none" in problem for problem in visited.told.problems)


def test_a_board_whose_jobs_have_pages_without_markup_on_the_site_is_its_own(
    visiting: BoardCrawling, vendors: Vendors
) -> None:
    invented = serve(vendors, "greenhouse")
    with_own_jobs(vendors, marked=False)
    assert ids(visiting.visit(CAREERS)) == expected(invented)


def test_a_board_that_lists_what_the_site_lists_is_read(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    with_own_jobs(vendors, marked=True)

    def renumber(jobs: list[dict[str, Any]]) -> None:
        jobs[0].update(id=7003, absolute_url="https://job-boards.greenhouse.io/northmill/jobs/7003")

    greenhouse(vendors, renumber)
    visited = visiting.visit(CAREERS)
    assert visited.told.source is not None
    assert visited.told.source.kind is SourceKind.BOARD


def test_a_board_behind_a_page_of_the_site_is_found(visiting: BoardCrawling, vendors: Vendors) -> None:
    invented = serve(vendors, "pinpoint")
    page(vendors, "https://acme.example/", '<a href="/careers/jobs">Our jobs</a>')
    page(vendors, "https://acme.example/careers/jobs", '<iframe src="https://oakhall.pinpointhq.com/"></iframe>')
    visited = visiting.visit("https://acme.example/")
    assert ids(visited) == expected(invented)


def test_another_board_takes_the_place_of_the_one_that_was_there(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    page(vendors, CAREERS, '<a href="https://boards.greenhouse.io/northmill">Jobs</a>')
    first = visiting.visit(CAREERS)
    moved = serve(vendors, "pinpoint")
    page(vendors, CAREERS, '<a href="https://oakhall.pinpointhq.com/">Jobs</a>')
    second = visiting.again(first, CAREERS)
    assert ids(second) == expected(moved)
    assert second.told.source is not None
    assert second.told.source.urls == ("https://oakhall.pinpointhq.com",)
    assert {look.absence for look in second.told.looks} == {Absence.ABSENT}
    assert {look.address for look in second.told.looks} == {one.page.address for one in first.sightings}


# what is gone, changed and new


def test_what_a_whole_list_lacks_is_absent(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    start = "https://boards.greenhouse.io/northmill"
    first = visiting.visit(start)
    greenhouse(vendors, lambda jobs: jobs.pop(0))
    second = visiting.again(first, start)
    (look,) = second.told.looks
    assert (look.absence, look.address) == (Absence.ABSENT, "job-boards.greenhouse.io/northmill/jobs/5100000001")
    assert look.url == GREENHOUSE
    assert len(second.unchanged) == 2


def test_what_a_doubtful_list_lacks_is_not(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    start = "https://boards.greenhouse.io/northmill"
    first = visiting.visit(start)
    answer = json.loads(Invented.of("greenhouse").exchanges[0].body)
    answer["jobs"].pop(0)
    vendors.put(GREENHOUSE, json.dumps(answer))
    second = visiting.again(first, start)
    assert second.told.looks == ()
    assert second.told.listing.doubts == ("it counts 3 and lists 2",)
    assert len(second.unchanged) == 2


def test_only_what_changed_is_read_again(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    start = "https://boards.greenhouse.io/northmill"
    first = visiting.visit(start)
    greenhouse(vendors, lambda jobs: jobs[1].update(title="Lorry driver"))
    second = visiting.again(first, start)
    assert second.titles == {"Lorry driver"}
    assert len(second.unchanged) == 2


@pytest.mark.parametrize("headers", [{"ETag": '"1"'}, {}], ids=["ETag", "same body"])
def test_a_list_that_is_as_it_was_is_not_read_again(
    visiting: BoardCrawling, vendors: Vendors, headers: dict[str, str]
) -> None:
    invented = Invented.of("greenhouse")
    vendors.put(GREENHOUSE, Answered(invented.exchanges[0].body, headers=headers))
    start = "https://boards.greenhouse.io/northmill"
    first = visiting.visit(start)
    known = remembered(first)
    pages = {**known.pages, **first.told.list_pages}
    vendors.log.clear()
    second = visiting.visit(start, source=first.told.source, known=type(known)(pages=pages, robots=known.robots))
    assert [status for _, _, status in vendors.log] == [304 if headers else 200]
    assert {one.page.address for one in second.unchanged} == {one.page.address for one in first.sightings}
    assert second.told.listing == first.told.listing
    assert second.told.list_pages.keys() == first.told.list_pages.keys() != set()


def test_a_posting_that_the_list_lacks_is_asked_where_it_has_an_answer_of_its_own(
    visiting: BoardCrawling, vendors: Vendors
) -> None:
    invented = serve(vendors, "bamboohr")
    first = visiting.visit(invented.board.url)
    answer = json.loads(invented.exchanges[0].body)
    answer["result"].pop(0)
    answer["meta"]["totalCount"] = 1
    vendors.put(invented.exchanges[0].url, json.dumps(answer))
    gone = f"{invented.board.api}/41/detail"
    vendors.put(gone, Answered(b"no such job", 404))
    (look,) = visiting.again(first, invented.board.url).told.looks
    assert (look.absence, look.url) == (Absence.NOT_FOUND, gone)
    vendors.put(gone, Answered(b'{"error":"no such opening"}', 400))
    assert visiting.again(first, invented.board.url).told.looks[0].absence is Absence.ABSENT
    vendors.put(gone, json.dumps(invented.said["over"]))
    assert visiting.again(first, invented.board.url).told.looks[0].absence is Absence.ABSENT
    vendors.put(gone, Answered(b"later", 503))
    assert visiting.again(first, invented.board.url).told.looks[0].absence is Absence.UNKNOWN


# refusals


def test_robots_txt_of_the_api_is_kept_to(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, "greenhouse")
    vendors.put("https://boards-api.greenhouse.io/robots.txt", b"User-agent: *\nDisallow: /v1/")
    page(vendors, CAREERS, '<a href="https://boards.greenhouse.io/northmill">Jobs</a>')
    visited = visiting.visit(CAREERS)
    assert visited.sightings == []
    assert GREENHOUSE not in vendors.asked
    assert any("robots.txt does not allow it" in problem for problem in visited.told.problems)


def test_a_page_of_the_vendor_that_is_not_the_boards_is_out_of_scope(visiting: BoardCrawling, vendors: Vendors) -> None:
    vendors.put(GREENHOUSE, Answered(b"", 302, {"Location": "https://boards-api.greenhouse.io/v1/boards/other/jobs"}))
    page(vendors, CAREERS, '<a href="https://boards.greenhouse.io/northmill">Jobs</a>')
    visited = visiting.visit(CAREERS)
    assert any("does not belong to the site" in problem for problem in visited.told.problems), visited.told.problems
    assert "https://boards-api.greenhouse.io/v1/boards/other/jobs" not in vendors.asked


def test_what_was_sent_is_not_sent_on(visiting: BoardCrawling, vendors: Vendors) -> None:
    invented = Invented.of("workday")
    first = invented.exchanges[0]
    vendors.put(first.url, Answered(b"", 307, {"Location": first.url + "/again"}), first.post)
    visited = visiting.visit(invented.board.url)
    assert first.url + "/again" not in vendors.asked
    assert any("redirected what was sent" in problem for problem in visited.told.problems), visited.told.problems


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_board_that_does_not_answer_closes_nothing(visiting: BoardCrawling, vendors: Vendors, status: int) -> None:
    serve(vendors, "greenhouse")
    page(vendors, CAREERS, '<a href="https://boards.greenhouse.io/northmill">Jobs</a>')
    first = visiting.visit(CAREERS)
    vendors.put(GREENHOUSE, Answered(b"no", status))
    second = visiting.again(first, CAREERS)
    assert all(look.absence is Absence.UNKNOWN for look in second.told.looks)
    assert not second.told.listing.whole


def test_a_name_that_any_vendor_would_answer_is_doubted(visiting: BoardCrawling, vendors: Vendors) -> None:
    invented = Invented.of("smartrecruiters")
    vendors.put(invented.exchanges[0].url, invented.empty)
    visited = visiting.visit(invented.board.url)
    assert visited.told.source is None
    assert any("answers so for any name" in problem for problem in visited.told.problems), visited.told.problems


def test_an_emptied_board_is_read_as_empty(visiting: BoardCrawling, vendors: Vendors) -> None:
    invented = serve(vendors, "smartrecruiters")
    first = visiting.visit(invented.board.url)
    vendors.put(invented.exchanges[0].url, invented.empty)
    for url in invented.details:
        vendors.put(url, Answered(b"gone", 404))
    second = visiting.again(first, invented.board.url)
    assert second.told.listing.whole
    assert second.told.listing.rows == 0
    assert {look.absence for look in second.told.looks} == {Absence.NOT_FOUND}


def test_a_hostile_posting_costs_only_itself(visiting: BoardCrawling, vendors: Vendors) -> None:
    bomb = "<p " + " ".join(f"a{number}=1" for number in range(300)) + ">" + "<div>" * 3_000

    def plant(jobs: list[dict[str, Any]]) -> None:
        jobs[0]["content"] = bomb * 20
        jobs[1]["title"] = {"not": "a title"}
        jobs[1]["content"] = ["\ud800", {"deep": [[[[]]]]}]

    greenhouse(vendors, plant)
    visited = visiting.visit("https://boards.greenhouse.io/northmill")
    assert "Bookkeeper" in visited.titles
    assert visited.told.listing.whole
