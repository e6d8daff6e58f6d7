"""The database: each fault is made, and found with what to do about it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hirewatch import wiring
from hirewatch.checks import all_checks, database
from hirewatch.checks.finding import safely
from scheduler import jobs
from storage.engine import connect, writing
from tests.hirewatch.checks.conftest import Setting
from tests.postgres import PostgresServer

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIT = database.Server(version=17, encoding="UTF8", read_only=False, free=80, clock=NOW)


def test_a_database_that_another_program_keeps_to_itself_is_found(
    engine: Engine, setting: Setting, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", timedelta(seconds=0.05))
    with closing(sqlite3.connect(home / "hirewatch.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (found,) = database.database(engine, setting(), NOW)
    assert (found.verdict, "is locked by another program" in found.found) == ("error", True)
    assert "close it" in str(found.remedy)
    assert [one.verdict for one in database.database(engine, setting(), NOW)] == ["ok"]


def test_a_long_write_ahead_log_is_found(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE installation SET last_event = last_event"))
    assert list(database.log_of_writes(engine)) == []
    (found,) = database.log_of_writes(engine, longest=1000)
    assert found.verdict == "warning"
    assert "hirewatch db maintain" in str(found.remedy)


def test_where_the_database_is_broken_what_needs_it_is_left_out(engine: Engine, setting: Setting, home: Path) -> None:
    engine.dispose()
    values = setting()
    with closing(sqlite3.connect(home / "hirewatch.db", isolation_level=None)) as other:
        other.execute("DROP TABLE visits")
    found = list(all_checks(lambda: values, now=datetime.now(UTC), online=False))
    assert [one.name for one in found if one.verdict == "error"] == ["database"]
    assert found[-1].name == "database"


def test_a_server_that_is_fit_is_told() -> None:
    assert [one.verdict for one in database.judge_server(FIT, NOW)] == ["ok"]


@pytest.mark.parametrize(
    ("server", "words", "remedy"),
    [
        (replace(FIT, version=13), "PostgreSQL 13 is too old", "PostgreSQL 14"),
        (replace(FIT, encoding="SQL_ASCII"), "as SQL_ASCII", "--encoding=UTF8"),
        (replace(FIT, read_only=True), "read-only", "primary server"),
        (replace(FIT, free=3), "only 3 more connections", "max_connections"),
        (replace(FIT, clock=NOW - timedelta(hours=1)), "11:00:00Z", "use NTP"),
    ],
)
def test_a_server_that_is_not_fit_is_told_with_what_to_do(server: database.Server, words: str, remedy: str) -> None:
    (found,) = database.judge_server(server, NOW)
    assert found.verdict != "ok"
    assert words in found.found
    assert remedy in str(found.remedy)


def test_a_real_server_says_what_it_is(postgres_url: str) -> None:
    engine = connect(postgres_url)
    found = list(database.server(engine, datetime.now(UTC)))
    engine.dispose()
    assert [one.name for one in found] == ["server"]
    assert found[0].found.endswith("connections are free")


def test_a_real_server_that_is_read_only_is_found(postgres_server: PostgresServer, postgres_url: str) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres_server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine = connect(postgres_url)
    found = list(database.server(engine, datetime.now(UTC)))
    engine.dispose()
    assert [one.found for one in found] == ["the database is read-only"]


def test_a_queue_without_tables_of_today_and_of_tomorrow(postgres_url: str, setting: Setting) -> None:
    engine = wiring.open_database(setting(DATABASE=postgres_url))
    assert ["no tables yet" in one.found for one in database.queue(engine)] == [True]
    jobs.upgrade(engine)
    assert [one.found for one in database.queue(engine)] == ["its tables are up to date"]
    with writing(engine) as connection:
        connection.execute(text(f"COMMENT ON SCHEMA {jobs.SCHEMA} IS '99.00.00_01_tomorrow.sql'"))
    (found,) = database.queue(engine)
    engine.dispose()
    assert found.verdict == "error"
    assert "same version" in str(found.remedy)


def test_a_check_that_fails_is_a_finding_without_the_words_of_its_error() -> None:
    def broken() -> list[database.Finding]:
        raise ZeroDivisionError("password=s3cret")

    (found,) = safely("database", broken)
    assert found.verdict == "error"
    assert found.found == "could not be checked (ZeroDivisionError)"
    assert found.remedy
