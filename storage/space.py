"""The room that a database takes and the statistics that its queries are planned by. Asked by the maintenance.

A `VACUUM` keeps every writer waiting until the whole file is written anew; so an SQLite file is made to give back its
free pages a few at a time instead (https://www.sqlite.org/pragma.html#pragma_auto_vacuum). PostgreSQL vacuums by
itself (https://www.postgresql.org/docs/current/routine-vacuuming.html), and has to be told of large deletions only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import Engine

from storage.engine import explained, reading, writing
from storage.outlets import newest_event
from storage.tables import deliveries, events, kept_bodies, kept_responses, raw_postings, visits

#: pages that are given back in one transaction
PAGES: Final = 250

#: tables of which rows are deleted
_SHRINKING: Final = (deliveries, kept_bodies, kept_responses, raw_postings, visits, events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What an SQLite file holds, in bytes."""

    size: int
    #: of these, how much is free
    free: int


def room(engine: Engine) -> Room | None:
    """What the file holds; None if it gives nothing back by pieces: on PostgreSQL, or made without that."""
    if engine.dialect.name != "sqlite":
        return None
    with reading(engine) as connection:
        by_pieces, size, pages, free = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("auto_vacuum", "page_size", "page_count", "freelist_count")
        )
    return Room(size=pages * size, free=free * size) if by_pieces == _INCREMENTAL else None


def give_back(engine: Engine, pages: int = PAGES) -> None:
    """Shortens an SQLite file by so many free pages, in one transaction. Raises DatabaseError."""
    with writing(engine) as connection:
        driver: Any = connection.connection.dbapi_connection
        # for more than one page SQLite wants to be asked for further rows, which have no columns: the driver does not
        for _ in range(pages):
            driver.execute("PRAGMA incremental_vacuum(1)")


def log_size(engine: Engine) -> int:
    """Bytes of an SQLite database's write-ahead log; 0 if there is none, as on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return 0
    try:
        return Path(f"{engine.url.database}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def empty_log(engine: Engine) -> bool:
    """Moves what an SQLite write-ahead log holds to the file and shortens the log, if nobody reads or writes right now.

    Never waits; False if somebody was in the way.
    """
    with explained(engine), engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        patience = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        try:
            driver.execute("PRAGMA busy_timeout=0")
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout={patience:d}")
    return not busy


def refresh_statistics(engine: Engine, *, much_has_gone: bool) -> None:
    """Lets the database count again what its plans rest on, where that is worth it. Raises DatabaseError.

    SQLite looks at a sample of each index, once there is enough in them that a plan can be wrong. PostgreSQL does so
    by itself, but late after a large deletion (`much_has_gone`).
    """
    if engine.dialect.name == "sqlite":
        with writing(engine) as connection:
            if newest_event(connection) >= _ENOUGH:
                connection.exec_driver_sql(f"PRAGMA analysis_limit={_SAMPLE}")
                connection.exec_driver_sql("ANALYZE")
    elif much_has_gone:
        for table in _SHRINKING:
            with writing(engine) as connection:
                connection.exec_driver_sql(f"ANALYZE {table.name}")


_INCREMENTAL: Final = 2
#: rows of an index that SQLite looks at
_SAMPLE: Final = 400
#: events; figures of a database that has just begun to grow would be wrong by the evening
_ENOUGH: Final = 10_000
