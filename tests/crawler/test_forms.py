from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import Answer
from crawler.extraction import read_page
from crawler.listing import Listed
from crawler.pages import Reading
from crawler.sources.forms import FORM, SEARCH, form_links, with_forms
from crawler.sources.list import walk_list
from tests.crawler.answering import SITE, Site, links

START = f"{SITE}/jobs"


class WithForms(Site):
    async def read(self, page: Answer) -> Reading:
        return with_forms(read_page(page.page, links=True), page.body)


def found(body: str, url: str = START) -> list[tuple[str, str]]:
    return [(link.url.removeprefix(SITE), link.text) for link in form_links(body.encode(), url)]


def walk(pages: dict[str, str]) -> Listed:
    site = WithForms(pages)
    return asyncio.run(walk_list(site.ask, site.read, (START,), start_url=SITE))


def jobs(first: int, last: int) -> list[str]:
    return [f"/jobs/{number}" for number in range(first, last + 1)]


def test_a_select_leads_to_each_of_its_choices() -> None:
    body = '<form action="/jobs"><SELECT name="page"><option value="1" selected>1<option>2</select></form>'
    assert found(body) == [("/jobs?page=1", "1"), ("/jobs?page=2", "2")]


def test_buttons_lead_where_they_send_with_what_is_set() -> None:
    body = """<form method=GET action="list?old=1"><input type=hidden name=lang value=en><input type=hidden name=q value="">
    <button name=p value=2><b>2</b></button><input type=submit name=p value=3></form>"""
    assert found(body) == [("/list?lang=en&p=2", "2"), ("/list?lang=en&p=3", "3")]


def test_a_button_without_a_name_sends_what_is_hidden() -> None:
    body = '<form><input type="hidden" name="from" value="20"><button>Next&nbsp;<i>page</i></button></form>'
    assert found(body) == [("/jobs?from=20", "Next page")]


def test_a_button_whose_name_is_hidden_too_takes_its_place() -> None:
    body = "<form><input type=hidden name=p value=1><button name=p value=2>Next</button></form>"
    assert found(body) == [("/jobs?p=2", "Next")]


def test_what_is_sent_by_post_is_no_link() -> None:
    assert found('<form method=" Post " action="/jobs/1"><button name=page value=2>2</button></form>') == []


def test_a_form_to_write_in_leads_to_what_it_sends_empty() -> None:
    body = "<form action=/search><input name=q><select name=where><option>Lyon<option>Graz</select><button>Go</button></form>"
    (link,) = form_links(body.encode(), START)
    assert (link.url, link.tag) == (f"{SITE}/search", SEARCH)


def test_beside_words_to_look_for_the_numbers_of_pages_can_be_chosen() -> None:
    body = "<form><input name=q><select name=seite><option>1<option>2</select></form>"
    assert ("/jobs?seite=2", "2") in found(body)


def test_forms_of_other_sites_lead_nowhere() -> None:
    assert found('<form action="https://evil.example/x"><button>Next</button></form>') == []


@pytest.mark.parametrize(
    "form",
    [
        '<form><select name="page"><option>1<option>2<option>3</select></form>',
        '<form method="get" action="/jobs"><input type=hidden name=lang value=en><button name=page value=2>2</button>'
        "<button name=page value=3>3</button></form>",
    ],
)
def test_the_pages_that_a_form_leads_to_are_read(form: str) -> None:
    lang = "lang=en&" if "lang" in form else ""
    pages = {
        "/jobs": links(*jobs(1, 3), tail=form),
        f"/jobs?{lang}page=1": links(*jobs(1, 3), tail=form),
        f"/jobs?{lang}page=2": links(*jobs(4, 6), tail=form),
        f"/jobs?{lang}page=3": links(*jobs(7, 8), tail=form),
    }
    listed = walk(pages)
    assert {f"acme.example{path}" for path in jobs(1, 8)} <= set(listed.entries)


def test_a_button_that_says_next_is_followed_whatever_it_sends() -> None:
    def following(row: int) -> str:
        return f"<form action=/jobs><input type=hidden name=von value={row}><input type=submit value='weiter &raquo;'></form>"

    listed = walk({"/jobs": links(*jobs(1, 3), tail=following(3)), "/jobs?von=3": links(*jobs(4, 5))})
    assert {f"acme.example{path}" for path in jobs(1, 5)} <= set(listed.entries)


def test_a_form_is_the_row_of_a_posting() -> None:
    rows = "".join(f"<form action={path}><button>View</button></form>" for path in jobs(1, 3))
    assert {f"acme.example{path}" for path in jobs(1, 3)} <= set(walk({"/jobs": links(tail=rows)}).entries)


@given(
    st.lists(
        st.sampled_from(
            "<form |<FORM>|</form>|method=post|action=/x|>|'|\"|<input |type=hidden|name=a|value=1|<select name=b>|</select>"
            "|<option>|2|<button>|<b|</button|&amp;|%|\x00|é|<!--".split("|")
        ),
        max_size=30,
    )
)
def test_no_form_is_too_odd(parts: list[str]) -> None:
    for link in form_links(" ".join(parts).encode(), START):
        assert link.url.startswith(SITE)
        assert link.tag in (FORM, SEARCH)
