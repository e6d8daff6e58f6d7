"""A large database on a PostgreSQL server: the rows of an SQLite file that `benchmarks.big_database` made.

`copied` is asked by `benchmarks.pages`. Rows are sent as they stand in the file, whose texts PostgreSQL reads as well,
and indexes are made when all rows are there.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy import Integer, Table
from sqlalchemy.engine import URL, make_url

from storage.engine import connect
from storage.schema import upgrade
from storage.tables import metadata


def copied(path: Path, server: str) -> str:
    """The URL of a database like the SQLite database at `path`, called hirewatch_ and its name; made if it is missing.

    `server` is the URL of another database there, by a user who may do everything on that server.
    """
    there = make_url(server).set(drivername="postgresql")
    url = there.set(database=f"hirewatch_{path.stem}")
    with _connected(there) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [url.database]).fetchone() is None:
            making = url.set(database=f"{url.database}_making")
            connection.execute(f"DROP DATABASE IF EXISTS {making.database}".encode())
            connection.execute(f"CREATE DATABASE {making.database} TEMPLATE template0 ENCODING 'UTF8'".encode())
            _fill(making, path)
            connection.execute(f"ALTER DATABASE {making.database} RENAME TO {url.database}".encode())
    return _text(url)


def _fill(url: URL, path: Path) -> None:
    engine = connect(_text(url))
    upgrade(engine)
    engine.dispose()
    with closing(sqlite3.connect(path)) as source, _connected(url) as target:
        # the file's references are whole
        target.execute("SET session_replication_role = replica")
        target.execute("SET maintenance_work_mem = '1GB'")
        indexes = target.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        ).fetchall()
        for name, _ in indexes:
            target.execute(f"DROP INDEX {name}".encode())
        for table in metadata.sorted_tables:
            _copy(source, target, table)
        for _, definition in indexes:
            target.execute(definition.encode())
        target.execute("VACUUM (ANALYZE)")


def _copy(source: sqlite3.Connection, target: psycopg.Connection, table: Table) -> None:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    # the installation has a row from the beginning
    target.execute(f"DELETE FROM {table.name}".encode())
    with target.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN".encode()) as rows:
        for row in source.execute(f"SELECT {columns} FROM {table.name}"):
            rows.write_row(row)
    counted = table.autoincrement_column
    if counted is not None and isinstance(counted.type, Integer) and counted.autoincrement is not False:
        target.execute(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{counted.name}'),"
            f" (SELECT coalesce(max({counted.name}), 1) FROM {table.name}))".encode()
        )


def _connected(url: URL) -> psycopg.Connection:
    return psycopg.connect(_text(url), autocommit=True)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
