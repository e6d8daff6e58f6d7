"""A copy of the database while it is in use. For the command line."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from postings.errors import DatabaseError, UsageError
from storage import faults
from storage.engine import explained


def backup(engine: Engine, path: Path) -> None:
    """Writes the SQLite database, as it stands at one moment, to a new file for this user alone.

    Writers wait for nothing meanwhile. When it returns, the copy is whole and has reached the disk; when it raises,
    there is none.
    Raises UsageError if the file is there already or the database is none in a file, DatabaseError if it cannot be
    read or the copy not be written.
    """
    if engine.dialect.name != "sqlite":
        raise UsageError(
            "a PostgreSQL database is saved with its own tool",
            subject=faults.subject(engine.url),
            remedy="run `pg_dump --format=custom --file=FILE NAME`; `pg_restore` brings it back",
        )
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise UsageError("is there already", subject=str(path), remedy="name a new file") from None
    except OSError as error:
        raise DatabaseError(
            f"cannot be written ({error.strerror})",
            subject=str(path),
            remedy="name a file in a folder you may write to",
        ) from error
    try:
        with explained(engine), engine.connect() as connection:
            # not in a transaction of ours: VACUUM takes its own
            driver: Any = connection.connection.dbapi_connection
            # the last transaction on this connection may have been one that reads only
            driver.execute("PRAGMA query_only=OFF")
            driver.execute("VACUUM INTO ?", (str(path),))
        _require_whole(path)
        _reach_disk(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _require_whole(path: Path) -> None:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise DatabaseError(
            f"is no whole copy ({found})",
            subject=str(path),
            remedy="run `hirewatch db check`: the database, or the disk, is damaged",
        )


def _reach_disk(path: Path) -> None:
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
