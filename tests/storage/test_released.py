"""Databases of released versions: each comes to today's schema, and keeps what it holds.

`released/` has two dumps of each release, one of each kind of database; docs/releasing.md says how they are made.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from storage.engine import connect
from storage.migrations import SCHEMA
from storage.schema import upgrade
from tests.postgres import PostgresServer
from tests.storage import releases


def kept(ending: str) -> list[str]:
    """Names of the releases that are kept, and of the database of today."""
    return ["today", *sorted(path.stem for path in releases.RELEASED.glob(f"*{ending}"))]


def text_of(release: str, ending: str) -> str:
    return (releases.RELEASED / f"{release}{ending}").read_text()


def brought_up(url: str) -> None:
    engine = connect(url)
    upgrade(engine, by_hand=True)
    engine.dispose()


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("today") / "hirewatch.db"
    releases.make(f"sqlite:///{path}")
    return path


class TestSqlite:
    @staticmethod
    def held(path: Path) -> tuple[str, dict[str, str], list[tuple[int, str]]]:
        """The number of the schema, the definitions with their lines in order, and the events."""
        with closing(sqlite3.connect(path)) as database:
            (schema,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
            rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
            events = database.execute("SELECT number, type FROM events ORDER BY number").fetchall()
        lines = {name: "\n".join(sorted(line.strip().rstrip(",") for line in sql.splitlines())) for name, sql in rows}
        return schema, lines, events

    @pytest.mark.parametrize("release", kept(releases.SQLITE))
    def test_a_database_of_a_release_comes_to_todays_schema_and_keeps_its_events(
        self, release: str, today: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "hirewatch.db"
        text = releases.dump_sqlite(today) if release == "today" else text_of(release, releases.SQLITE)
        releases.load_sqlite(path, text)
        _, _, before = self.held(path)
        assert before

        brought_up(f"sqlite:///{path}")

        schema, definitions, events = self.held(path)
        assert (schema, events) == (SCHEMA, before)
        assert definitions == self.held(today)[1]


class TestPostgresql:
    @staticmethod
    def held(url: str) -> tuple[str, list[tuple[int, str]]]:
        """The number of the schema, and the events."""
        with psycopg.connect(url) as connection:
            (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchall()[0]
            return schema, connection.execute("SELECT number, type FROM events ORDER BY number").fetchall()

    @staticmethod
    def definitions(server: PostgresServer, database: str) -> list[str]:
        """The lines that make its tables, in order: a column that came later stands behind."""
        text = releases.dump_postgresql(server, database, schema_only=True)
        return sorted(line.strip().rstrip(",") for line in text.splitlines() if not line.startswith("--"))

    @pytest.mark.parametrize("release", kept(releases.POSTGRESQL))
    def test_a_database_of_a_release_comes_to_todays_schema_and_keeps_its_events(
        self, release: str, postgres_server: PostgresServer
    ) -> None:
        today, name = postgres_server.create(), postgres_server.create()
        releases.make(postgres_server.url(today))
        text = (
            releases.dump_postgresql(postgres_server, today)
            if release == "today"
            else text_of(release, releases.POSTGRESQL)
        )
        postgres_server.sql(text, name)
        url = postgres_server.url(name)
        _, before = self.held(url)
        assert before

        brought_up(url)

        assert self.held(url) == (SCHEMA, before)
        assert self.definitions(postgres_server, name) == self.definitions(postgres_server, today)
        for one in (today, name):
            postgres_server.drop(one)
