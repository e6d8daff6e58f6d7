"""The tables that the `sql` outlet keeps in a database of somebody else, and the statements that fill them.

Three tables: `postings` (one row a posting, as it stands), `posting_events` (one row an event, for ever) and
`hirewatch_cursors` (how far each outlet is). Only what was made here is ever written, and nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    Index,
    MetaData,
    String,
    Table,
    Text,
    func,
    inspect,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeEngine

from delivery import flat
from delivery.flat import Kind
from postings.errors import ConfigurationError

CURSORS: Final = "hirewatch_cursors"

#: what MySQL can index whole; ids and the names of outlets are far shorter
_KEY_LENGTH = 128

_MYSQL = ("mysql", "mariadb")


def _key() -> TypeEngine[str]:
    # MySQL's usual collations take `p_a` and `p_A` for the same
    return String(_KEY_LENGTH).with_variant(
        mysql.VARCHAR(_KEY_LENGTH, charset="utf8mb4", collation="utf8mb4_bin"), *_MYSQL
    )


#: how each kind of column is typed; MySQL's TEXT ends after 64 KiB and its DATETIME with the second
_TYPES: Final[dict[Kind, TypeEngine[Any]]] = {
    Kind.TEXT: Text().with_variant(mysql.MEDIUMTEXT(charset="utf8mb4"), *_MYSQL),
    Kind.KEY: _key(),
    Kind.WHOLE: BigInteger(),
    Kind.NUMBER: Double(),
    Kind.FLAG: Boolean(),
    Kind.DAY: Date(),
    Kind.INSTANT: DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *_MYSQL),
}
_DOCUMENT: Final = JSON().with_variant(postgresql.JSONB(), "postgresql")


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables under the names that an outlet gives them."""

    postings: Table
    events: Table
    cursors: Table

    @property
    def all(self) -> tuple[Table, ...]:
        """All of them, in the order in which they are made."""
        return (self.cursors, self.postings, self.events)


def describe(prefix: str, schema: str | None) -> Tables:
    """The tables with `prefix` before their names, in `schema` or where the connection makes them by itself."""
    metadata = MetaData(schema=schema)
    # InnoDB: a table without transactions could keep half of a batch
    options: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4"}
    options |= {name.replace("mysql", "mariadb"): value for name, value in options.items()}
    postings = Table(
        f"{prefix}postings",
        metadata,
        Column("instance", _key(), primary_key=True),
        *(
            Column(column.name, _TYPES[column.kind], primary_key=column.name == "id", nullable=column.name != "id")
            for column in flat.POSTING
        ),
        Column("event", BigInteger(), nullable=False),
        Column("event_at", _TYPES[Kind.INSTANT]),
        Column("data", _DOCUMENT),
        **options,
    )
    events = Table(
        f"{prefix}posting_events",
        metadata,
        Column("instance", _key(), primary_key=True),
        *(
            Column(
                column.name,
                _TYPES[column.kind],
                primary_key=column.name == "event",
                autoincrement=False,
                nullable=column.name != "event",
            )
            for column in flat.EVENT
        ),
        Column("data", _DOCUMENT),
        **options,
    )
    Index(f"ix_{prefix}posting_events_posting_id", events.c.posting_id)
    cursors = Table(
        f"{prefix}{CURSORS}",
        metadata,
        Column("instance", _key(), primary_key=True),
        Column("outlet", _key(), primary_key=True),
        Column("event", BigInteger(), nullable=False),
        Column("updated_at", _TYPES[Kind.INSTANT]),
        **options,
    )
    return Tables(postings, events, cursors)


def lay_out(connection: Connection, tables: Tables, *, subject: str) -> None:
    """Makes the tables and columns that are missing. Raises ConfigurationError if a table there is not ours."""
    looked_at = compare(connection, tables, subject=subject)
    for table in tables.all:
        columns = looked_at.get(table.name)
        if columns is None:
            table.create(connection)
            continue
        for column in table.columns:
            if column.name not in columns:
                _add(connection, table, column)


def compare(connection: Connection, tables: Tables, *, subject: str) -> dict[str, set[str]]:
    """The columns of those of the tables that are there. Raises ConfigurationError if one of them is not ours."""
    looked_at = inspect(connection)
    schema = tables.postings.schema
    if schema is not None and schema not in looked_at.get_schema_names():
        raise ConfigurationError(
            "has no schema of that name", subject=f"{subject}: {schema}", remedy="create it, or name another one"
        )
    names = set(looked_at.get_table_names(schema=schema)) | set(looked_at.get_view_names(schema=schema))
    if {"alembic_version", "installation", "raw_postings"} <= names:
        raise ConfigurationError(
            "is the database that hirewatch itself works with",
            subject=subject,
            remedy="name another database, or another schema of that server (option `schema`)",
        )
    found = {}
    for table in tables.all:
        if table.name not in names:
            continue
        found[table.name] = {column["name"] for column in looked_at.get_columns(table.name, schema=schema)}
        key = {column.name for column in table.primary_key}
        there = set(looked_at.get_pk_constraint(table.name, schema=schema)["constrained_columns"])
        if there != key or not {"event", "instance"} <= found[table.name]:
            raise ConfigurationError(
                f"has a table `{table.name}` that hirewatch did not make",
                subject=subject,
                remedy="give the tables of hirewatch other names (option `prefix`) or a schema of their own (`schema`)",
            )
    return found


def _add(connection: Connection, table: Table, column: Column[Any]) -> None:
    quote = connection.dialect.identifier_preparer
    described = CreateColumn(Column(column.name, column.type)).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {quote.format_table(table)} ADD COLUMN {described}")


def insert_missing(dialect: str, table: Table) -> Any:
    """Adds rows; one whose key is there changes nothing."""
    if dialect in _MYSQL:
        statement = mysql.insert(table)
        # not INSERT IGNORE, which would also ignore that a value does not fit
        return statement.on_duplicate_key_update([(table.c.event.name, table.c.event)])
    return _insert(dialect, table).on_conflict_do_nothing()


def insert_newer(dialect: str, table: Table) -> Any:
    """Adds rows; where the key is there, the row takes the new values if its event is newer than the one there."""
    key = {column.name for column in table.primary_key}
    names = [column.name for column in table.columns if column.name not in key and column.name != "event"]
    # MySQL assigns one after another and has no WHERE here: the number that decides comes last
    names.append("event")
    if dialect in _MYSQL:
        mine = mysql.insert(table)
        newer = mine.inserted["event"] > table.c["event"]
        return mine.on_duplicate_key_update(
            [(name, func.IF(newer, mine.inserted[name], table.c[name])) for name in names]
        )
    statement = _insert(dialect, table)
    taken: Mapping[str, Any] = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_=taken,
        where=statement.excluded["event"] > table.c["event"],
    )


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
