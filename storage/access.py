"""Remembers who may get in: the password, the browsers that gave it, and the tokens of programs.

Asked by `dashboard.access` and `hirewatch password`, `hirewatch tokens`. Only digests are kept: what opens a door can
be read in no copy of the database.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from shlex import quote
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError, UsageError
from storage import tables
from storage.engine import can_hold, reading, writing

#: a browser that has not come back for so long has to log in again, and so has each after the longer time
IDLE: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=180)

#: characters of a password; what is longer than the most is nobody's, and takes time to hash
PASSWORD_LEAST: Final = 10
PASSWORD_MOST: Final = 1000

#: how old "last seen" and "last used" may be: a write for each request would hold up the ledger
_COARSE: Final = timedelta(minutes=1)

_NAME_MOST: Final = 100
_BROWSER_MOST: Final = 120

#: RFC 9106 §4, the second recommended option: 64 MiB, three passes, four lanes
_HASHER: Final = PasswordHasher()

#: passwords hashed at a time, the others wait: many logins at once would take 64 MiB each
_AT_ONCE: Final = 2
_HASHING: Final = threading.BoundedSemaphore(_AT_ONCE)


class Scope(StrEnum):
    """What a token opens."""

    READ = "read"
    WRITE = "write"
    #: feeds only, since it stands in their address
    FEEDS = "feeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token, without what it is."""

    name: str
    scope: Scope
    created_at: datetime
    #: to the minute; None = never
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A browser that has logged in."""

    id: int
    created_at: datetime
    #: to the minute
    last_seen_at: datetime
    #: what it calls itself, shortened
    browser: str


def set_password(engine: Engine, password: str, now: datetime) -> None:
    """The password from now on; all browsers have to log in again. Raises UsageError for one that is too short."""
    if len(password) < PASSWORD_LEAST or len(password) > PASSWORD_MOST:
        raise UsageError(
            f"a password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters", remedy="choose one that nobody guesses"
        )
    with _HASHING:
        row = {"id": 1, "hash": _HASHER.hash(_bytes(password)), "set_at": now}
    with writing(engine) as connection:
        connection.execute(delete(tables.password))
        connection.execute(insert(tables.password).values(row))
        connection.execute(delete(tables.logins))


def remove_password(engine: Engine) -> bool:
    """No password any more, and no browser that gave it; whether there was one."""
    with writing(engine) as connection:
        connection.execute(delete(tables.logins))
        return connection.execute(delete(tables.password)).rowcount > 0


def has_password(engine: Engine) -> bool:
    """Whether a password is set."""
    return password_set_at(engine) is not None


def password_set_at(engine: Engine) -> datetime | None:
    """When the password was set; None if there is none."""
    with reading(engine) as connection:
        at: datetime | None = connection.execute(select(tables.password.c.set_at)).scalar()
        return at


def is_password(engine: Engine, password: str) -> bool:
    """Whether this is the password; takes as long whatever is wrong with it. False if none is set."""
    with reading(engine) as connection:
        stored = connection.execute(select(tables.password.c.hash)).scalar()
    if stored is None or len(password) > PASSWORD_MOST:
        return False
    try:
        with _HASHING:
            return _HASHER.verify(stored, _bytes(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def log_in(engine: Engine, browser: str, now: datetime, *, instead_of: str | None = None) -> str:
    """Remembers a browser and returns what its cookie is to hold; `instead_of` is what it held, which ends."""
    made = secrets.token_urlsafe(32)
    table = tables.logins
    with writing(engine) as connection:
        connection.execute(
            delete(table).where(
                (table.c.last_seen_at <= now - IDLE)
                | (table.c.created_at <= now - LONGEST)
                | (table.c.hash == _digest(instead_of or ""))
            )
        )
        shown = "".join(letter for letter in browser if letter.isprintable())[:_BROWSER_MOST]
        row = {"hash": _digest(made), "created_at": now, "last_seen_at": now, "browser": shown}
        connection.execute(insert(table).values(row))
    return made


def logged_in(engine: Engine, held: str, now: datetime) -> Login | None:
    """The login whose cookie holds this; None if there is none, or it is over."""
    table = tables.logins
    with reading(engine) as connection:
        row = connection.execute(select(table).where(table.c.hash == _digest(held))).one_or_none()
    if row is None or row.last_seen_at <= now - IDLE or row.created_at <= now - LONGEST:
        return None
    if row.last_seen_at <= now - _COARSE:
        with writing(engine) as connection:
            connection.execute(update(table).where(table.c.id == row.id).values(last_seen_at=now))
    return _login(row)


def logins(engine: Engine, now: datetime) -> list[Login]:
    """The browsers that are logged in, the last seen first."""
    table = tables.logins
    query = select(table).where(table.c.last_seen_at > now - IDLE, table.c.created_at > now - LONGEST)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(table.c.last_seen_at.desc(), table.c.id.desc()))
        return [_login(row) for row in rows]


def log_out(engine: Engine, login_id: int) -> None:
    """That browser has to log in again; nothing happens if it has to already."""
    with writing(engine) as connection:
        connection.execute(delete(tables.logins).where(tables.logins.c.id == login_id))


def create_token(engine: Engine, name: str, scope: Scope, now: datetime) -> str:
    """A new token of that name: what comes back is kept nowhere. Raises UsageError if the name is taken, or is none."""
    if not name.strip() or not name.isprintable() or len(name) > _NAME_MOST:
        raise UsageError(
            "is no name for a token",
            subject=repr(name[:_NAME_MOST]),
            remedy=f"choose one of 1 to {_NAME_MOST} visible characters",
        )
    made = f"hw_{secrets.token_urlsafe(32)}"
    table = tables.tokens
    with writing(engine) as connection:
        if connection.execute(select(table.c.id).where(table.c.name == name)).first() is not None:
            raise UsageError(
                "is the name of another token",
                subject=name,
                remedy=f"choose another name, or first run `hirewatch tokens revoke {quote(name)}`",
            )
        row = {"name": name, "hash": _digest(made), "scope": str(scope), "created_at": now}
        connection.execute(insert(table).values(row))
    return made


def token(engine: Engine, shown: str, now: datetime) -> Token | None:
    """The token that somebody shows; None if there is none."""
    table = tables.tokens
    with reading(engine) as connection:
        row = connection.execute(select(table).where(table.c.hash == _digest(shown))).one_or_none()
    if row is None:
        return None
    if row.last_used_at is None or row.last_used_at <= now - _COARSE:
        with writing(engine) as connection:
            connection.execute(update(table).where(table.c.id == row.id).values(last_used_at=now))
    return _token(row)


def tokens(engine: Engine) -> list[Token]:
    """Every token, by name."""
    with reading(engine) as connection:
        return [_token(row) for row in connection.execute(select(tables.tokens).order_by(tables.tokens.c.name))]


def revoke_token(engine: Engine, name: str) -> None:
    """The token of that name opens nothing any more. Raises NotFoundError."""
    if can_hold(name):
        with writing(engine) as connection:
            if connection.execute(delete(tables.tokens).where(tables.tokens.c.name == name)).rowcount:
                return
    raise NotFoundError("there is no token of that name", subject=name, remedy="`hirewatch tokens list` shows them")


def _digest(secret: str) -> str:
    """Of 32 random bytes no slow digest is needed: nobody tries them all."""
    return sha256(_bytes(secret)).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _login(row: Row[Any]) -> Login:
    return Login(id=row.id, created_at=row.created_at, last_seen_at=row.last_seen_at, browser=row.browser)


def _token(row: Row[Any]) -> Token:
    return Token(name=row.name, scope=Scope(row.scope), created_at=row.created_at, last_used_at=row.last_used_at)
