"""Opens the database and gives out its transactions.

`reading` and `writing` are the two kinds of transaction in the house (`holding` is a `writing` in a hurry); every
module of `storage` uses them. A read is one snapshot. A write has the database to itself from its first statement
(SQLite) or takes row locks (PostgreSQL), so a value that it read cannot change under it.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, create_engine, event, exc, select
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.pool import PoolProxiedConnection

from postings.errors import DatabaseError, how_to_install
from storage import faults
from storage.tables import installation

#: how long a write waits for another one before it gives up
PATIENCE = timedelta(seconds=15)

#: a transaction that stands still for so long (a stopped process) loses its locks
STANDSTILL = timedelta(seconds=60)

#: what `_begin_sqlite` is to begin on a connection, among its `info`; without it, a transaction that writes and lasts
_KIND, _READING, _HOLDING = "hirewatch.transaction", "reading", "holding"

#: parameters of a session on a PostgreSQL server; the time-out is in seconds
_SESSION = {"connect_timeout": 10, "application_name": "hirewatch", "client_encoding": "utf8"}

_MORE_FILES = "let it open more files (`ulimit -n`, LimitNOFILE= of systemd), then try again"

_EXAMPLES = "write it like sqlite:////var/lib/hirewatch/hirewatch.sqlite or postgresql://user:password@host/name"


def connect(url: str, *, patience: timedelta = PATIENCE) -> Engine:
    """An engine for the database at `url`; nothing of an existing database is read or changed yet.

    `url` is an SQLAlchemy URL: `sqlite:////path/to/file` or `postgresql://user:password@host:port/name`. The folder
    of an SQLite file is made if it is missing, and the file too, for this user alone. `patience` is how long a
    write waits for another program's.

    Raises DatabaseError if the URL cannot be used or the file cannot be made.
    """
    where = _parse(url)
    engine = (_open_sqlite if where.get_backend_name() == "sqlite" else _open_postgresql)(where, patience)
    # made once: to mark each connection as one that only reads costs a tenth of a look at one row
    engine.update_execution_options(reader=engine.execution_options(readonly=True))
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot to read from; writing in it is an error. Keep it short: it holds old rows alive.

    Raises DatabaseError in words if the database cannot be read.
    """
    reader: Engine = engine.get_execution_options()["reader"]
    with explained(engine), reader.connect() as connection:
        connection.info[_KIND] = _READING
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that counts whole at the end of the block, or not at all if the block raises.

    Raises DatabaseError in words if the database cannot be written. Where that happens at the commit itself on a
    server that went away, the transaction may have been kept: read before trying again.
    """
    with explained(engine), taking_turns(engine), engine.begin() as connection:
        yield connection


@contextmanager
def holding(engine: Engine) -> Iterator[Connection]:
    """The same for what a process takes for itself and what ends with it: leases, hosts.

    SQLite does not wait for the disk then. If the machine dies, so does the process, and its last such writes may be
    undone; the next write in `writing` brings those before it to the disk. A server may die alone, so PostgreSQL waits.
    """
    with explained(engine), taking_turns(engine), engine.connect() as connection:
        connection.info[_KIND] = _HOLDING
        with connection.begin():
            yield connection


@contextmanager
def taking_turns(engine: Engine) -> Iterator[None]:
    """Threads of this process queue for SQLite's one write lock; polling the file for it would starve some."""
    options = engine.get_execution_options()
    turn: Lock | None = options.get("turn")
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=options["patience"]):
        raise DatabaseError(
            "is being written by another part of this program",
            subject=faults.subject(engine.url),
            remedy="try again; if it stays so, restart hirewatch",
        )
    try:
        yield
    finally:
        turn.release()


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """An error of the driver in the block becomes a DatabaseError in words, if a person can do something about it."""
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError, engine.dialect.loaded_dbapi.Error) as error:
        words = faults.explain(engine, error)
        if words is None:
            raise
        raise words from error


def instance(connection: Connection) -> str:
    """The id of this installation: 32 hex digits, made once, kept for ever."""
    found: str = connection.execute(select(installation.c.instance)).scalar_one()
    return found


