"""The link in a mail that ends it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.engine import Engine

from storage import outlets
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing
from tests.storage.rows import NOW


@pytest.fixture
def mailbox(engine: Engine) -> outlets.Outlet:
    return outlets.add(engine, name="me", kind="email", address="mailto:me@example.org", options={}, now=NOW)


def test_a_link_that_is_followed_asks_and_its_button_ends_the_mails_from_any_address(
    board: Board, engine: Engine, mailbox: outlets.Outlet
) -> None:
    with browsing(board.app(on_loopback=False)) as client:
        page = client.get(f"/u/{mailbox.token}")
        assert page.status_code == 200
        assert outlets.find(engine, "me").disabled_at is None
        (name, value) = re.search(r'name="([^"]+)" value="([^"]+)"', page.text).groups()  # type: ignore[union-attr]
        first, again = (client.post(f"/u/{mailbox.token}", data={name: value}) for _ in range(2))
    assert (name, value) == ("List-Unsubscribe", "One-Click")
    assert (first.status_code, again.status_code) == (200, 200)
    assert outlets.find(engine, "me").disabled_at == NOW


def test_a_token_that_no_mail_carries_ends_nothing(board: Board, engine: Engine, mailbox: outlets.Outlet) -> None:
    with browsing(board.app()) as client:
        for token in ("x", mailbox.token[:-1], "%00", mailbox.token + "%00"):
            assert client.post(f"/u/{token}").status_code == 404
    assert outlets.find(engine, "me").disabled_at is None
