"""The postings in a real browser: search as you type, and keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postings.posting import Location, Posting
from tests.dashboard.browser import PHONE, assert_accessible, looking
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.storage.rows import NOW, add_posting, add_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_list_answers_while_somebody_types_and_is_walked_by_keys(board: Board, chromium: Browser) -> None:
    watched(board)
    with looking(chromium, board.app()) as page:
        page.goto("/postings")
        assert page.locator("[data-row]").count() == 4
        box = page.get_by_label("Search")
        box.click()
        page.keyboard.type("cook OR title:", delay=5)
        page.locator("#problem").wait_for()
        assert "needs a value" in page.locator("#problem").inner_text()
        page.keyboard.type("nurse", delay=5)
        page.locator("#count", has_text="2 postings").wait_for()
        assert page.url.endswith("/postings?q=cook+OR+title%3Anurse")
        assert box.evaluate("box => box === document.activeElement")
        assert_accessible(page)
        page.keyboard.press("Tab")
        for key, focused in (("j", 0), ("j", 1), ("k", 0)):
            page.keyboard.press(key)
            assert page.locator("[data-open]").nth(focused).evaluate("one => one === document.activeElement")
        page.keyboard.press("s")
        assert page.get_by_label("Name").is_visible()
        title = page.locator("[data-open]").first.inner_text()
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("o")
        page.locator("h1", has_text=title).wait_for()
        assert_accessible(page)
        page.go_back()
        page.locator("#count", has_text="2 postings").wait_for()


def test_what_the_index_of_words_does_not_know_is_looked_for_until_it_is_found(
    board: Board, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.pages.postings.LOOKED_AT", 20)
    site = add_site(board.engine, "acme")
    for number in range(90):
        place = (Location(locality="A very long name of a town that goes on", country="DE"),)
        posting = Posting(title="Cook" if number == 85 else f"Sailor {number}" + "x" * 200, locations=place)
        add_posting(board.engine, site, f"p_{number:03}", posting, first_seen=NOW - timedelta(minutes=number))
    with looking(chromium, board.app(), width=PHONE, scheme="dark") as page:
        page.goto("/postings?q=cook*")
        page.locator("[data-open]", has_text="Cook").wait_for()
        page.goto("/postings")
        assert_accessible(page)
