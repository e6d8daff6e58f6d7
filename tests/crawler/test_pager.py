"""Pages of a list that their links tell, whatever their addresses are like."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from crawler.pages import Link
from crawler.sources import pager as pages
from tests.crawler.answering import SITE

LIST = f"{SITE}/jobs/"


def pages_by_text(url: str, links: Iterable[Link]) -> list[str]:
    return list(pages.pages_by_text(url, links).values())


def pager(form: str, numbers: Iterable[int], *, rows: int = 10, text: str = "{n}") -> list[Link]:
    """Links that show `numbers`, to addresses of this form: `{n}` is the page, `{o}` the place of its first row."""
    return [
        Link(SITE + form.format(n=number, o=(number - 1) * rows), text.format(n=number), tag="a") for number in numbers
    ]


@pytest.mark.parametrize(
    "form",
    [
        "/jobs/?PAGEN_1={n}", "/jobs/?b_start:int={o}", "/jobs/?page=0%2C{n}", "/jobs/index_{n}.html", "/jobs-{n}.html",
        "/jobs/list_1_{n}.html", "/jobs/P{o}", "/jobs;x={n}", "/jobs/s{n}/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["{n}", "Seite {n}", "[{n}]", "第{n}页", "Go to page {n}"])
def test_links_that_show_numbers_are_pages(form: str, text: str) -> None:
    first, later = pager(form, [2, 3, 9], text=text), pager(form, [1, 5, 6, 8, 9], text=text)
    assert pages_by_text(LIST, first) == [link.url for link in first]
    here = SITE + form.format(n=7, o=60)
    assert pages_by_text(here, later) == [link.url for link in later[1:]]


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("/jobs/{n}", [101, 102, 103]),
        ("/jobs/?city={n}7", [2, 5, 9]),
        ("/news/{n}/", [2, 3]),
        ("/jobs/?city={n}", [2]),
    ],
    ids=["numbers of jobs", "counts of jobs", "pages of something else", "one number alone"],
)
def test_other_links_that_show_numbers_are_none(form: str, numbers: list[int]) -> None:
    assert pages_by_text(LIST, pager(form, numbers)) == []


@pytest.mark.parametrize("text", ["Next", "Nächste Seite »", "下一页", "Page suivante", "Older postings"])
def test_the_next_page_is_followed_by_what_its_link_says(text: str) -> None:
    assert pages_by_text(LIST, pager("/jobs/index_{n}.html", [2], text=text)) == [f"{SITE}/jobs/index_2.html"]
    onwards = pager("/jobs/index_{n}.html", [5], text=text)
    assert pages_by_text(f"{SITE}/jobs/index_4.html", onwards) == [onwards[0].url]


@pytest.mark.parametrize("text", ["Weiter", "»", "Далее", "Next steps"])
def test_what_may_mean_to_read_on_is_no_next_page(text: str) -> None:
    assert pages_by_text(LIST, pager("/jobs/{n}-welder", [2], text=text)) == []


def test_the_next_job_and_several_that_are_called_next_are_no_pages() -> None:
    assert pages_by_text(LIST, pager("/jobs/{n}", [4711], text="Next")) == []
    assert pages_by_text(LIST, pager("/jobs/{n}", [2, 3], text="Next")) == []
    assert pages_by_text(f"{SITE}/jobs/index_4.html", pager("/jobs/index_{n}.html", [3], text="Next")) == []
    assert pages_by_text(f"{SITE}/jobs?month=4", pager("/jobs?month={n}", [5], text="Next")) == []


def test_pages_are_told_apart_whatever_token_each_answer_gives_them() -> None:
    one, other = (
        pages.pages_by_text(LIST, pager(f"/jobs/?o={{o}}&sid={sid}", [2, 3])) for sid in ("00ab12cd", "99ee0012")
    )
    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())


def test_how_many_rows_a_page_has_is_no_page_of_the_list() -> None:
    rows = [Link(f"{SITE}/jobs/?per_page={number}", str(number), tag="a") for number in (5, 10, 25)]
    assert pages_by_text(LIST, rows) == []
    assert pages_by_text(f"{SITE}/jobs/?per_page=10", rows) == []
    pages_of_five = pager("/jobs/?per_page=5&page={n}", [2, 3])
    assert pages_by_text(LIST, [*pages_of_five, *rows]) == [link.url for link in pages_of_five]


@pytest.mark.parametrize(
    ("body", "goes_on"),
    [
        ("""<a href="javascript:__doPostBack('ctl00$jobs','Page$2')">2</a>""", True),
        ("""<a href="javascript:__doPostBack(&#39;ctl00$jobs&#39;,&#39;Page$Next&#39;)">next</a>""", True),
        ("""<a href="javascript:__doPostBack('ctl00$jobs','Sort$Title')">Title</a>""", False),
        ("""<form method=POST action=/jobs><button name="page" value="2">2</button></form>""", True),
        ("""<form method="post"><input type="submit" name="page" value="2"></form>""", True),
        ("""<form method="post"><input type="hidden" name="page" value="2"><button>Send</button></form>""", False),
        ("""<form method="post"><button name="vote" value="2">2</button></form>""", False),
        ("""<form><button name="page" value="2">2</button></form>""", False),
        ("""<form method="post"><button name="page" value="1">1</button></form>""", False),
        (
            """<form method="post"><input name="q"><button type="submit" name="page" value="01">Go</button></form>""",
            False,
        ),
        ("""<form method="post"><button name="page" value="2" disabled>2</button></form>""", False),
        ("""<form method="post"><button disabled="" name="page" value="2">2</button></form>""", False),
        (
            """<form method="post"><button name="page" value="1" disabled>1</button>
            <button class="disabled:grey" name="page" value="10">10</button></form>""",
            True,
        ),
        ("""<form method="post"></form><form><button name="page" value="2">2</button></form>""", False),
    ],
)
def test_what_only_a_form_sent_by_post_leads_to_is_known(body: str, goes_on: bool) -> None:
    assert pages.goes_on_by_post(body.encode(), lambda name: name == "page") is goes_on
