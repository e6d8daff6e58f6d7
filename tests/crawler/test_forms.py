from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import Answer
from crawler.extraction import read_page
from crawler.listing import Listed
from crawler.pages import Link, Page, Reading
from crawler.sources.forms import FORM, SEARCH, form_links, with_forms
from crawler.sources.further_pages import further_pages
from crawler.sources.list import walk_list
from postings import urls
from tests.crawler.answering import SITE, Site, links

START = f"{SITE}/jobs"


class WithForms(Site):
    async def read(self, page: Answer) -> Reading:
        return with_forms(read_page(page.page, links=True), page.page)


def found(body: str, url: str = START) -> list[tuple[str, str]]:
    return [(link.url.removeprefix(SITE), link.text) for link in form_links(Page(url=url, body=body.encode()))]


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
    (link,) = form_links(Page(url=START, body=body.encode()))
    assert (link.url, link.tag) == (f"{SITE}/search", SEARCH)


def test_beside_words_to_look_for_the_numbers_of_pages_can_be_chosen() -> None:
    body = "<form><input name=q><select name=seite><option>1<option>2</select></form>"
    assert ("/jobs?seite=2", "2") in found(body)


def test_what_a_page_has_chosen_is_sent_with_another_choice() -> None:
    body = """<form><select name=dep><option value=1>IT<option value=2 selected>HR</select><select name=sort><option>new<option>old
    </select><input type=checkbox name=full value=1 checked><input type=checkbox name=home value=1><input type=radio name=r checked>
    <input type=hidden name=off value=1 disabled><select name=page><option>1<option>2</select></form>"""
    assert ("/jobs?full=1&r=on&dep=2&sort=new&page=2", "2") in found(body)
    assert ("/jobs?full=1&r=on&sort=new&page=1&dep=1", "IT") in found(body)


def test_a_choice_that_cannot_be_sent_leaves_the_first_one_out() -> None:
    body = """<form><select name=dep><option disabled selected>Department<option>IT</select><select name=page><option>2</select>
    </form>"""
    assert ("/jobs?page=2", "2") in found(body)


def test_words_that_the_address_of_the_page_has_are_sent_and_others_not() -> None:
    body = '<form><input name=q value=cook><input name=in value="Place …"><select name=page><option>2</select></form>'
    assert found(body, f"{START}?q=cook") == [("/jobs?q=cook", ""), ("/jobs?q=cook&page=2", "2")]


def test_a_form_to_write_in_is_not_narrowed_by_its_first_options() -> None:
    body = "<form><input name=q><select name=where><option>Lyon<option>Graz</select></form>"
    assert found(body) == [("/jobs", "")]


@pytest.mark.parametrize(
    "form",
    [
        "<form onsubmit='return send(this)'><button name=p value=2>2</button></form>",
        "<form><input type=hidden name=csrf_token value=x><button name=p value=2>2</button></form>",
        "<form><input type=hidden name=_wpnonce value=x><button name=p value=2>2</button></form>",
        "<form><input type=hidden name=_method value=put><button name=p value=2>2</button></form>",
        "<form><input type=hidden name=do value=unsubscribe><button name=p value=2>2</button></form>",
        "<form><button formmethod=post>More</button></form>",
        "<form><button formaction=/jobs/1/hide>More</button></form>",
        "<form><select name=page><option>2</select><button formmethod=post>Hide</button></form>",
        "<form action=/jobs/1/delete.php><button>More</button></form>",
        "<form action=/jobs/1><button name=do value=delete>More</button></form>",
        "<form action=/logout><button>Jobs</button></form>",
        "<form action=/jobs><button>Log out</button></form>",
        "<form action=/jobs/1><button>Jetzt bewerben</button></form>",
        "<form action=/jobs/1><button>Apply now</button></form>",
        "<form action=/jobs/1><button>Bewerbung zurückziehen</button></form>",
        "<form action=/jobs><input name=q><button>Unsubscribe</button><button>S'inscrire</button></form>",
        "<form action=/jobs/alerts><input type=email name=mail><button>Go</button></form>",
        "<form action=/jobs><input name=user><input type=password name=word><button>Go</button></form>",
    ],
)
def test_what_may_do_more_than_to_lead_to_a_page_leads_nowhere(form: str) -> None:
    assert found(form) == []


