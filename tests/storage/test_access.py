"""The password, the logins and the tokens, as they are kept."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError, UsageError
from storage import access, tables
from storage.access import Scope
from storage.engine import reading
from tests.storage.rows import NOW

PASSWORD = "correct horse battery"


def kept(engine: Engine) -> str:
    """All that an onlooker can read."""
    with reading(engine) as connection:
        rows = [connection.execute(select(table)).all() for table in (tables.password, tables.logins, tables.tokens)]
    return repr(rows)


def test_a_password_is_known_again_and_another_one_is_not(engine: Engine) -> None:
    assert not access.has_password(engine)
    assert not access.is_password(engine, PASSWORD)
    access.set_password(engine, PASSWORD, NOW)
    assert access.has_password(engine)
    assert access.password_set_at(engine) == NOW
    assert access.is_password(engine, PASSWORD)
    for wrong in (PASSWORD.upper(), PASSWORD + "\0", "\udfff", "x" * 5000):
        assert not access.is_password(engine, wrong)
    access.set_password(engine, "another \udfff horse", NOW)
    assert access.is_password(engine, "another \udfff horse")
    assert not access.is_password(engine, PASSWORD)
    assert access.remove_password(engine)
    assert not access.remove_password(engine)
    assert not access.is_password(engine, "another \udfff horse")


@pytest.mark.parametrize("password", ["", "123456789", "x" * 1001])
def test_a_password_is_neither_guessed_at_once_nor_endless(engine: Engine, password: str) -> None:
    with pytest.raises(UsageError, match="10 to 1000"):
        access.set_password(engine, password, NOW)


def test_no_copy_of_the_database_opens_a_door(engine: Engine) -> None:
    access.set_password(engine, PASSWORD, NOW)
    secrets = [PASSWORD, access.log_in(engine, "Firefox", NOW), access.create_token(engine, "ci", Scope.READ, NOW)]
    assert "Firefox" in kept(engine)
    for secret in secrets:
        assert secret not in kept(engine)
        assert secret.removeprefix("hw_") not in kept(engine)


def test_a_login_lasts_as_long_as_its_browser_comes_back_and_not_for_ever(engine: Engine) -> None:
    held = access.log_in(engine, "Firefox\0\n" + "x" * 500, NOW)
    now = NOW
    for _ in range(6):
        now += access.IDLE - timedelta(seconds=1)
        found = access.logged_in(engine, held, now)
        assert found is not None
        assert found.browser == "Firefox" + "x" * 113
    assert access.logged_in(engine, held, NOW + access.LONGEST) is None
    other = access.log_in(engine, "Chromium", now)
    assert access.logged_in(engine, other, now + access.IDLE) is None
    assert access.logins(engine, now + access.IDLE) == []


def test_when_a_browser_was_last_seen_is_written_once_a_minute(engine: Engine) -> None:
    held = access.log_in(engine, "", NOW)
    access.logged_in(engine, held, NOW + timedelta(seconds=59))
    assert access.logins(engine, NOW)[0].last_seen_at == NOW
    access.logged_in(engine, held, NOW + timedelta(seconds=60))
    assert access.logins(engine, NOW)[0].last_seen_at == NOW + timedelta(seconds=60)


def test_a_login_ends_alone_and_a_new_password_ends_them_all(engine: Engine) -> None:
    first, second = access.log_in(engine, "a", NOW), access.log_in(engine, "b", NOW)
    assert [one.browser for one in access.logins(engine, NOW)] == ["b", "a"]
    access.log_out(engine, access.logins(engine, NOW)[0].id)
    assert access.logged_in(engine, second, NOW) is None
    assert access.logged_in(engine, first, NOW) is not None
    access.set_password(engine, PASSWORD, NOW)
    assert access.logged_in(engine, first, NOW) is None


def test_a_token_is_found_until_it_is_revoked(engine: Engine) -> None:
    made = access.create_token(engine, "ci", Scope.WRITE, NOW)
    assert made.startswith("hw_")
    assert len(made) > 40
    assert [(one.name, one.scope, one.last_used_at) for one in access.tokens(engine)] == [("ci", Scope.WRITE, None)]
    found = access.token(engine, made, NOW)
    assert found is not None
    assert found.scope is Scope.WRITE
    assert access.tokens(engine)[0].last_used_at == NOW
    assert access.token(engine, made + "x", NOW) is None
    assert access.token(engine, "\udfff", NOW) is None
    access.revoke_token(engine, "ci")
    assert access.token(engine, made, NOW) is None
    for name in ("ci", "\0"):
        with pytest.raises(NotFoundError):
            access.revoke_token(engine, name)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101, "\udfff", "ci"])
def test_a_token_has_a_name_of_its_own(engine: Engine, name: str) -> None:
    access.create_token(engine, "ci", Scope.READ, NOW)
    with pytest.raises(UsageError):
        access.create_token(engine, name, Scope.READ, NOW)


def test_many_tries_at_once_are_hashed_a_few_at_a_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    access.set_password(engine, PASSWORD, NOW)
    lock, now, most = threading.Lock(), 0, 0
    together = threading.Barrier(3)

    class Counting:
        """Lets three pass at once where three are let in, and gives up on the third soon otherwise."""

        def verify(self, stored: str, given: bytes) -> bool:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            with contextlib.suppress(threading.BrokenBarrierError):
                together.wait(0.05)
            with lock:
                now -= 1
            return given == PASSWORD.encode()

    monkeypatch.setattr(access, "_HASHER", Counting())
    with ThreadPoolExecutor(6) as tries:
        assert all(tries.map(lambda _: access.is_password(engine, PASSWORD), range(6)))
    assert most == 2
