"""The login as a person goes through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import access
from tests.dashboard.browser import PHONE, assert_accessible, looking
from tests.dashboard.conftest import Board

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_person_logs_in_and_comes_to_the_page_that_was_asked_for(board: Board, chromium: Browser) -> None:
    access.set_password(board.engine, "correct horse battery", board.now)
    with looking(chromium, board.app(on_loopback=False), width=PHONE, script=False) as page:
        page.goto("/settings?x=1")
        assert page.title() == "Log in · hirewatch"
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Log in").click()
        assert page.title().startswith("Settings")
        assert page.url.endswith("/settings?x=1")


def test_the_login_can_be_used_by_everybody(board: Board, chromium: Browser) -> None:
    access.set_password(board.engine, "correct horse battery", board.now)
    with looking(chromium, board.app(on_loopback=False), width=PHONE, scheme="dark") as page:
        page.goto("/login")
        assert_accessible(page)
