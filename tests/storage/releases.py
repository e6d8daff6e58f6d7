"""Databases as this version makes them, in SQL: what `docs/release.py` keeps of a release, and how such text is read
again.

`python -m tests.storage.releases sqlite` (or `postgresql`) writes one to stdout.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from storage.engine import connect
from storage.schema import upgrade
from tests.postgres import PostgresServer, find_binaries
from tests.storage.watching import Watch, a_job

#: by the ending of the file that keeps the text
SQLITE, POSTGRESQL = ".sql", ".pgsql"

RELEASED = Path(__file__).parent / "released"

#: what Python's dump says of the index of words
_OF_INDEX = re.compile(
    r"""PRAGMA writable_schema|INSERT INTO sqlite_master|CREATE VIRTUAL TABLE|(CREATE TABLE|INSERT INTO) ['"]posting_words"""
)


def make(url: str) -> None:
    """Makes an empty database one of today that has watched a site."""
    engine = connect(url)
    upgrade(engine)
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job("Welder"), "/jobs/2": a_job("Turner")}
    watch.visit()
    engine.dispose()


def dump_sqlite(path: Path) -> str:
    """All of a database as SQL. The index of words is made again from it: Python cannot read its own dump of one."""
    with closing(sqlite3.connect(path)) as database:
        (index,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'posting_words'").fetchone()
        lines = [line for line in database.iterdump() if not _OF_INDEX.match(line)]
    fill = ("INSERT INTO posting_words (posting_words) VALUES ('rebuild');", "DELETE FROM unindexed_postings;")
    return "\n".join([*lines[:-1], f"{index};", *fill, lines[-1]])


def load_sqlite(path: Path, text: str) -> None:
    """Makes a database of that text."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(text)


def dump_postgresql(server: PostgresServer, database: str, *, schema_only: bool = False) -> str:
    """All of a database, or what its tables are, as SQL that any client can run."""
    what = ["--schema-only"] if schema_only else ["--inserts"]
    command = [
        str(server.binaries / "pg_dump"),
        "-h",
        str(server.folder),
        "-U",
        "hirewatch",
        "--no-owner",
        *what,
        database,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    # psql's own commands begin with a backslash
    return "".join(line for line in done.stdout.splitlines(keepends=True) if not line.startswith("\\"))


def main() -> None:
    """Writes the database that the command line names."""
    with tempfile.TemporaryDirectory(prefix="hw-pg-", ignore_cleanup_errors=True) as folder:
        if sys.argv[1:] == ["sqlite"]:
            path = Path(folder) / "hirewatch.db"
            make(f"sqlite:///{path}")
            sys.stdout.write(dump_sqlite(path) + "\n")
            return
        binaries = find_binaries()
        if sys.argv[1:] != ["postgresql"] or binaries is None:
            sys.exit("Error: say sqlite or postgresql; the second needs PostgreSQL's server (Debian: postgresql)")
        server = PostgresServer(binaries, Path(folder))
        server.start()
        try:
            name = server.create()
            make(server.url(name))
            sys.stdout.write(dump_postgresql(server, name))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