def can_hold(text: str) -> bool:
    """Whether a text can stand in a column; what cannot is not there either. A NUL or a lone surrogate cannot."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


# -- opening


def _parse(url: str) -> URL:
    try:
        where = make_url(url)
    except exc.ArgumentError:
        # the text is not repeated: it may hold a password
        raise DatabaseError("the database URL cannot be read", remedy=_EXAMPLES) from None
    if where.drivername == "postgres":
        where = where.set(drivername="postgresql")
    if where.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"}:
        raise DatabaseError(
            "hirewatch keeps its data in SQLite or PostgreSQL", subject=where.drivername, remedy=_EXAMPLES
        )
    if where.get_backend_name() == "sqlite" and (where.database or ":memory:") == ":memory:":
        raise DatabaseError("a database in memory would forget everything", subject=url, remedy=_EXAMPLES)
    return where


def _open_sqlite(where: URL, patience: timedelta) -> Engine:
    path = Path(str(where.database))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Addresses of outlets may hold secrets: the file is for this user alone. One that is there is not opened:
        # closing it would drop the locks of all connections of this process (https://www.sqlite.org/howtocorrupt.html,
        # 2.2), and the next program that ends would delete the write-ahead log under them.
        with suppress(FileExistsError):
            os.close(os.open(path.resolve(), os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise DatabaseError(
            f"cannot be opened ({error.strerror})",
            subject=str(path),
            remedy=_MORE_FILES
            if error.errno in (errno.EMFILE, errno.ENFILE)
            else "check the path in HIREWATCH_DATABASE and that this user may read and write there",
        ) from error
    engine = create_engine(
        where,
        connect_args={"timeout": patience.total_seconds()},
        execution_options={"turn": Lock(), "patience": patience.total_seconds()},
        json_serializer=_to_json,
        max_overflow=-1,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    # no listener: with one, SQLAlchemy calls all its hooks for each statement, a fifth of a look whether anything is
    # due
    engine.dialect.do_begin = _begin_sqlite  # type: ignore[assignment, method-assign]
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # the driver's own transactions begin too late and lose updates: `_begin_sqlite` begins them
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: PoolProxiedConnection) -> None:
    kind = connection.info.pop(_KIND, None)
    driver: Any = connection.dbapi_connection
    driver.execute(f"PRAGMA query_only={'ON' if kind == _READING else 'OFF'}")
    if kind == _READING:
        driver.execute("BEGIN")
        return
    # FULL: an acknowledged commit has reached the disk
    driver.execute(f"PRAGMA synchronous={'NORMAL' if kind == _HOLDING else 'FULL'}")
    driver.execute("BEGIN IMMEDIATE")


def _open_postgresql(where: URL, patience: timedelta) -> Engine:
    try:
        engine = create_engine(
            where,
            # what the URL says counts more
            connect_args={name: value for name, value in _SESSION.items() if name not in where.query},
            json_serializer=_to_json,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "PostgreSQL needs a driver that is not installed",
            subject=faults.subject(where),
            remedy=how_to_install("postgres"),
        ) from error
    event.listen(engine, "connect", partial(_prepare_postgresql, patience))
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_postgresql(patience: timedelta, connection: Any, _record: object) -> None:
    connection.autocommit = True
    # UTC: a time shown in another zone may lie past the year 9999, which Python cannot hold
    connection.execute("SET TIME ZONE 'UTC'")
    # statements are short: to compile one takes longer than to run it
    connection.execute("SET jit = off")
    connection.execute(f"SET lock_timeout = {_milliseconds(patience)}")
    connection.execute(f"SET idle_in_transaction_session_timeout = {_milliseconds(STANDSTILL)}")
    connection.autocommit = False


def _begin_postgresql(connection: Connection) -> None:
    from psycopg import IsolationLevel  # an extra

    readonly = bool(connection.get_execution_options().get("readonly"))
    # the driver's attributes become part of its BEGIN; None leaves a server that was set read-only as it is
    driver: Any = connection.connection.dbapi_connection
    driver.read_only = True if readonly else None
    driver.isolation_level = IsolationLevel.REPEATABLE_READ if readonly else IsolationLevel.READ_COMMITTED


def _milliseconds(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)


def _to_json(value: Any) -> str:
    # NaN is no JSON: PostgreSQL refuses it and SQLite would keep it
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
