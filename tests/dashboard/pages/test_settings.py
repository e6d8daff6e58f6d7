"""The settings over HTTP: what is set, and who may come in."""

from __future__ import annotations

from datetime import timedelta

import httpx
from lxml import html

from dashboard.context import Setting
from dashboard.pages.settings import sections_of
from storage import access
from storage.access import Scope
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing


def shown(answer: httpx.Response, status: int = 200) -> html.HtmlElement:
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def test_every_setting_is_told_with_its_origin(board: Board) -> None:
    board.allowed = ("127.0.0.1/32",)
    with browsing(board.app()) as web:
        rows = {
            row.find("th").text_content(): [cell.text_content() for cell in row.findall("td")]
            for row in shown(web.get("/settings")).cssselect("#main table tbody tr:has(td)")
        }
    assert rows["network.allow_addresses"][0] == "127.0.0.1/32"
    assert rows["serve.port"][:2] == ["8777", "default"]


def test_settings_are_grouped_and_lists_read_as_words() -> None:
    told = list(
        sections_of(
            [
                Setting(name="a.b", value=["x", "y"], origin="HIREWATCH_A__B", meaning=""),
                Setting(name="a.c", value=None, origin="default", meaning=""),
                Setting(name="d", value=0, origin="default", meaning=""),
            ]
        )
    )
    assert [(one.name, [(s.value, s.is_set) for s in one.settings]) for one in told] == [
        ("a", [("x, y", True), ("–", False)]),
        ("d", [("0", False)]),
    ]


def test_how_old_the_password_is_can_be_seen(board: Board) -> None:
    with browsing(board.app()) as web:
        assert "No password is set" in shown(web.get("/settings")).text_content()
        access.set_password(board.engine, "correct horse battery", board.now - timedelta(days=40))
        web.post("/login", data={"password": "correct horse battery"}, headers={"Origin": str(web.base_url)})
        assert "the password, which was set 40 d ago" in shown(web.get("/settings")).text_content()


def test_a_token_is_shown_once_and_opens_what_it_is_for(board: Board) -> None:
    with browsing(board.app()) as web:
        origin = {"Origin": str(web.base_url)}
        made = web.post("/settings/tokens", data={"name": "ci", "scope": "read"}, headers=origin)
        token = shown(made).cssselect(".notice code")[0].text_content()
        found = access.token(board.engine, token, board.now)
        assert found is not None
        assert (found.name, found.scope) == ("ci", Scope.READ)
        again = web.get("/settings").text
        assert "ci" in again
        assert token not in again


def test_a_name_that_is_taken_is_told_and_nothing_is_made(board: Board) -> None:
    access.create_token(board.engine, "ci", Scope.READ, board.now)
    with browsing(board.app()) as web:
        answer = web.post("/settings/tokens", data={"name": "ci"}, headers={"Origin": str(web.base_url)})
        assert shown(answer, 400).cssselect("[role=alert]")
    assert len(access.tokens(board.engine)) == 1


def test_a_revoked_token_opens_nothing(board: Board) -> None:
    token = access.create_token(board.engine, "ci", Scope.READ, board.now)
    with browsing(board.app()) as web:
        answer = web.post("/settings/tokens/revoke", data={"name": "ci"}, headers={"Origin": str(web.base_url)})
        assert answer.status_code == 303
    assert access.token(board.engine, token, board.now) is None


def test_a_program_with_a_token_lets_nobody_in(board: Board) -> None:
    token = access.create_token(board.engine, "ci", Scope.WRITE, board.now)
    with browsing(board.app()) as web:
        answer = web.post("/settings/tokens", data={"name": "more"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert [one.name for one in access.tokens(board.engine)] == ["ci"]
