from __future__ import annotations

import pytest

from crawler.sources.ending import ends_well
from tests.crawler.answering import SITE, answer

ROWS = "".join(f"<li><a href=/jobs/{number}>Job {number}</a>" for number in range(1, 9))
#: what minifiers leave of a page: no end tag that HTML lets a page leave out
SHORT = f"<!doctype html><html lang=en><title>Jobs</title><nav><a href=/>Home</a></nav><main><ul>{ROWS}</ul></main><footer>Acme</footer>"
#: a page with one list that may go on
LIST = f"<!doctype html><html lang=en><title>Jobs</title><script>a()</script><nav><a href=/>Home</a></nav><main><ul>{ROWS}</ul></main>"
FLAT = "<html><body><h1>Jobs</h1>" + "".join(f"<p><a href=/jobs/{number}>Job</a></p>" for number in range(1, 9))


def whole(body: str, *, measured: bool = True) -> bool:
    return ends_well(answer(f"{SITE}/jobs", body, measured=measured))


def test_a_page_that_is_closed_ends_well() -> None:
    assert whole(f"{SHORT}</body></html>", measured=False)


def test_a_page_without_html_ends_where_its_length_says() -> None:
    assert whole("<p>Jobs")
    assert not whole("<p>Jobs", measured=False)


def test_a_page_that_leaves_out_what_html_lets_it_leave_out_ends_well() -> None:
    assert whole(SHORT)
    assert not whole(SHORT, measured=False)


def test_wherever_such_a_page_is_cut_inside_of_its_list_is_seen() -> None:
    begin, end = SHORT.index("<ul>"), SHORT.index("</main>")
    assert not any(whole(SHORT[:place]) for place in range(begin, end + len("</main>") - 1))


@pytest.mark.parametrize("tail", ["", "<script>var a = '<div>'", "<!-- more", "<p>Acme Ltd"])
def test_rows_that_stand_at_the_top_prove_no_end(tail: str) -> None:
    assert not whole(FLAT + tail)


def test_tags_in_scripts_and_comments_open_nothing() -> None:
    assert whole(f"{SHORT}<script>'<div><ul>'</script><!-- <main> --><div></div>")
    assert not whole(f"{SHORT}<script>'<div><ul>'")


@pytest.mark.parametrize(
    "tail",
    [
        "<footer>Acme</footer>",
        "<footer>Acme</footer>\n<style>a { }</style><!-- 3 ms --><div id=dialog></div><img src=/count>",
        "<script src=/a.js></script>",
        "<noscript><img src=/count></noscript>",
        "</body>",
        "</BODY >",
    ],
)
def test_a_page_ends_with_what_stands_at_the_end_of_pages(tail: str) -> None:
    assert whole(LIST + tail)
    assert not whole(LIST + tail + "<section></section><p>More")


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "<nav><a href=/2>2</a></nav>",
        "<section><ul><li><a href=/jobs/9>Job 9</a></ul></section>",
        '<script type="application/ld+json">{}</script>',
        "<script>a()</script><section><h2>Kitchen</h2></section>",
        "<script>a()</script",
    ],
)
def test_a_page_that_may_be_cut_between_two_blocks_does_not_end_well(tail: str) -> None:
    assert not whole(LIST + tail)
    assert whole(f"{LIST + tail}<footer>Acme</footer>") is (not tail.endswith("</script"))


def test_wherever_a_page_of_two_lists_is_cut_before_its_end_is_seen() -> None:
    page = f"{LIST}<section><ul>{ROWS}</ul></section><footer>Acme</footer>"
    begin, end = page.index("<title>"), page.index("</footer>") + len("</footer>") - 1
    assert whole(page)
    assert not any(whole(page[:place]) for place in range(begin, end))


def test_a_footer_may_stand_in_what_is_around_the_whole_page_but_not_in_a_row() -> None:
    assert whole(f"<html><div id=app><div><header><a href=/>Acme</a></header>{ROWS}</div><footer>Acme</footer></div>")
    row = "<div><a href=/jobs/1>Job</a><footer>Apply</footer></div>"
    assert not whole(f"<html><nav><a href=/>Home</a></nav>{row}")
    assert not whole(f"<html>{row}{row}")


def test_the_head_alone_is_no_page() -> None:
    assert not whole("<html lang=en><title>Jobs</title><script src=/a.js></script>")
    assert whole("<html lang=en><title>Jobs</title><div id=app></div><script src=/a.js></script>")
