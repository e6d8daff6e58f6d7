"""Rows that may be there already, in the dialect of the connection: told apart by the table's primary key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage import bulk

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_missing(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds the rows whose key is new; the others stay as they are."""
    bulk.send(conn, _missing(conn.dialect.name, table), rows)


def insert_or_replace(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds the rows; where the key is there, the row takes the new values. No key may occur twice."""
    bulk.send(conn, _replacing(conn.dialect.name, table), rows)


def insert_or_add(conn: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Adds the row, with 0 in the columns that it does not name; where the key is there, its numbers are added."""
    conn.execute(_adding(conn.dialect.name, table), row)


# Making a statement costs more than running it on a few rows.


@cache
def _missing(dialect: str, table: Table) -> Any:
    return _INSERTS[dialect](table).on_conflict_do_nothing()


@cache
def _replacing(dialect: str, table: Table) -> Any:
    statement = _INSERTS[dialect](table)
    keys = [column.name for column in table.primary_key]
    replaced = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=replaced)


@cache
def _adding(dialect: str, table: Table) -> Any:
    statement = _INSERTS[dialect](table)
    keys = [column.name for column in table.primary_key]
    sums = {
        column.name: column + statement.excluded[column.name] for column in table.columns if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=sums)
