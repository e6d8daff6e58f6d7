"""The list of postings: what a query finds, page by page, and what makes it narrower."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from dashboard.api.cursors import at_time
from dashboard.pages.postings import SHOWN
from postings.posting import Location, Organization, Posting, Salary
from postings.visits import Absence
from storage import searches
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.rows import NOW, add_posting, add_site
from tests.storage.watching import Watch

SECOND = timedelta(seconds=1)


def page_of(answer: httpx.Response) -> html.HtmlElement:
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def titles(answer: httpx.Response) -> list[str]:
    return [words(link) for link in page_of(answer).cssselect("[data-open]")]


def link_named(page: html.HtmlElement, text: str) -> str:
    found = [link for link in page.cssselect("a") if words(link) == text]
    assert found, f"no link {text!r}"
    return str(found[0].get("href"))


def closed_one(board: Board) -> Watch:
    watch = watched(board)
    del watch.pages["/jobs/3"]
    watch.now += timedelta(hours=1)
    watch.visit(looks={"/jobs/3": Absence.GONE})
    board.now = watch.now
    return watch


def filled(board: Board, count: int, **fields: object) -> None:
    site = add_site(board.engine, "acme")
    for number in range(count):
        add_posting(
            board.engine,
            site,
            f"p_{number:04}",
            Posting(title=f"Job {number}", **fields),  # type: ignore[arg-type]
            first_seen=NOW - number * SECOND,
        )


def test_a_query_finds_its_postings_and_is_said_back(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        assert sorted(titles(web.get("/postings"))) == ["Baker", "Cook", "Nurse", "Welder"]
        answer = web.get("/postings?q=location:oslo")
    assert titles(answer) == ["Nurse"]
    assert words(page_of(answer).cssselect("#said")[0]) == "in oslo, open: 1 posting"


def test_a_line_says_what_one_scans_for(board: Board) -> None:
    site = add_site(board.engine, "acme jobs", "https://acme.example")
    posting = Posting(
        title="Welder",
        organization=Organization(name="Acme GmbH"),
        locations=(Location(locality="Berlin", country="DE"),),
        salary=Salary(currency="EUR", min=60000, max=75000, unit="YEAR"),
    )
    add_posting(board.engine, site, "p_1", posting, first_seen=NOW - timedelta(days=3))
    with browsing(board.app()) as web:
        row = page_of(web.get("/postings")).cssselect("[data-row]")[0]
    assert words(row) == "Welder Acme GmbH · Berlin, DE 60,000-75,000 EUR a year acme jobs 3 d ago"
    assert row.cssselect("a")[0].get("href") == "/postings/p_1"


def test_closed_postings_are_shown_where_they_are_asked_for(board: Board) -> None:
    closed_one(board)
    with browsing(board.app()) as web:
        assert titles(web.get("/postings?q=is:closed")) == ["Cook"]
        both = web.get(link_named(page_of(web.get("/postings?q=job OR cook OR nurse")), "both"))
        assert sorted(titles(both)) == ["Cook", "Nurse"]
        back = web.get(link_named(page_of(both), "open"))
    assert titles(back) == ["Nurse"]


def test_a_fault_of_a_query_is_shown_where_it_is(board: Board) -> None:
    with browsing(board.app()) as web:
        answer = web.get("/postings", params={"q": "cook titel:x"})
        as_json = web.get("/postings.json", params={"q": "cook titel:x"})
    problem = page_of(answer).cssselect("#said [role=alert]")[0]
    assert "column 6" in words(problem)
    assert "did you mean `title`?" in words(problem)
    assert words(problem.cssselect("mark")[0]) == "t"
    assert page_of(answer).cssselect("#q")[0].get("value") == "cook titel:x"
    assert as_json.status_code == 400


def test_each_facet_leads_to_fewer_postings_and_back(board: Board) -> None:
    watched(board)
    watched(board, name="globex & sons", host="globex.example")
    with browsing(board.app()) as web:
        start = page_of(web.get("/postings"))
        for name in ("globex & sons", "Oslo", "no"):
            address = link_named(start, name)
            narrow = web.get(address)
            assert 0 < len(titles(narrow)) < 8 or name == "no"
            chosen = page_of(narrow).cssselect(".facets [aria-current]")
            assert name in {words(one) for one in chosen}
            assert len(titles(web.get(link_named(page_of(narrow), name)))) == 8
        twice = web.get(link_named(page_of(web.get(link_named(start, "Oslo"))), "globex & sons"))
    assert titles(twice) == ["Nurse"]


def test_a_list_goes_on_until_each_posting_was_shown_once(board: Board) -> None:
    filled(board, 2 * SHOWN + 7)
    found: list[str] = []
    with browsing(board.app()) as web:
        address: str | None = "/postings?q=job"
        while address:
            answer = web.get(address)
            found += titles(answer)
            ways = page_of(answer).cssselect("#further a")
            address = str(ways[0].get("href")) if ways else None
            # what is new meanwhile does not push others over the edge
            add_posting(
                board.engine, add_site(board.engine, f"n{len(found)}"), f"p_n{len(found)}", first_seen=NOW + SECOND
            )
    assert found == [f"Job {number}" for number in range(2 * SHOWN + 7)]


def test_a_page_that_is_full_of_other_postings_goes_on_looking(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.pages.postings.LOOKED_AT", 20)
    filled(board, 60)
    add_posting(
        board.engine, add_site(board.engine, "old"), "p_old", Posting(title="Cook"), first_seen=NOW - 55 * SECOND
    )
    found, asked = [], 0
    # the index of words knows no beginnings
    with browsing(board.app()) as web:
        answer = web.get("/postings?q=cook*")
        assert "nothing so far of what was found since 2026-11-24" in words(page_of(answer).cssselect("#said")[0])
        while ways := html.document_fromstring(answer.text).cssselect("#further[hx-get]"):
            target = {"HX-Request": "true", "HX-Target": "li#further"}
            answer = web.get(str(ways[0].get("hx-get")), headers=target)
            found += [
                words(link) for link in html.document_fromstring(f"<ol>{answer.text}</ol>").cssselect("[data-open]")
            ]
            asked += 1
    assert found == ["Cook"]
    assert asked == 2
    assert "That is all." in answer.text


def test_while_somebody_types_only_the_results_are_sent(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        part = web.get("/postings?q=cook", headers={"HX-Request": "true", "HX-Target": "div#results"})
    assert part.text.lstrip().startswith('<div id="said">')
    assert "<html" not in part.text


def test_the_list_has_other_forms_of_the_same_query(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        page = page_of(web.get("/postings?q=location:oslo"))
        rows = list(csv.DictReader(io.StringIO(web.get(link_named(page, "CSV")).text)))
        body = web.get(link_named(page, "JSON")).json()
        feed = web.get(link_named(page, "Feed"))
    assert [row["title"] for row in rows] == ["Nurse"]
    assert ([one["title"] for one in body["items"]], body["count"], body["next"]) == (["Nurse"], 1, None)
    assert parse_qs(urlsplit(str(feed.url)).query) == {"q": ["location:oslo"]}
    assert "Nurse" in feed.text


def test_the_json_is_paged_by_its_cursor(board: Board) -> None:
    filled(board, SHOWN + 3)
    with browsing(board.app()) as web:
        first = web.get("/postings.json").json()
        second = web.get("/postings.json", params={"after": first["next"]}).json()
        broken = web.get("/postings.json?after=nonsense")
    assert (first["count"], first["counted"], len(first["items"])) == (SHOWN + 3, True, SHOWN)
    assert [one["title"] for one in second["items"]] == [f"Job {number}" for number in range(SHOWN, SHOWN + 3)]
    assert (second["next"], "count" in second, broken.status_code) == (None, False, 400)


def test_a_csv_holds_every_posting_and_no_formula(board: Board) -> None:
    filled(board, 2 * SHOWN)
    add_posting(board.engine, add_site(board.engine, "bad"), "p_bad", Posting(title="=HYPERLINK(1)"))
    with browsing(board.app()) as web:
        rows = list(csv.DictReader(io.StringIO(web.get("/postings.csv").text)))
    assert len(rows) == 2 * SHOWN + 1
    assert {row["title"] for row in rows if row["id"] == "p_bad"} == {"'=HYPERLINK(1)"}


def test_a_query_is_kept_as_a_search(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        form = page_of(web.get("/postings?q=location:oslo")).cssselect("form[action='/searches']")[0]
        fields = {one.get("name"): one.get("value") for one in form.cssselect("input")}
        web.post("/searches", data={**fields, "name": "in oslo"})
    assert searches.find(board.engine, "in oslo").query == "location:oslo"


def test_nothing_says_what_to_do_next(board: Board) -> None:
    with browsing(board.app()) as web:
        assert "Watch a site" in web.get("/postings").text
        assert "Show all that are open" in web.get("/postings?q=sailor").text


HOSTILE = (
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "{{ 7*7 }}",
    "Welder\u202eexe.\u2066",
    "a" * 1_000_000,
    "Cook\x1b[2J",
)


def test_what_a_page_says_is_shown_harmlessly(board: Board) -> None:
    site = add_site(board.engine, "acme")
    for number, text in enumerate(HOSTILE):
        posting = Posting(
            title=text,
            url="javascript:alert(1)",
            organization=Organization(name=text),
            locations=(Location(locality=text, country="DE"),),
        )
        add_posting(board.engine, site, f"p_{number}", posting)
    with browsing(board.app()) as web:
        nothing = page_of(web.get("/postings?q=zzzz"))
        answer = web.get("/postings")
        page = page_of(answer)
        for link in page.cssselect(".facets a"):
            assert web.get(str(link.get("href"))).status_code == 200
    assert len(page.cssselect("[data-row]")) == len(HOSTILE)
    assert "<script>alert(1)</script>" in words(page)
    assert "{{ 7*7 }}" in words(page)
    assert len(page.cssselect("svg, script")) == len(nothing.cssselect("svg, script"))
    assert "javascript:" not in answer.text
    assert len(answer.content) < 50_000
    assert not set("\u202e\u2066\x1b") & set(answer.text)


@pytest.mark.parametrize(
    "after",
    ["nonsense", "WyIyMDI2Il0", at_time(NOW, "p_1")[:-3], "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjAwIiwicF8xIl0"],
    ids=["no base64", "one part", "cut", "after all times"],
)
def test_a_cursor_that_no_page_gave_is_refused(board: Board, after: str) -> None:
    with browsing(board.app()) as web:
        assert web.get("/postings", params={"after": after}).status_code == 400
