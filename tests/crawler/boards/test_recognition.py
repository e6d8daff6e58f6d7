"""Which boards a page points at: none, the employer's own, or those of many employers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import read_page
from crawler.pages import Link, Page
from crawler.sources import boards

CAREERS = "https://acme.example/careers"


def found(html: str, url: str = CAREERS) -> set[str]:
    body = html.encode()
    reading = read_page(Page(url=url, body=body, content_type="text/html"), links=True)
    return {board.id for board in boards.pointed_at(url, reading.links, body)}


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://boards.greenhouse.io/acme">Jobs</a>',
        '<a href="https://boards.greenhouse.io/acme/jobs/1">A job</a><a href="//job-boards.greenhouse.io/acme/jobs/2">B</a>',
        '<iframe src="https://boards.greenhouse.io/embed/job_board?for=acme&b=https%3A%2F%2Facme.example"></iframe>',
        '<script src="https://boards.greenhouse.io/embed/job_board/js?for=acme"></script>',
        '<script>fetch("https://boards-api.greenhouse.io/v1/boards/acme/jobs?content=true")</script>',
        r'<script>{"url":"https:\/\/boards.greenhouse.io\/acme"}</script>',
        r'<script>{"url":"https:\u002F\u002Fboards.greenhouse.io\u002Facme"}</script>',
        '<div data-props="{&quot;url&quot;:&quot;https://boards.greenhouse.io/acme&quot;}"></div>',
    ],
    ids=["link", "links to postings", "frame", "script", "call in a script", "escaped", "escaped by code", "attribute"],
)
def test_a_page_points_at_its_board(html: str) -> None:
    assert found(f"<html><body>{html}</body></html>") == {"greenhouse/acme"}


def test_links_to_the_vendor_itself_are_no_boards() -> None:
    html = (
        '<a href="https://www.greenhouse.io/">x</a><a href="https://www.teamtailor.com/?utm_campaign=poweredby">y</a>'
        '<a href="https://www.personio.com/legal-notice/">z</a><a href="https://recruitee.com/">z</a>'
        '<a href="https://acme.bamboohr.com/login.php">Employees</a>'
    )
    assert found(html) == set()


def test_an_aggregator_points_at_several() -> None:
    html = '<a href="https://jobs.lever.co/acme/1">x</a><a href="https://jobs.ashbyhq.com/zenith/2">y</a>'
    assert found(html) == {"lever/acme", "ashby/zenith"}


def test_one_board_under_two_spellings_is_one() -> None:
    html = '<a href="https://acme.jobs.personio.de/">x</a><a href="https://acme.jobs.personio.com/job/1">y</a>'
    assert found(html) == {"personio/acme"}


def test_a_career_site_of_teamtailor_is_known_by_its_scripts_and_its_postings() -> None:
    mark = '<script src="https://assets-aws.teamtailor-cdn.com/assets/packs/js/careersite.js"></script>'
    job = '<a href="/jobs/6000001-guide">Guide</a>'
    assert found(mark + job, "https://careers.fjell.example/jobs") == {"teamtailor/careers.fjell.example"}
    assert found(mark, "https://careers.fjell.example/about") == set()
    assert found(job, "https://careers.fjell.example/jobs") == set()


def test_a_career_site_of_recruitee_is_known_by_its_scripts_and_its_postings() -> None:
    mark = '<script src="https://careers-page.recruiteecdn.com/main.js"></script>'
    job = '<a href="/o/gardener">Gardener</a>'
    assert found(mark + job, "https://jobs.tulp.example/") == {"recruitee/jobs.tulp.example"}
    assert found(job, "https://jobs.tulp.example/") == set()


@pytest.mark.parametrize("address", ["https://jobs.tulp.example/api/offers", "https://careers.fjell.example/jobs.json"])
def test_a_board_on_the_employers_host_is_recognised_by_its_list(address: str) -> None:
    board = boards.recognise(address)
    assert board is not None
    assert board.url == address
    assert boards.recognise(board.url) == board


def test_the_region_of_a_board_is_kept() -> None:
    board = boards.recognise("https://jobs.eu.lever.co/acme")
    assert board is not None
    assert board.api == "https://api.eu.lever.co/v0/postings/acme"
    assert board.id == "lever/eu:acme"


@pytest.mark.parametrize(
    "address",
    [
        "https://boards.greenhouse.io.evil.example/acme",
        "https://evil.example/boards.greenhouse.io/acme",
        "https://acme@jobs.lever.co/acme",
        "https://jobs.lever.co/..%2f..%2fv1%2fsecret",
        "https://jobs.lever.co/%00",
        "https://jobs.ashbyhq.com/%2e%2e",
        "https://a.b.bamboohr.com/careers",
        "javascript:https://jobs.lever.co/acme",
    ],
)
def test_an_address_that_only_looks_like_a_boards_is_none(address: str) -> None:
    assert boards.recognise(address) is None


@given(
    st.text(max_size=60),
    st.sampled_from(["https://jobs.lever.co/", "https://", "https://boards.greenhouse.io/embed/", ""]),
)
def test_recognising_never_fails_and_what_is_recognised_stays_in_its_part(text: str, head: str) -> None:
    board = boards.recognise(head + text)
    if board is not None:
        request = boards.vendor_of(board).first_request(board)
        assert board.covers(request.url)
        assert boards.recognise(board.url) == board


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_through(body: bytes) -> None:
    boards.pointed_at(CAREERS, [Link("https://jobs.lever.co/acme")], body)