@pytest.mark.parametrize(
    "form",
    [
        "<form action=/jobs/4-subscription-manager><button>Subscription Manager</button></form>",
        "<form action=/jobs/5-asbestos-removals><button>View</button><button name=do value=delete>Delete</button></form>",
        "<form action=/jobs/6><select name=page><option>2</select><button>Apply</button></form>",
        "<form action=/jobs/7><button formmethod=GET>View</button></form>",
    ],
)
def test_rows_and_filters_are_no_such_forms(form: str) -> None:
    assert len(found(form)) in (1, 2)


def test_a_value_that_a_browser_would_write_in_other_characters_is_not_sent() -> None:
    body = """<meta charset=iso-8859-1><form><select name=ort><option>Graz<option>München</select><button>Nächste</button></form>"""
    page = Page(url=START, body=body.encode("latin-1"))
    assert [link.url for link in form_links(page)] == [f"{START}?ort=Graz"]
    assert ("/jobs?ort=M%C3%BCnchen", "München") in found(body.replace("iso-8859-1", "utf-8"))


def test_the_text_of_a_button_is_read_in_the_characters_of_its_page() -> None:
    body = "<meta charset=iso-8859-1><form><input type=hidden name=p value=2><input type=submit value=Nächste></form>"
    (link,) = form_links(Page(url=START, body=body.encode("latin-1")))
    assert link == Link(f"{START}?p=2", "Nächste", tag=FORM)


def test_a_form_with_very_many_hidden_fields_is_left_out() -> None:
    def form(count: int) -> str:
        return f"<form>{''.join(f'<input type=hidden name=f{n} value=1>' for n in range(count))}<button>More</button></form>"

    assert (len(found(form(40))), found(form(60))) == (1, [])


def parsed(monkeypatch: pytest.MonkeyPatch, form: str) -> list[str]:
    """What the links of a form are read from, none of which is an address."""
    said: list[str] = []

    def parse(url: str, base: str | None = None) -> str | None:
        said.append(url)
        return url if base else None

    monkeypatch.setattr(urls, "parse", parse)
    assert found(form) == []
    return said[1:]


def test_what_is_no_address_counts_as_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    options = "".join(f"<option>{number}" for number in range(5000))
    assert len(parsed(monkeypatch, f"<form><select name=a>{options}</select></form>")) == 2000


def test_a_form_that_sends_more_than_an_address_holds_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = f"<input type=hidden name=a value={'x' * 2100}>"
    assert parsed(monkeypatch, f"<form>{hidden}<button>1</button><button>2</button></form>") == []
    assert len(parsed(monkeypatch, "<form><button>1</button><button>2</button></form>")) == 2


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


def test_a_page_is_chosen_with_the_department_that_is() -> None:
    form = (
        "<form><select name=dep><option value=1 selected>IT<option value=2>HR</select><select name=page><option>1<option>2"
        "</select></form>"
    )
    site = {"/jobs?dep=1": links(*jobs(1, 2), tail=form), "/jobs?dep=1&page=2": links(*jobs(3, 4), tail=form)}
    table = WithForms(site)
    listed = asyncio.run(walk_list(table.ask, table.read, (f"{START}?dep=1",), start_url=SITE))
    assert {f"acme.example{path}" for path in jobs(1, 4)} <= set(listed.entries)


def test_another_department_is_no_further_page_though_the_number_of_the_page_is_sent_with_it() -> None:
    form = "<form><select name=page><option>1<option>2</select><select name=dep><option value=''>All<option>HR</select></form>"
    reading = with_forms(Reading(url=START), Page(url=START, body=form.encode()))
    assert further_pages(START, reading) == [f"{START}?page=1", f"{START}?page=2"]


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
    for link in form_links(Page(url=START, body=" ".join(parts).encode())):
        assert link.url.startswith(SITE)
        assert link.tag in (FORM, SEARCH)
