"""Which process tells an outlet right now: at most one. Asked by the dispatcher before it reads what to send.

A claim with a deadline would make an outlet wait after a crash, and would let two senders overlap when one is
slow. These locks end with the process that holds them: a file lock beside an SQLite database (one machine), a
session's advisory lock in PostgreSQL (many).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import exc, text
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError
from storage import faults
from storage.sessions import open_session

#: "outl" as a number: the first half of the key of our advisory locks
_OUTLETS = 0x6F75_746C


@contextmanager
def sole_sender(engine: Engine, outlet_id: int) -> Iterator[bool]:
    """True for the one sender of an outlet, over all threads, processes and machines; False for any other.

    Never waits. A machine that vanishes keeps a PostgreSQL lock for about a minute, until the server notices.
    Raises DatabaseError.
    """
    if engine.dialect.name == "sqlite":
        with _file_lock(lock_file(engine, outlet_id)) as alone:
            yield alone
    else:
        with _advisory_lock(engine, outlet_id) as alone:
            yield alone


def lock_file(engine: Engine, outlet_id: int) -> Path:
    """The file that stands for an outlet of an SQLite database; it is empty, and may be deleted when nobody sends."""
    return Path(f"{engine.url.database}-outlet{outlet_id}")


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseError(
            f"cannot be opened ({error.strerror})",
            subject=str(path),
            remedy="give this user the right to write to the folder of the database",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(engine: Engine, outlet_id: int) -> Iterator[bool]:
    try:
        session = open_session(engine)
    except exc.DBAPIError as error:
        words = faults.explain(engine, error)
        if words is None:
            raise
        raise words from error
    try:
        taken = session.execute(
            text("SELECT pg_try_advisory_lock(:kind, :outlet)"), {"kind": _OUTLETS, "outlet": outlet_id}
        )
        yield bool(taken.scalar_one())
    finally:
        session.close()
