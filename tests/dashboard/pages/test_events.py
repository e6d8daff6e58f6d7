"""The log as a page."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from dashboard.pages import events as page
from postings.visits import Absence
from storage import events
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job

HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"


def shown(answer: httpx.Response) -> html.HtmlElement:
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def numbers(found: html.HtmlElement) -> list[int]:
    return [int(one.get("id").removeprefix("event-")) for one in found.cssselect("#log .rows > li")]


def test_the_newest_stand_first_with_their_numbers_and_lead_to_their_postings(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        found = shown(web.get("/events"))
    assert numbers(found) == [4, 3, 2, 1]
    newest = events.after(board.engine, 3, 1)[0]
    (link,) = found.cssselect("#event-4 a[data-open]")
    assert (link.text, link.get("href")) == ("Nurse", f"/postings/{newest.posting_id}")
    assert "opened" in found.cssselect("#event-4 .badge")[0].text_content()
    assert [len(found.cssselect(f"#event-{number} [title*='before anyone watched']")) for number in (1, 4)] == [1, 0]


def test_the_log_is_paged_back_by_number_to_its_first_event(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_SHOWN", 3)
    watch = watched(board)
    watch.now += timedelta(hours=1)
    watch.pages |= {f"/jobs/more{number}": a_job(f"Sailor {number}") for number in range(3)}
    watch.visit()
    found, address = [], "/events"
    with browsing(board.app()) as web:
        while address:
            one = shown(web.get(address))
            found.append(numbers(one))
            address = next((link.get("href") for link in one.cssselect("a[rel=next]")), "")
        assert numbers(shown(web.get("/events?before=4"))) == [3, 2, 1]
    assert found == [[7, 6, 5], [4, 3, 2], [1]]


def test_one_kind_one_site_or_what_a_query_finds_can_be_asked_for_alone(board: Board) -> None:
    watch = watched(board)
    watched(board, name="other", host="other.example")
    watch.now += timedelta(hours=3)
    del watch.pages["/jobs/3"]
    watch.visit(looks={"/jobs/3": Absence.GONE})
    with browsing(board.app()) as web:
        closed = shown(web.get("/events?kind=closed"))
        assert numbers(closed) == [9]
        assert "Its page is gone" in closed.cssselect("#event-9")[0].text_content()
        assert numbers(shown(web.get("/events?site=other"))) == [8, 7, 6, 5]
        assert numbers(shown(web.get("/events", params={"q": "title:cook", "site": "acme"}))) == [9, 3]
        assert numbers(shown(web.get("/events", params={"q": "title:sailor"}))) == []


def test_what_is_rare_is_looked_for_part_by_part(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_MOST_READ", 2)
    monkeypatch.setattr(page, "_MOST_SKIPPED", 2)
    watched(board)
    with browsing(board.app()) as web:
        first = shown(web.get("/events?q=title:welder"))
        assert numbers(first) == []
        (older,) = (link.get("href") for link in first.cssselect("a[rel=next]"))
        assert parse_qs(urlsplit(older).query) == {"q": ["title:welder"], "before": ["3"]}
        assert numbers(shown(web.get(older))) == [1]
        (older,) = (link.get("href") for link in shown(web.get("/events?kind=closed")).cssselect("a[rel=next]"))
        assert parse_qs(urlsplit(older).query)["before"] == ["3"]


@pytest.mark.parametrize("asked", ["q=(", "q=titel:x", "kind=vanished", "site=nowhere"])
def test_what_cannot_be_asked_is_said_on_the_page_and_is_an_error_for_programs(board: Board, asked: str) -> None:
    watched(board)
    with browsing(board.app()) as web:
        found = shown(web.get(f"/events?{asked}"))
        assert found.cssselect("#problem")[0].text
        assert not found.cssselect("[hx-sse\\:connect]")
        answer = web.get(f"/events.json?{asked}")
    assert (answer.status_code, bool(answer.json()["problem"])) == (400, True)


def test_the_page_is_also_json(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        told = web.get("/events.json?q=title:nurse").json()
    assert [(one["number"], one["type"], one["title"]) for one in told["lines"]] == [(4, "opened", "Nurse")]
    assert (told["newest"], told["older"]) == (4, None)


def test_a_row_that_is_added_says_the_same_as_the_page(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        standing = shown(web.get("/events")).cssselect("#event-4")[0]
        with web.stream("GET", "/events/stream?after=0&kind=opened&site=acme&q=title:nurse") as answer:
            sent = []
            for line in answer.iter_lines():
                if line == "id: 4":
                    break
                if line.startswith("data: "):
                    sent.append(line.removeprefix("data: "))
    assert html.tostring(html.fragment_fromstring("\n".join(sent))).split() == html.tostring(standing).split()


def test_a_hostile_title_and_query_are_shown_as_text(board: Board) -> None:
    watch = Watch(board.engine, now=board.now)
    watch.pages = {"/jobs/1": a_job(HOSTILE)}
    watch.visit()
    with browsing(board.app()) as web:
        whole = web.get("/events", params={"q": f'"{HOSTILE}"', "site": HOSTILE})
        plain = web.get("/events")
    for answer in (whole, plain):
        assert "<script>alert" not in answer.text
        assert "\u202e" not in shown(answer).text_content()
    assert "alert(1)" in shown(plain).cssselect("a[data-open]")[0].text


def test_without_any_event_the_page_says_what_to_do(board: Board) -> None:
    with browsing(board.app()) as web:
        found = shown(web.get("/events"))
    assert found.cssselect(".empty a")[0].get("href") == "/sites"
