"""Brings a database to this version's schema.

Whatever is there is kept: an SQLite file is copied before, and a server waits for a person.
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, inspect, select, text
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError
from storage import faults
from storage.engine import explained, reading, taking_turns
from storage.migrations import SCHEMA
from storage.tables import installation, metadata

#: where Alembic finds the steps from schema to schema
MIGRATIONS = "storage:migrations"

#: "hirewatch" as a number: who holds this advisory lock changes the schema
_SCHEMA_LOCK = 0x6869_7265


def upgrade(engine: Engine, *, now: datetime | None = None, by_hand: bool = False) -> Path | None:
    """Brings the database to this version's schema; does nothing if it is there already.

    The whole upgrade is one transaction, and several processes may start it at once. `now` is the birth of a new
    installation (default: the system's clock). An SQLite file with an older schema is copied first: the path of the
    copy is what comes out. On PostgreSQL, which other machines may be using with that older schema, only a person
    changes it (`by_hand`).

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
        taking_turns(engine),
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
