"""Saved searches as pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from lxml import html

from dashboard.pages import searches as page
from dashboard.pages.hearing import heard, in_words
from delivery import outlets as kinds
from delivery.rhythm import read_rhythm
from storage import outlets, searches
from storage.outlets import Outlet
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.delivery.eventlog import NOON, later
from tests.delivery.outlet_rows import outlet_row

HOSTILE = '"><script>alert(1)</script>/../%2e'


def shown(answer: httpx.Response, status: int = 200) -> html.HtmlElement:
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def keep(board: Board, name: str, query: str) -> searches.Search:
    return searches.add(board.engine, name=name, query=query, grammar=1, now=board.now)


def hear(board: Board, name: str, search: str, **options: Any) -> Outlet:
    return kinds.add(
        board.engine, name=name, address="mailto:me@example.org", options=options, now=board.now, search=search
    )


def test_a_search_says_what_it_finds_now_and_a_week_and_who_hears_of_it_when(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_BUDGET", 60.0)
    watched(board)
    keep(board, "cooks and nurses", "title:cook OR title:nurse")
    hear(board, "me", "cooks and nurses", when="daily 08:00", zone="Europe/Berlin")
    # a week ends where it was reached
    board.now += timedelta(minutes=1)
    with browsing(board.app()) as web:
        (article,) = shown(web.get("/searches")).cssselect("article")
        told = web.get("/searches.json").json()["searches"][0]
    assert "2 postings match now" in words(article)
    assert [words(one) for one in article.cssselect("tbody td")][-1] == "2"
    assert "email, mailto:me@example.org, daily 08:00 (Europe/Berlin)" in words(article)
    assert article.cssselect(".rows time")[0].get("datetime") == "2026-11-25T07:00:00+00:00"
    assert (told["figures"]["matches"], told["figures"]["weeks"][-1][1]) == (2, 2)


def test_a_query_shows_what_it_finds_and_which_term_keeps_out_what_it_just_misses(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        block = web.get(
            "/searches?q=title:nurse location:berlin", headers={"HX-Request": "true", "HX-Target": "div#trial"}
        )
        whole = shown(web.get("/searches?q=title:nurse location:oslo"))
        told = web.get("/searches.json?q=title:nurse location:berlin").json()["trial"]
    # htmx gets the part that it shows, and no more
    assert "<html" not in block.text
    assert "<strong>0 postings</strong> now" in block.text
    assert sorted((one["title"], one["term"]) for one in told["misses"]) == [
        ("Baker", "title:nurse"),
        ("Cook", "title:nurse"),
        ("Nurse", "location:berlin"),
        ("Welder", "title:nurse"),
    ]
    assert "in oslo" in words(whole.cssselect("#trial")[0])
    assert [one.text for one in whole.cssselect("#trial section:first-child a[data-open]")] == ["Nurse"]


def test_a_search_is_kept_changed_and_removed_with_its_outlets(board: Board) -> None:
    watched(board)
    name = "in Oslo/Bergen, 100 %"
    address = f"/searches/{quote(name, safe='')}"
    with browsing(board.app()) as web:
        kept = web.post("/searches", data={"name": name, "q": "location:oslo"})
        assert (kept.status_code, kept.headers["location"]) == (303, address)
        assert words(shown(web.get(address)).find(".//h1")) == name
        assert web.post(f"{address}/query", data={"q": "location:berlin"}).status_code == 303
        assert searches.find(board.engine, name).query == "location:berlin"
        hear(board, "me", name)
        hear(board, "you", name)
        assert "me, you." in words(shown(web.get(address)).cssselect(f"form[action='{address}/remove']")[0])
        assert web.post(f"{address}/remove").headers["location"] == "/searches"
        assert web.get(address).status_code == 404
    assert (searches.all(board.engine), outlets.all(board.engine)) == ([], [])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "x", "q": "titel:x"}, "did you mean `title`"),
        ({"name": " ", "q": "x"}, "is no name for a search"),
        ({"name": "a\x00b", "q": "x"}, "is no name for a search"),
        ({"name": "taken", "q": "x"}, "is the name of another saved search"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_what_was_typed(board: Board, typed: dict[str, str], said: str) -> None:
    keep(board, "taken", "y")
    with browsing(board.app()) as web:
        found = shown(web.post("/searches", data=typed), 400)
    assert said in words(found.cssselect("#problem")[0])
    assert found.cssselect("#q")[0].get("value") == typed["q"]
    assert len(searches.all(board.engine)) == 1


def test_somebody_is_told_with_a_rhythm_and_a_secret_is_shown_once(board: Board) -> None:
    keep(board, "nurses", "title:nurse")
    asked = {
        "address": "https://hooks.example/t0ken",
        "when": "daily 7:30",
        "quiet": "22:00-07:00",
        "zone": "Asia/Tokyo",
    }
    with browsing(board.app()) as web:
        answer = web.post("/searches/nurses/outlets", data=asked)
        secret = outlets.find(board.engine, "nurses-webhook").options["secret"][0]
        assert shown(answer).cssselect("#secret")[0].text == secret
        assert answer.headers["cache-control"] == "no-store"
        assert web.post("/searches/nurses/outlets", data={"address": "mailto:me@example.org"}).status_code == 303
        later_on = web.get("/searches/nurses").text + web.get("/searches/nurses.json").text + web.get("/searches").text
    assert secret not in later_on
    assert "t0ken" not in answer.text + later_on
    hook = outlets.find(board.engine, "nurses-webhook")
    assert (hook.search, hook.options["when"], hook.options["zone"]) == ("nurses", "daily 07:30", "Asia/Tokyo")
    assert outlets.find(board.engine, "nurses-email").search == "nurses"


@pytest.mark.parametrize(
    "asked",
    [
        {"address": "gopher://t0ken"},
        {"address": "t0ken"},
        {"address": "https://x.example/t0ken", "when": "now and then"},
    ],
)
def test_who_cannot_be_told_is_said_without_the_address(board: Board, asked: dict[str, str]) -> None:
    keep(board, "nurses", "title:nurse")
    with browsing(board.app()) as web:
        answer = web.post("/searches/nurses/outlets", data=asked)
    assert shown(answer, 400).cssselect("#problem")
    assert "t0ken" not in answer.text
    assert outlets.all(board.engine) == []


def test_one_that_cannot_be_read_any_more_hides_no_other(board: Board) -> None:
    watched(board)
    keep(board, "old", "field:gone")
    keep(board, "good", "title:nurse")
    with browsing(board.app()) as web:
        found = shown(web.get("/searches"))
        assert [words(one) for one in found.cssselect("article h2")] == ["good", "old"]
        assert "cannot be read any more" in words(shown(web.get("/searches/old")))


def test_the_list_goes_on_by_name_and_figures_that_take_too_long_are_asked_for_one_by_one(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_BUDGET", -1.0)
    for number in range(12):
        keep(board, f"search {number:02}", "title:nurse")
    with browsing(board.app()) as web:
        first = shown(web.get("/searches"))
        second = shown(web.get(first.cssselect("a[rel=next]")[0].get("href")))
        (lazy, *_) = first.cssselect("[hx-select='#figures']")
        assert shown(web.get(lazy.get("hx-get"))).cssselect("#figures strong")
    found = [words(one) for one in first.cssselect("article h2") + second.cssselect("article h2")]
    assert found == [f"search {number:02}" for number in range(12)]
    assert not first.cssselect("article svg")


def test_hostile_names_and_queries_are_shown_as_text(board: Board) -> None:
    keep(board, HOSTILE, HOSTILE)
    address = f"/searches/{quote(HOSTILE, safe='')}"
    with browsing(board.app()) as web:
        for path in ("/searches", address, f"/searches?q={quote(HOSTILE)}&name={quote(HOSTILE)}"):
            answer = web.get(path)
            assert "<script>alert" not in answer.text
            assert answer.status_code == 200
        (link,) = shown(web.get("/searches")).cssselect("article a[data-open]")
        assert link.get("href") == address


@pytest.mark.parametrize(
    ("options", "fields", "next_at"),
    [
        ({}, {}, NOON),
        ({"when": "hourly"}, {}, later(3600)),
        ({"quiet": "11:00-13:00"}, {}, later(3600)),
        ({"when": "hourly"}, {"held_until": later(7200)}, later(7200)),
        ({}, {"disabled_at": NOON, "disabled_reason": "by a person"}, None),
    ],
)
def test_the_next_delivery_is_when_the_rhythm_lets_it_leave(
    options: dict[str, str], fields: dict[str, Any], next_at: Any
) -> None:
    line = heard(outlet_row("email", "mailto:me@example.org", options, **fields), NOON)
    assert (line.next_at, line.at_once) == (next_at, next_at == NOON)


def test_a_rhythm_is_said_with_its_zone_where_that_matters() -> None:
    assert in_words(read_rhythm()) == "instant"
    assert in_words(read_rhythm("hourly", None, "Europe/Berlin")) == "hourly"
    assert in_words(read_rhythm("weekly", "22:00-07:00", "Europe/Berlin")) == (
        "weekly mon 08:00, quiet 22:00-07:00 (Europe/Berlin)"
    )
