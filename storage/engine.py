"""Opens the database, brings it to this version's schema, and gives out its transactions.

`reading` and `writing` are the only two kinds of transaction in the house; every module of `storage` uses them.
A read is one snapshot. A write has the database to itself from its first statement (SQLite) or takes row locks
(PostgreSQL), so a value that it read cannot change under it.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, create_engine, event, exc, inspect, select, text
from sqlalchemy.engine import URL, Engine, make_url

from postings.errors import DatabaseError
from storage import faults
from storage.migrations import SCHEMA
from storage.tables import installation, metadata

#: how long a write waits for another one before it gives up
PATIENCE = timedelta(seconds=15)

#: a transaction that stands still for so long (a stopped process) loses its locks
STANDSTILL = timedelta(seconds=60)

#: where Alembic finds the steps from schema to schema
MIGRATIONS = "storage:migrations"

#: "hirewatch" as a number: who holds this advisory lock changes the schema
_SCHEMA_LOCK = 0x6869_7265

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
    if where.get_backend_name() == "sqlite":
        return _open_sqlite(where, patience)
    return _open_postgresql(where, patience)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot to read from; writing in it is an error. Keep it short: it holds old rows alive.

    Raises DatabaseError in words if the database cannot be read.
    """
    with explained(engine), engine.connect() as connection:
        snapshot = connection.execution_options(readonly=True)
        with snapshot.begin():
            yield snapshot


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that counts whole at the end of the block, or not at all if the block raises.

    Raises DatabaseError in words if the database cannot be written. Where that happens at the commit itself on a
    server that went away, the transaction may have been kept: read before trying again.
    """
    with explained(engine), _turn(engine), engine.begin() as connection:
        yield connection


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


def upgrade(engine: Engine, *, now: datetime | None = None, by_hand: bool = False) -> Path | None:
    """Brings the database to this version's schema; does nothing if it is there already.

    The whole upgrade is one transaction, and several processes may start it at once. `now` is the birth of a new
    installation (default: the system's clock). An SQLite file with an older schema is copied first: the path of the
    copy is what comes out. On PostgreSQL, which other machines may be using with that older schema, only a person changes it
    (`by_hand`).

    Raises DatabaseError, and leaves the database as it is, if it was made by a newer hirewatch or by another program,
    if it cannot be copied, or if it wants a person.
    """
    with reading(engine) as connection:
        current = _version(connection)
    if current == SCHEMA:
        if engine.dialect.name == "sqlite":
            _share(engine)
        return None
    now = now or datetime.now(UTC)
    copy = None if current is None else _before_a_change(engine, current, now, by_hand=by_hand)
    _migrate(engine, now)
    return copy


def is_current(engine: Engine) -> bool:
    """Whether the database has this version's schema. Raises DatabaseError if it does not answer or is not ours."""
    with reading(engine) as connection:
        return _version(connection) == SCHEMA


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
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # the driver's own transactions begin too late and lose updates: `_begin_sqlite` begins them
    connection.isolation_level = None
    # FULL: an acknowledged commit has reached the disk
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    readonly = bool(connection.get_execution_options().get("readonly"))
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA query_only={'ON' if readonly else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


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
            remedy="install hirewatch with its extra `postgres`, e.g. `uv tool install 'hirewatch[postgres]'`",
        ) from error
    event.listen(engine, "connect", partial(_prepare_postgresql, patience))
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _prepare_postgresql(patience: timedelta, connection: Any, _record: object) -> None:
    connection.autocommit = True
    # UTC: a time shown in another zone may lie past the year 9999, which Python cannot hold
    connection.execute("SET TIME ZONE 'UTC'")
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


# -- transactions


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
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


# -- schema


def _before_a_change(engine: Engine, current: str, now: datetime, *, by_hand: bool) -> Path | None:
    if engine.dialect.name == "sqlite":
        from storage.backup import backup  # needed once a version

        path = Path(f"{engine.url.database}.schema-{current}.{now:%Y%m%dT%H%M%S}.{os.getpid()}")
        backup(engine, path)
        return path
    if not by_hand:
        raise DatabaseError(
            f"has the schema of an older hirewatch ({current}; this one needs {SCHEMA})",
            subject=faults.subject(engine.url),
            remedy="stop hirewatch on all machines, save the database with `pg_dump`, then run `hirewatch db upgrade`",
        )
    return None


def _migrate(engine: Engine, now: datetime) -> None:
    if engine.dialect.name == "sqlite":
        _share(engine)
    with (
        explained(engine),
        _turn(engine),
        engine.connect() as connection,
        _loose_references(connection),
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
            _require_utf8(connection)
        # again, now that nobody else can change it
        if _version(connection) != SCHEMA:
            _run_migrations(connection)
        if connection.execute(select(installation.c.id)).first() is None:
            connection.execute(
                installation.insert().values(id=1, instance=uuid.uuid4().hex, last_event=0, created_at=now)
            )


def _version(connection: Connection) -> str | None:
    """The schema the database has; None for an empty one. Raises DatabaseError if it is not ours to change."""
    looked_at = inspect(connection)
    if not looked_at.has_table("alembic_version"):
        tables = set(looked_at.get_table_names())
        # an SQLite file belongs to one program; a PostgreSQL schema may be shared
        strangers = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
        if strangers:
            raise DatabaseError(
                f"belongs to another program (it has a table `{min(strangers)}`)",
                subject=faults.subject(connection.engine.url),
                remedy="give hirewatch a database of its own in HIREWATCH_DATABASE",
            )
        return None
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if version is None:
        return None
    if not (str(version).isdecimal() and str(version) <= SCHEMA):
        raise DatabaseError(
            f"was made by a newer hirewatch (schema {version}; this one knows schemas up to {SCHEMA})",
            subject=faults.subject(connection.engine.url),
            remedy="update hirewatch, or name another database in HIREWATCH_DATABASE",
        )
    return str(version)


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # takes 0.4 s, needed once a version
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _require_utf8(connection: Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise DatabaseError(
            f"keeps its text as {encoding}, which cannot hold every posting",
            subject=faults.subject(connection.engine.url),
            remedy="create the database with `createdb --encoding=UTF8 --template=template0`",
        )


@contextmanager
def _loose_references(connection: Connection) -> Iterator[None]:
    """SQLite rebuilds a table to change it, which foreign keys forbid; they are checked at the end instead.

    See https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes. The switch works
    only outside of a transaction, hence on the driver's connection.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    event.listen(connection, "commit", _check_references)
    try:
        yield
    finally:
        event.remove(connection, "commit", _check_references)
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DatabaseError(
            f"has a row in `{broken[0]}` that refers to a missing row in `{broken[2]}`",
            subject=faults.subject(connection.engine.url),
            remedy="restore the last backup; the upgrade has changed nothing",
        )


def _share(engine: Engine) -> None:
    """Readers and a writer at the same time (write-ahead log); the file remembers it, a restored backup may not."""
    patience: float = engine.get_execution_options()["patience"]
    end = time.monotonic() + patience
    with explained(engine), engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        # the last transaction on this connection may have been one that reads only
        driver.execute("PRAGMA query_only=OFF")
        while driver.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                # counts for a file without a table: space that is freed can be given back a little at a time
                driver.execute("PRAGMA auto_vacuum=INCREMENTAL")
                driver.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                # SQLite does not wait by itself here when several processes open a new file at once
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                    raise
                time.sleep(0.01)
