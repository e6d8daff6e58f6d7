"""Postings over HTTP, as a program reads them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from postings.events import cloudevent
from postings.visits import Absence
from storage import evidence, postings
from storage.events import of_posting
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.watching import a_job


def pages(web: httpx.Client, address: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """A list page by page, by following the links."""
    answer = web.get(address, params=parameters)
    while True:
        assert answer.status_code == 200, answer.text
        yield answer.json()
        if "next" not in answer.links:
            assert answer.json()["next"] is None
            return
        answer = web.get(answer.links["next"]["url"])


def titles(web: httpx.Client, **parameters: Any) -> list[str]:
    return [one["title"] for page in pages(web, "/api/v1/postings", **parameters) for one in page["items"]]


@pytest.fixture
def web(board: Board) -> Iterator[httpx.Client]:
    """Four open postings, of which two pairs were seen first at the same time, and a closed one."""
    watch = watched(board)
    watch.later(hours=1).pages["/jobs/5"] = a_job("Sailor")
    watch.visit()
    del watch.pages["/jobs/5"]
    watch.later(hours=1).visit(looks={"/jobs/5": Absence.GONE})
    board.now = watch.now
    with browsing(board.app()) as web:
        yield web


@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize("state", ["open", "all"])
def test_links_lead_through_all_postings_the_last_found_first_and_none_comes_twice(
    board: Board, web: httpx.Client, limit: int, state: str
) -> None:
    expected = [one.record["title"] for one in postings.search(board.engine, state=state)]  # type: ignore[arg-type]
    assert len(expected) == (4 if state == "open" else 5)
    assert titles(web, limit=limit, state=state) == expected


def test_what_is_found_meanwhile_makes_no_page_repeat_or_leave_out_anything(board: Board, web: httpx.Client) -> None:
    before = titles(web)
    read = []
    for number, page in enumerate(pages(web, "/api/v1/postings", limit=1)):
        read += [one["title"] for one in page["items"]]
        other = watched(board, name=f"other-{number}", host=f"other{number}.example") if number < 2 else None
        assert other is None or len(titles(web)) > len(before)
    assert read == before


def test_postings_are_asked_for_by_query_state_and_site(web: httpx.Client) -> None:
    assert titles(web, q="title:cook") == ["Cook"]
    assert titles(web, state="closed") == ["Sailor"]
    assert titles(web, q="is:closed") == ["Sailor"]
    assert titles(web, site="acme", q="location:oslo") == ["Nurse"]
    assert web.get("/api/v1/postings", params={"site": "acne"}).status_code == 404


def test_what_is_asked_in_brackets_stays_in_them(web: httpx.Client) -> None:
    assert titles(web, q="title:cook OR title:sailor", state="closed") == ["Sailor"]
    assert titles(web, q="title:cook OR title:sailor", state="all", site="acme") == ["Sailor", "Cook"]
    assert titles(web, q="is:open", state="closed") == []
    assert web.get("/api/v1/postings", params={"q": "x) OR (y", "state": "closed"}).status_code == 400


def test_they_are_counted_only_where_that_is_asked(web: httpx.Client) -> None:
    assert web.get("/api/v1/postings?limit=1").json()["count"] is None
    assert web.get("/api/v1/postings?limit=1&count=yes").json()["count"] == 4


def test_a_posting_and_its_life_are_told_with_what_proved_it(board: Board) -> None:
    watch = watched(board)
    watch.later(hours=1).pages["/jobs/4"] = replace(a_job("Nurse", place="Oslo"), title="Head nurse")
    watch.visit()
    with browsing(board.app()) as web:
        record = web.get("/api/v1/postings?q=title:nurse").json()["items"][0]
        assert web.get(f"/api/v1/postings/{record['id']}").json() == record
        life = web.get(f"/api/v1/postings/{record['id']}/history").json()
    assert life["posting"] == record
    events = of_posting(board.engine, record["id"])
    assert life["events"] == [cloudevent(event, "0" * 32) for event in events]
    assert life["events"][-1]["data"]["changes"]["title"] == {"before": "Nurse", "after": "Head nurse"}
    assert life["events"][-1]["data"]["evidence"]["url"] == "https://acme.example/jobs/4"
    assert life["markup"] == evidence.of_posting(board.engine, record["id"])


@pytest.mark.parametrize("id", ["p_", "%00"])
def test_no_part_of_an_id_finds_a_posting(board: Board, id: str) -> None:
    watched(board)
    with browsing(board.app()) as web:
        for address in (f"/api/v1/postings/{id}", f"/api/v1/postings/{id}/history"):
            assert web.get(address).status_code == 404


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("limit=1001", "limit"), ("offset=10", "offset"), ("state=gone", "state")],
)  # fmt: skip
def test_what_cannot_be_asked_is_named(board: Board, query: str, parameter: str) -> None:
    with browsing(board.app()) as web:
        answer = web.get(f"/api/v1/postings?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["parameter"] for one in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize("query", ["after=x", "q=(", "q=titel:x", f"after={'W10' * 100}"])
def test_what_has_no_meaning_is_said(board: Board, query: str) -> None:
    with browsing(board.app()) as web:
        answer = web.get(f"/api/v1/postings?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
