"""A copy made while four processes write is a whole installation as it stood at one moment."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from scheduler.protocol import WorkerSettings
from storage import events, tables
from storage.backup import backup
from storage.engine import connect, reading
from storage.schema import upgrade
from tests.chaos import checker
from tests.chaos.test_order import Race, racing
from tests.postgres import PostgresServer


def restored(url: str) -> int:
    """Goes on with a copy; how many events it has. Fails if it is not whole."""
    engine = connect(url)
    try:
        upgrade(engine)
        assert checker.violations(engine) == []
        with reading(engine) as connection:
            return connection.scalar(select(func.count()).select_from(tables.events)) or 0
    finally:
        engine.dispose()


def copy_while_writing(race: Race, copies: int, copy: Callable[[int], str], capsys: pytest.CaptureFixture[str]) -> None:
    held = []
    for number in range(copies):
        # each copy is of another moment
        while events.last(race.engine) <= (held[-1][1] if held else 0):
            assert race.running
            time.sleep(0.002)
        before = events.last(race.engine)
        url = copy(number)
        held.append((before, restored(url), events.last(race.engine)))
    race.end()
    assert all(before <= count <= after for before, count, after in held), held
    assert held[0][1] < race.acknowledged
    with capsys.disabled():
        print(
            f"\n{race.engine.dialect.name}: {copies} copies under four writers, {[each[1] for each in held]} events, all whole"
        )


def test_an_sqlite_copy_made_while_four_processes_write_is_whole(
    settings: WorkerSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with racing(settings.database, 3) as race:

        def copy(number: int) -> str:
            backup(race.engine, tmp_path / f"copy{number}")
            return f"sqlite:///{tmp_path}/copy{number}"

        copy_while_writing(race, 2, copy, capsys)


def test_a_postgresql_dump_made_while_four_processes_write_is_whole(
    postgres_server: PostgresServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["-h", str(postgres_server.folder), "-U", "hirewatch"]
    name = postgres_server.create()
    with racing(postgres_server.url(name), 3) as race:

        def copy(number: int) -> str:
            file, another = tmp_path / f"dump{number}", postgres_server.create()
            dump = [postgres_server.binaries / "pg_dump", *place, "--format=custom", f"--file={file}", name]
            subprocess.run(dump, check=True, capture_output=True)
            restore = [postgres_server.binaries / "pg_restore", *place, f"--dbname={another}", file]
            subprocess.run(restore, check=True, capture_output=True)
            return postgres_server.url(another)

        copy_while_writing(race, 1, copy, capsys)


def test_the_file_alone_would_be_no_copy(settings: WorkerSettings, tmp_path: Path) -> None:
    with racing(settings.database, 1) as race, reading(race.engine):
        race.end()
        shutil.copy(str(race.engine.url.database), tmp_path / "file")
    held = 0
    # not even the tables need be there
    with closing(sqlite3.connect(tmp_path / "file")) as alone, suppress(sqlite3.OperationalError):
        (held,) = alone.execute("SELECT count(*) FROM events").fetchone()
    assert held < race.acknowledged
