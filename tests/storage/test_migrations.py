"""The schema: the same by every way, changed whole or not at all, refused when it is newer."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.engine import Engine

import storage.migrations
import storage.word_index  # makes its part with the tables
from postings.errors import DatabaseError, UsageError
from storage.engine import reading, writing
from storage.migrations import SCHEMA
from storage.schema import upgrade
from storage.tables import installation, metadata
from tests.postgres import PostgresServer

Opening = Callable[..., Engine]

UPGRADE = (
    "import sys; from storage.engine import connect; from storage.schema import upgrade; upgrade(connect(sys.argv[1]))"
)


@pytest.fixture
def empty(empty_url: str, opening: Opening) -> Engine:
    return opening(empty_url)


def tables(engine: Engine) -> set[str]:
    """Those that are there, but for the index of words."""
    with reading(engine) as connection:
        return {name for name in inspect(connection).get_table_names() if is_of_a_table(name, "table", None)}


def test_the_migrations_make_the_tables_that_the_code_names(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_of_a_table})
        assert compare_metadata(context, metadata) == []


def is_of_a_table(name: str | None, _kind: str, _parents: object) -> bool:
    """Not of the index of words, which no `Table` describes; the tests below compare it."""
    return not str(name).startswith(("posting_words", *INDEX_OF_WORDS))


INDEX_OF_WORDS = ("posting_numbers", "unindexed_postings", "ix_folded_postings_words")


def test_on_sqlite_the_migrations_write_the_same_definitions_as_the_code(tmp_path: Path, opening: Opening) -> None:
    migrated, made = opening(f"sqlite:///{tmp_path}/migrated"), opening(f"sqlite:///{tmp_path}/made")
    upgrade(migrated)
    with writing(made) as connection:
        metadata.create_all(connection)
    assert definitions(migrated) == definitions(made)


def definitions(engine: Engine) -> dict[str, list[str]]:
    """What SQLite keeps of each table and index, with the lines in order: they may stand in any."""
    with reading(engine) as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {
        name: sorted(line.strip().rstrip(",") for line in sql.splitlines())
        for name, sql in rows
        if name != "alembic_version"
    }


def test_on_postgresql_the_migrations_write_the_same_definitions_as_the_code(
    postgres_server: PostgresServer, opening: Opening
) -> None:
    migrated, made = postgres_server.create(), postgres_server.create()
    engines = opening(postgres_server.url(migrated)), opening(postgres_server.url(made))
    upgrade(engines[0])
    with writing(engines[1]) as connection:
        metadata.create_all(connection)
    assert dump(postgres_server, migrated) == dump(postgres_server, made)
    postgres_server.drop(migrated)
    postgres_server.drop(made)


def dump(server: PostgresServer, database: str) -> list[str]:
    command = [
        str(server.binaries / "pg_dump"),
        "--schema-only",
        "--exclude-table=alembic_version",
        "-h",
        str(server.folder),
        "-U",
        "hirewatch",
        database,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    statements = re.split(r";\n", re.sub(r"^(--|\\).*$", "", done.stdout, flags=re.MULTILINE))
    # the packing of long values is a wish of the migration alone, where the server can fulfil it
    return sorted(statement.strip() for statement in statements if "SET COMPRESSION" not in statement)


def test_the_newest_revision_is_the_one_that_the_code_knows() -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    scripts = ScriptDirectory.from_config(config)
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert scripts.get_heads() == [SCHEMA]
    assert revisions == sorted(revisions, reverse=True)
    assert all(re.fullmatch(r"\d{4}", revision) for revision in revisions)


def test_an_upgrade_that_fails_at_any_statement_leaves_nothing_behind(empty: Engine) -> None:
    failed = 0
    while True:
        with failing_at(empty, failed + 1):
            try:
                upgrade(empty)
                break
            except InterruptedError:
                failed += 1
        assert tables(empty) == set()
    assert failed > len(metadata.tables)
    assert tables(empty) == {*metadata.tables, "alembic_version"}


class failing_at:  # reads as a function
    """The n-th statement that changes something fails, and so does the commit after the last one."""

    def __init__(self, engine: Engine, number: int) -> None:
        self.engine = engine
        self.left = number

    def __enter__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._statement)
        event.listen(self.engine, "commit", self._commit)

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._statement)
        event.remove(self.engine, "commit", self._commit)

    def _statement(self, _connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "INSERT", "UPDATE")):
            self._step()

    def _commit(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("readonly") and tables_inside(connection):
            self._step()

    def _step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise InterruptedError


def tables_inside(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")


def test_five_processes_that_upgrade_at_once_all_succeed(empty_url: str, opening: Opening) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FIVE_AT_ONCE, empty_url], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    with reading(opening(empty_url)) as connection:
        assert len(connection.execute(select(installation.c.instance)).all()) == 1


FIVE_AT_ONCE = """
import os, sys, traceback
import alembic.command
from storage.engine import connect
from storage.schema import upgrade

start, go = os.pipe()
for _ in range(5):
    if os.fork() == 0:
        os.close(go)
        os.read(start, 1)
        try:
            upgrade(connect(sys.argv[1]))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
