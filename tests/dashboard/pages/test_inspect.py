"""The page that inspects an address: what is shown, and that nothing is fetched unasked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from dashboard import templating
from dashboard.pages.inspect import found_of
from hirewatch import inspection, inspector
from hirewatch.settings import Settings
from postings.errors import NetworkError
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_sites import page, rows, words
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing

PAGES = Path(__file__).parents[2] / "hirewatch" / "cli" / "pages"


def told(name: str) -> dict[str, Any]:
    """What `inspect --json --explain` says of a page that lies beside the tests."""
    found: list[inspection.Inspection] = []
    # in a thread of its own: where a browser runs, this one has a running loop
    with ThreadPoolExecutor(1) as thread:
        now = lambda: datetime(2026, 11, 20, tzinfo=UTC)  # noqa: E731
        thread.submit(inspector.inspect, [str(PAGES / name)], Settings(), found.append, now=now).result()
    return found[0].as_json(explain=True)


class Looked:
    """Stands for the process that looks: answers what a real one said of a page."""

    def __init__(self, answer: Mapping[str, Any] | Exception | None) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.ended = asyncio.Event()

    async def __call__(self, url: str) -> dict[str, Any]:
        self.asked.append(url)
        if self.answer is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.ended.set()
        if isinstance(self.answer, Exception):
            raise self.answer
        assert self.answer is not None
        return {**self.answer, "url": url, "file": url}


def app(board: Board, looked: Looked) -> FastAPI:
    made = board.app()
    made.state.context = replace(made.state.context, inspect=looked)
    return made


@pytest.fixture(scope="module")
def hollow() -> dict[str, Any]:
    return told("hollow.html")


@pytest.fixture(scope="module")
def several() -> dict[str, Any]:
    return told("several.html")


def test_a_posting_is_told_field_by_field_with_where_it_stands_and_what_is_wrong(
    board: Board, hollow: dict[str, Any]
) -> None:
    looked = Looked(hollow)
    with browsing(app(board, looked)) as web:
        shown = page(web.get("/inspect", params={"url": "acme.example/jobs/1"}))
    assert looked.asked == ["https://acme.example/jobs/1"]
    fields = {words(row.cssselect("th")[0]): row for row in shown.cssselect("#fields tbody tr") if row.cssselect("th")}
    found = found_of({**hollow, "url": "https://acme.example/jobs/1"})
    assert list(fields) == [field.name for field in found.postings[0].fields]
    assert any("/" in field.place for field in found.postings[0].fields)
    for finding in (*found.findings, *(one for field in found.postings[0].fields for one in field.findings)):
        assert finding.message in words(shown)
        assert finding.asks in words(shown)
        assert finding.source in {link.get("href") for link in shown.cssselect("main a")}
    assert f"{found.errors} error" in words(shown)


def test_each_of_several_postings_is_told(board: Board, several: dict[str, Any]) -> None:
    with browsing(app(board, Looked(several))) as web:
        shown = page(web.get("/inspect?url=https://acme.example/jobs"))
    titles = [words(one) for one in shown.cssselect("section[aria-label^=Posting] h2")]
    assert titles == [one["title"] for one in several["postings"]]
    assert len(titles) > 1


def test_what_was_looked_at_can_be_watched_from_there(board: Board, several: dict[str, Any]) -> None:
    watched(board)
    with browsing(app(board, Looked(several))) as web:
        form = page(web.get("/inspect?url=https://careers.acme.example/jobs")).cssselect("#watch form")[0]
        assert dict(form.form_values()) == {"url": "https://careers.acme.example/jobs", "name": "acme-2"}
        assert web.post(form.get("action"), data=dict(form.form_values())).headers["location"] == "/sites/acme-2"
        again = page(web.get("/inspect?url=https://careers.acme.example/jobs"))
    assert again.cssselect("#watch") == []
    assert "This site is watched." in words(again)


def test_what_the_page_says_is_shown_as_text_whatever_it_is(board: Board, hollow: dict[str, Any]) -> None:
    evil = "<script>alert(1)</script>\u202e"
    hostile = {
        **hollow,
        "postings": [{**one, "title": evil, "url": "javascript:alert(1)"} for one in hollow["postings"]],
        "fields": [{**one, "raw": evil, "at": {"element": evil}} for one in hollow["fields"]],
        "problems": [{**one, "message": evil, "source": "javascript:alert(1)"} for one in hollow["problems"]],
        "explanation": [{"at": None, "rung": None, "outcome": evil}],
        "source": {
            "kind": "list", "reason": evil, "urls": ["javascript:alert(1)", "https://ok.example/"], "feeds": [evil],
            "checks": [], "whole": False, "doubts": [evil], "problems": [evil], "listed": 1,
            "shapes": [{"shape": evil, "count": 1, "examples": [evil]}], "refused": [], "requests": 3,
        },
    }  # fmt: skip
    with browsing(app(board, Looked(hostile))) as web:
        answer = web.get("/inspect?url=https://acme.example/")
    shown = page(answer)
    assert shown.cssselect("main script") == []
    assert "\u202e" not in answer.text
    assert [one for one in shown.cssselect("a") if (one.get("href") or "").startswith("javascript")] == []
    assert "https://ok.example/" in {one.get("href") for one in shown.cssselect("#source a")}


def test_without_escaping_what_the_page_says_would_be_part_of_ours(
    board: Board, hollow: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = templating._environment()
    monkeypatch.setattr(environment, "autoescape", False)
    # templates that other tests have compiled escape for ever
    monkeypatch.setattr(environment, "cache", None)
    hostile = {**hollow, "explanation": [{"at": None, "rung": None, "outcome": "<script>alert(1)</script>"}]}
    with browsing(app(board, Looked(hostile))) as web:
        assert page(web.get("/inspect?url=https://acme.example/")).cssselect("main script") != []


def test_nothing_is_fetched_for_a_page_of_somebody_else_that_leads_here(board: Board, hollow: dict[str, Any]) -> None:
    looked = Looked(hollow)
    with browsing(app(board, looked)) as web:
        for site in ("cross-site", "same-site"):
            held = page(web.get("/inspect?url=https://acme.example/", headers={"Sec-Fetch-Site": site}))
            assert "Nothing was fetched" in words(held)
            assert held.cssselect("#url")[0].get("value") == "https://acme.example/"
        assert looked.asked == []
        for site in ("same-origin", "none"):
            web.get("/inspect?url=https://acme.example/", headers={"Sec-Fetch-Site": site})
        assert len(looked.asked) == 2


def test_a_file_of_this_machine_is_not_looked_at(board: Board, hollow: dict[str, Any]) -> None:
    looked = Looked(hollow)
    with browsing(app(board, looked)) as web:
        for typed in ("file:///etc/passwd", "/etc/passwd", "./x.html"):
            assert "no web address" in words(page(web.get("/inspect", params={"url": typed}), 422))
    assert looked.asked == []


def test_why_nothing_can_be_said_is_told_in_words(board: Board, hollow: dict[str, Any]) -> None:
    error = NetworkError("could not be looked at within 120 seconds", subject="x", remedy="watch the site all the same")
    with browsing(app(board, Looked(error))) as web:
        shown = page(web.get("/inspect?url=https://acme.example/"), 502)
    assert "It could not be looked at within 120 seconds. Watch the site all the same." in words(shown)
    refused = {**hollow, "unreadable": "answered 503", "postings": [], "fields": [], "problems": []}
    with browsing(app(board, Looked(refused))) as web:
        assert "It cannot be read: answered 503." in words(page(web.get("/inspect?url=https://acme.example/")))


def test_whoever_closes_the_page_ends_what_looks(board: Board) -> None:
    looked = Looked(None)
    with browsing(app(board, looked)) as web:
        with pytest.raises(httpx.ReadTimeout):
            web.get("/inspect?url=https://acme.example/", timeout=0.3)
        web.close()
        until = time.monotonic() + 10
        while not looked.ended.is_set():
            assert time.monotonic() < until
            time.sleep(0.01)
    assert looked.asked == ["https://acme.example/"]


def test_without_an_address_it_is_asked_for(board: Board) -> None:
    with browsing(board.app()) as web:
        shown = page(web.get("/inspect"))
    assert shown.cssselect("form input#url")
    assert rows(shown) == []
