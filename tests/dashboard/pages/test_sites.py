"""The list of sites over HTTP, and the form that adds one."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import httpx
import pytest
from lxml import html

from storage import sites
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_overview import shrunken
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing


def page(answer: httpx.Response, status: int = 200) -> html.HtmlElement:
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def rows(found: html.HtmlElement) -> list[str]:
    return [" ".join(" ".join(one.itertext()).split()) for one in found.cssselect("tbody tr")]


def test_a_site_is_told_in_one_row_and_those_that_need_a_person_come_first(board: Board) -> None:
    watched(board, name="acme")
    shrunken(board, name="zeta")
    with browsing(board.app()) as web:
        shown = page(web.get("/sites"))
    first, second = rows(shown)
    assert first.startswith("zeta https://zeta.example/jobs ▲ needs you")
    assert "acme https://acme.example/jobs ✓ well 4 +2 −0" in second
    assert "2 sites, 1 needs you" in words(shown)
    assert shown.cssselect("tbody tr")[1].cssselect("th a")[0].get("href") == "/sites/acme"


def test_a_filter_narrows_the_list_and_says_so_where_nothing_is_left(board: Board) -> None:
    watched(board, name="acme")
    watched(board, name="beta", host="jobs.example")
    with browsing(board.app()) as web:
        assert [row.split()[0] for row in rows(page(web.get("/sites?q=JOBS.ex")))] == ["beta"]
        nothing = page(web.get("/sites?q=<b>nobody"))
        assert "No site has that in its name or address." in words(nothing)
        assert nothing.cssselect("input#q")[0].get("value") == "<b>nobody"
        part = web.get("/sites?q=acm", headers={"HX-Request": "true", "HX-Target": "div#found"})
        assert "<html" not in part.text
        assert [row.split()[0] for row in rows(html.fragment_fromstring(part.text, create_parent=True))] == ["acme"]


def test_a_long_list_is_shown_in_pages_each_site_once(board: Board) -> None:
    for number in range(53):
        sites.add(
            board.engine, name=f"s{number:02}", start_url=f"https://s{number}.example/", every=None, now=board.now
        )
    with browsing(board.app()) as web:
        pages = [page(web.get("/sites"))]
        while more := pages[-1].cssselect("a[rel=next]"):
            pages.append(page(web.get(more[0].get("href"))))
        assert len(web.get("/sites.json").json()["sites"]) == 25
        told = list(csv.reader(io.StringIO(web.get("/sites.csv").text)))
    named = [row.split()[0] for one in pages for row in rows(one)]
    assert named == [f"s{number:02}" for number in range(53)]
    assert [len(rows(one)) for one in pages] == [25, 25, 3]
    assert [row[0] for row in told[1:]] == named


def test_the_csv_runs_nothing_in_a_spreadsheet(board: Board) -> None:
    sites.add(board.engine, name="=1+1", start_url="https://acme.example/", every=timedelta(hours=6), now=board.now)
    with browsing(board.app()) as web:
        answer = web.get("/sites.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (_header, row) = csv.reader(io.StringIO(answer.text))
    assert row[:3] == ["'=1+1", "https://acme.example/", "first visit is due"]


def test_an_address_is_enough_to_watch_a_site_and_leads_to_it(board: Board) -> None:
    with browsing(board.app()) as web:
        assert "No site is watched yet" in words(page(web.get("/sites")))
        answer = web.post("/sites", data={"url": " careers.acme.example/jobs ", "name": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sites/acme")
        added = sites.find(board.engine, "acme")
        assert (added.start_url, added.next_visit_at) == ("https://careers.acme.example/jobs", board.now)
        # another of that name gets a number
        assert web.post("/sites", data={"url": "acme.example"}).headers["location"] == "/sites/acme-2"


@pytest.mark.parametrize(
    ("url", "name", "field", "said"),
    [
        ("ftp://acme.example/", "", "url", "no web address"),
        ("https://me:secret@acme.example/", "", "url", "no web address"),
        ("", "", "url", "no web address"),
        ("https://acme.example/jobs", "", "url", "watched already as acme"),
        ("https://new.example/", "Not <a> name", "name", "small letters"),
        ("https://new.example/", "acme", "name", "Another site has this name"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    board: Board, url: str, name: str, field: str, said: str
) -> None:
    watched(board)
    with browsing(board.app()) as web:
        shown = page(web.post("/sites", data={"url": url, "name": name}), 422)
    assert said in words(shown.cssselect(f"#{field}-error")[0])
    typed = shown.cssselect(f"#{field}")[0]
    assert (typed.get("aria-invalid"), typed.get("aria-describedby")) == ("true", f"{field}-error")
    assert (shown.cssselect("#url")[0].get("value"), shown.cssselect("#name")[0].get("value")) == (url, name)
    assert len(sites.watched(board.engine)) == 1


def test_a_name_that_looks_like_markup_is_shown_as_text(board: Board) -> None:
    name = '<script>alert(1)</script>/"\u202e'[:-1]
    sites.add(board.engine, name=name, start_url="https://acme.example/?a=<b>&c", every=None, now=board.now)
    with browsing(board.app()) as web:
        shown = page(web.get("/sites"))
        (link,) = shown.cssselect("tbody th a")
        assert link.text_content() == name
        found = page(web.get(link.get("href")))
    assert found.cssselect("main script, td script") == []
    assert words(found.cssselect("h1")[0]) == name
