"""The first page, the way to the first alert and the settings in a browser: small and wide, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import access, outlets
from storage.access import Scope
from tests.dashboard.browser import assert_accessible, assert_accessible_everywhere, looking
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_overview import shrunken
from tests.dashboard.test_feeds import watched
from tests.storage.watching import Watch, a_job

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_pages_are_accessible_and_fit(chromium: Browser, board: Board) -> None:
    with looking(chromium, board.app()) as page:
        page.goto("/")
        assert_accessible_everywhere(page)
        shrunken(board)
        watched(board, name="beta", host="beta.example")
        access.create_token(board.engine, "ci", Scope.READ, board.now)
        for path in ("/", "/settings"):
            page.goto(path)
            assert_accessible_everywhere(page)


def test_the_first_alert_is_three_steps_away(chromium: Browser, board: Board) -> None:
    watch = Watch(board.engine, now=board.now, pages={"/jobs/1": a_job("Welder")})
    with looking(chromium, board.app()) as page:
        page.goto("/welcome")
        assert page.locator("[aria-current=step] h2").inner_text() == "2. See its postings"
        # the page looks again by itself
        watch.visit()
        page.get_by_text("1 posting is open.").wait_for()
        assert page.locator("[hx-trigger]").count() == 0
        assert_accessible(page)
        page.get_by_label("Where you want to hear of it").fill("mailto:me@example.org")
        with page.expect_navigation():
            page.get_by_role("button", name="Tell me").click()
        assert [outlet.kind for outlet in outlets.all(board.engine)] == ["email"]
        page.goto("/")
        assert page.locator("a[href='/welcome']").count() == 0


def test_keys_walk_the_rows_and_open_one(chromium: Browser, board: Board) -> None:
    for name in ("acme", "beta"):
        watched(board, name=name, host=f"{name}.example")
    with looking(chromium, board.app()) as page:
        page.goto("/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.textContent") == "beta"
        page.keyboard.press("k")
        with page.expect_navigation():
            page.keyboard.press("o")
        assert page.url.endswith("/sites/acme")


def test_an_error_is_a_page_that_is_accessible_and_the_skip_link_leads_past_its_navigation(
    chromium: Browser, board: Board
) -> None:
    with looking(chromium, board.app(), complaints=False) as page:
        answer = page.goto("/nowhere")
        assert answer is not None
        assert answer.status == 404
        assert_accessible(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
