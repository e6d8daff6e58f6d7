"""What an error of the database means for a person, and what to do about it.

Asked by `storage.engine` whenever a driver gives up; a mistake in our own SQL is not explained away: it stays
what it was, with its traceback.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy import exc
from sqlalchemy.engine import URL, Engine

from postings.errors import DatabaseError, DatabaseUnavailable

#: a problem and a remedy
Words = tuple[str, str]

_UPGRADE: Words = ("holds no tables of this version of hirewatch", "run `hirewatch db upgrade`")
_NO_FTS5: Words = (
    "keeps an index of words, for which the SQLite of this Python was built without FTS5",
    "use a Python whose SQLite has FTS5, as those of Debian, python.org and uv do, or PostgreSQL",
)
_DAMAGED: Words = (
    "is damaged",
    "stop hirewatch, keep a copy of the file, and restore the last backup (`hirewatch db backup` makes one)",
)

#: by the beginning of the name of SQLite's result code, https://www.sqlite.org/rescode.html; the longest match counts
_SQLITE: dict[str, Words] = {
    "SQLITE_BUSY": (
        "is locked by another program",
        "wait for it or close it (a backup, a database browser, a hung hirewatch), then try again",
    ),
    "SQLITE_LOCKED": (
        "is locked by another part of this program",
        "try again; if it stays so, restart hirewatch",
    ),
    "SQLITE_FULL": (
        "cannot grow, because the disk is full",
        "make room on the disk; what was saved is safe, and hirewatch goes on by itself",
    ),
    "SQLITE_IOERR": (
        "cannot be read or written, because the disk reports an error",
        "check the disk and its free space; what was saved is safe",
    ),
    "SQLITE_READONLY": (
        "may not be written by this user",
        "give this user the right to write to the file and to its folder",
    ),
    "SQLITE_CANTOPEN": (
        "cannot be opened",
        "check that the folder exists, that this user may read and write there, that its file system is not read-only, "
        "and that more files may be opened (`ulimit -n`)",
    ),
    "SQLITE_PERM": (
        "may not be opened by this user",
        "give this user the right to read and write the file and its folder",
    ),
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": (
        "is not an SQLite database, or its beginning is damaged",
        "check the path in HIREWATCH_DATABASE, or restore the last backup",
    ),
    "SQLITE_NOMEM": ("needs more memory than there is", "free some memory, then try again"),
}

#: by SQLSTATE or its class, https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest match counts
_POSTGRESQL: dict[str, Words] = {
    "08": ("cannot be reached", "check that the server runs and that the network lets hirewatch through"),
    "25006": (
        "is read-only",
        "point HIREWATCH_DATABASE at the primary server, or turn its default_transaction_read_only off",
    ),
    "25P03": ("ended a transaction that stood still too long", "try again; nothing of it was saved"),
    "28": ("refuses the user or the password", "check both in HIREWATCH_DATABASE"),
    "3D000": ("does not exist on the server", "create it with `createdb`, then run `hirewatch db upgrade`"),
    "40": ("was too busy and gave the transaction up", "try again; nothing of it was saved"),
    "42501": (
        "does not let this user do that",
        "make the user of HIREWATCH_DATABASE the owner of the database and its tables",
    ),
    "42P01": _UPGRADE,
    "42703": _UPGRADE,
    "53100": (
        "cannot grow, because the server's disk is full",
        "make room on the server's disk; what was saved is safe",
    ),
    "53200": ("needs more memory than the server has", "look at the server's log"),
    "53300": ("has no free connection", "raise max_connections of the server, or run fewer workers"),
    "55P03": (
        "is locked by another program",
        "wait for it, or end the session that holds the lock (see pg_stat_activity), then try again",
    ),
    "57": ("cannot be reached, because the server is stopping, starting or recovering", "try again in a moment"),
    "58": ("cannot be read or written, because the server's disk reports an error", "look at the server's log"),
    "XX": ("is damaged, or the server has a fault", "look at the server's log; restore a backup if data are damaged"),
}

#: beginnings of the codes above that mean a state of the disk, the server or other programs: it passes
_PASSING = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM",
    "08", "25P03", "40", "53", "55P03", "57", "58",
)  # fmt: skip

_UNREACHABLE: Words = (
    "cannot be reached",
    "check that the server runs, and the host, port, user, password and database name in HIREWATCH_DATABASE",
)


def subject(url: URL) -> str:
    """The database as a person knows it: the path of its file, or its address without the password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True)


def explain(engine: Engine, error: Exception) -> DatabaseError | None:
    """The error in words with what to do about it; None if it is none that a person can do something about."""
    if isinstance(error, exc.TimeoutError):
        return _say(
            engine, ("has no free connection in this process", "try again; fewer things at once help"), "", passing=True
        )
    cause = (error.orig or error) if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _explain_sqlite(engine, cause)
    if hasattr(cause, "sqlstate"):
        return _explain_postgresql(engine, cause, cause.sqlstate or "")
    return None


def _explain_sqlite(engine: Engine, cause: sqlite3.Error) -> DatabaseError | None:
    name = getattr(cause, "sqlite_errorname", "")
    text = str(cause)
    if name == "SQLITE_ERROR" and text.startswith(("no such table", "no such column")):
        return _say(engine, _UPGRADE, "")
    if name == "SQLITE_ERROR" and text.startswith("no such module: fts5"):
        return _say(engine, _NO_FTS5, "")
    words = _longest(_SQLITE, name)
    detail = name if name.startswith("SQLITE_IOERR") else ""
    return _say(engine, words, detail, passing=name.startswith(_PASSING)) if words else None


def _explain_postgresql(engine: Engine, cause: BaseException, state: str) -> DatabaseError | None:
    if not state and type(cause).__name__ in {"OperationalError", "ConnectionTimeout"}:
        # no SQLSTATE: the server was not reached, went away, or refused the session
        return _say(engine, _UNREACHABLE, _first_line(cause), passing=True)
    words = _longest(_POSTGRESQL, state)
    if words is None:
        return None
    return _say(engine, words, "" if words is _UPGRADE else _first_line(cause), passing=state.startswith(_PASSING))


def _longest(table: dict[str, Words], code: str) -> Words | None:
    fitting = [start for start in table if code.startswith(start)]
    return table[max(fitting, key=len)] if fitting else None


def _first_line(cause: BaseException) -> str:
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    return lines[0] if lines else ""


def _say(engine: Engine, words: Words, detail: str, *, passing: bool = False) -> DatabaseError:
    problem, remedy = words
    kind = DatabaseUnavailable if passing else DatabaseError
    return kind(f"{problem} ({detail})" if detail else problem, subject=subject(engine.url), remedy=remedy)