os.close(go)
sys.exit(any(os.wait()[1] for _ in range(5)))
"""


def test_a_database_of_a_newer_version_is_refused_as_it_is(empty_url: str, opening: Opening) -> None:
    engine = opening(empty_url)
    upgrade(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    # nothing waits in the write-ahead log any more
    engine.dispose()
    path = Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None
    before = hashlib.sha256(path.read_bytes()).hexdigest() if path else None
    with pytest.raises(DatabaseError, match=r"newer hirewatch \(schema 9999.*update hirewatch"):
        upgrade(opening(empty_url))
    assert before == (hashlib.sha256(path.read_bytes()).hexdigest() if path else None)


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{current}"


def upgrade() -> None:
    op.add_column("sites", sa.Column("next_thing", sa.Text()))
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """From now on this hirewatch has one schema more."""
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(storage.migrations.__file__).parent, scripts)
    following = f"{int(SCHEMA) + 1:04}"
    (scripts / "versions" / f"{following}_next.py").write_text(NEXT.format(next=following, current=SCHEMA))
    monkeypatch.setattr("storage.schema.MIGRATIONS", str(scripts))
    monkeypatch.setattr("storage.schema.SCHEMA", following)
    return following


def version(engine: Engine) -> str:
    with reading(engine) as connection:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def test_an_sqlite_file_of_an_older_version_is_copied_before_it_is_changed(
    tmp_path: Path, opening: Opening, request: pytest.FixtureRequest
) -> None:
    engine = opening(f"sqlite:///{tmp_path}/hirewatch.db")
    assert upgrade(engine) is None, "a new file needs no copy"
    with reading(engine) as connection:
        instance = connection.execute(select(installation.c.instance)).scalar_one()
    following = request.getfixturevalue("next_version")
    copy = upgrade(engine, now=datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert copy is not None
    assert copy.name.startswith(f"hirewatch.db.schema-{SCHEMA}.20270102T030405.")
    assert copy.stat().st_mode & 0o077 == 0
    assert version(engine) == following
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA,)]
        assert old.execute("SELECT instance FROM installation").fetchall() == [(instance,)]
    assert upgrade(engine) is None, "there is nothing left to change"


def test_an_sqlite_file_that_cannot_be_copied_is_not_changed(
    tmp_path: Path, opening: Opening, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opening(f"sqlite:///{tmp_path}/hirewatch.db")
    upgrade(engine)
    request.getfixturevalue("next_version")
    now = datetime(2027, 1, 2, tzinfo=UTC)
    (tmp_path / f"hirewatch.db.schema-{SCHEMA}.20270102T000000.{os.getpid()}").touch()
    with pytest.raises(UsageError, match="is there already"):
        upgrade(engine, now=now)
    assert version(engine) == SCHEMA


def test_a_postgresql_database_of_an_older_version_waits_for_a_person(
    postgres_url: str, opening: Opening, request: pytest.FixtureRequest
) -> None:
    engine = opening(postgres_url)
    upgrade(engine)
    following = request.getfixturevalue("next_version")
    with pytest.raises(DatabaseError, match=f"older hirewatch \\({SCHEMA}; this one needs {following}") as refused:
        upgrade(engine)
    assert "hirewatch db upgrade" in str(refused.value.remedy)
    assert version(engine) == SCHEMA
    assert upgrade(engine, by_hand=True) is None
    assert version(engine) == following


def test_a_postgresql_schema_may_be_shared_with_strangers_but_not_with_our_names(
    postgres_url: str, opening: Opening
) -> None:
    engine = opening(postgres_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE sites (host text)")
    with pytest.raises(DatabaseError, match="it has a table `sites`"):
        upgrade(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE sites RENAME TO shops")
    upgrade(engine)
    assert tables(engine) == {*metadata.tables, "alembic_version", "shops"}


def test_a_database_that_is_up_to_date_loads_no_migration_tool(tmp_path: Path, opening: Opening) -> None:
    url = f"sqlite:///{tmp_path}/hirewatch.sqlite"
    upgrade(opening(url))
    command = [sys.executable, "-c", f"{UPGRADE}; print('alembic' in sys.modules)", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_a_restored_backup_gets_its_write_ahead_log_back(tmp_path: Path, opening: Opening) -> None:
    original = opening(f"sqlite:///{tmp_path}/original")
    upgrade(original)
    with original.connect() as connection:
        connection.connection.driver_connection.execute("VACUUM INTO ?", (f"{tmp_path}/backup",))  # type: ignore[union-attr]
    restored = opening(f"sqlite:///{tmp_path}/backup")
    upgrade(restored)
    with reading(restored) as snapshot:
        assert snapshot.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_postgresql_packs_long_values_with_lz4_where_it_can(postgres_url: str, opening: Opening) -> None:
    engine = opening(postgres_url)
    upgrade(engine)
    with reading(engine) as connection:
        offered = connection.exec_driver_sql(
            "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
        ).scalar_one()
        packed = connection.exec_driver_sql(
            "SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE attcompression = 'l' ORDER BY 1"
        ).scalars()
        expected = ["contents.body", "events.changes", "folded_postings.text", "sites.source"]
        assert list(packed) == (expected if offered else [])
