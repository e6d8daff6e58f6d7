"""Searches, events and outlets in a browser: what shows without a click, and that everybody can use it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage import outlets, searches
from tests.dashboard.browser import PHONE, assert_accessible, looking
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_outlets import failing
from tests.dashboard.test_feeds import watched
from tests.storage.watching import a_job

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_search_shows_what_it_finds_while_it_is_typed_and_is_saved_and_told(board: Board, chromium: Browser) -> None:
    watched(board)
    with looking(chromium, board.app()) as page:
        page.goto("/searches")
        page.get_by_label("What it asks").press_sequentially("title:nurse location:berlin")
        misses = page.locator("#trial section").filter(has_text="Just missed").get_by_role("listitem")
        misses.filter(has_text="location:berlin").get_by_role("link", name="Nurse").wait_for()
        assert "0 postings now" in page.locator("#trial").inner_text()
        page.get_by_label("What it asks").fill("title:nurse location:oslo")
        page.locator("#trial").get_by_text("1 posting now").wait_for()
        assert_accessible(page)
        page.get_by_label("Name").fill("nurses / Oslo")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("heading", name="nurses / Oslo").wait_for()
        # what it finds comes by itself
        page.locator("#trial").get_by_role("link", name="Nurse").wait_for()
        page.get_by_label("Address", exact=True).fill("mailto:me@example.org")
        page.get_by_text("When it is told").click()
        page.get_by_label("When", exact=True).fill("daily 08:00")
        page.get_by_role("button", name="Tell from now on").click()
        page.locator("#told .rows").get_by_text("email, mailto:me@example.org, daily 08:00").wait_for()
        assert_accessible(page)
    assert searches.find(board.engine, "nurses / Oslo").query == "title:nurse location:oslo"
    assert outlets.find(board.engine, "nurses / Oslo-email").search == "nurses / Oslo"


def test_an_event_shows_on_the_open_page_without_a_click_and_those_not_asked_for_do_not(
    board: Board, chromium: Browser
) -> None:
    watch = watched(board)
    app = board.app()
    with looking(chromium, app) as page:
        page.goto("/events")
        page.get_by_label("Only what matches").press_sequentially("title:sailor")
        page.get_by_text("Finds title contains").wait_for()
        page.wait_for_function("document.querySelector('#live')?._htmx?.sse !== undefined")
        watch.now += timedelta(hours=1)
        watch.pages |= {"/jobs/5": a_job("Baker of bread"), "/jobs/6": a_job('Sailor <b onclick="x">')}
        watch.visit()
        row = page.locator("#live > li")
        row.wait_for()
        assert row.count() == 1
        assert row.get_by_role("link", name='Sailor <b onclick="x">').count() == 1
        assert_accessible(page)


def test_the_pages_can_be_used_on_a_phone_and_in_the_dark(board: Board, chromium: Browser) -> None:
    failing(board)
    with looking(chromium, board.app(), width=PHONE, scheme="dark") as page:
        for path in ("/events", "/outlets", "/outlets/hook"):
            page.goto(path)
            assert_accessible(page)
        page.get_by_role("button", name="Check").click()
        page.locator("#result .notice").wait_for()
        page.get_by_role("button", name="Forget what was given up").click()
        page.locator("#done").wait_for()
        assert page.locator("#given-up").count() == 0
