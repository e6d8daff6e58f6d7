from __future__ import annotations

import pytest

from crawler.sources.ending import ends_well
from tests.crawler.answering import SITE, answer

ROWS = "".join(f"<li><a href=/jobs/{number}>Job {number}</a>" for number in range(1, 9))
#: what minifiers leave of a page: no end tag that HTML lets a page leave out
SHORT = f"<!doctype html><html lang=en><title>Jobs</title><nav><a href=/>Home</a></nav><main><ul>{ROWS}</ul></main><footer>Acme</footer>"
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
