"""The copy of a database that is measured on a server is the database."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from benchmarks.server_copy import copied
from postings.query import parse
from storage import events as log
from storage import paging
from storage.engine import connect
from storage.schema import upgrade
from storage.soundness import problems
from storage.tables import contents, events
from tests.postgres import PostgresServer
from tests.storage.rows import NOW, add_site
from tests.storage.watching import Watch, a_job


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "few.sqlite"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job("Welder"), "/jobs/2": a_job("Cook\t\\N\n")}
    watch.visit()
    watch.pages["/jobs/1"] = a_job("Welder", employment_types=("PART_TIME",))
    watch.later(days=1).visit()
    with engine.begin() as connection:
        # nothing is packed where the benchmark makes it
        for table, column in ((contents, contents.c.body), (events, events.c.changes)):
            for number, value in connection.execute(select(table.c.number, column)).all():
                connection.exec_driver_sql(
                    f"UPDATE {table.name} SET {column.name} = ? WHERE number = ?", (json.dumps(value), number)
                )
    engine.dispose()
    return path


def test_a_copy_on_a_server_holds_what_the_file_holds_and_can_be_written(
    path: Path, postgres_server: PostgresServer
) -> None:
    url = copied(path, postgres_server.url("postgres"))
    engines = [connect(f"sqlite:///{path}"), connect(url)]
    try:
        told, copy = ([one.record for one in log.after(engine, 0, 100)] for engine in engines)
        assert told
        assert told == copy
        found, there = ([one.page for one in paging.walk(engine, parse("cook"), NOW)] for engine in engines)
        assert found == there == ["acme.example/jobs/2"]
        assert problems(engines[1]) == []
        add_site(engines[1], "globex")
        # it is used again
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM events")
        assert copied(path, postgres_server.url("postgres")) == url
        assert len(log.after(engines[1], 0, 100)) == len(told)
    finally:
        for engine in engines:
            engine.dispose()
        postgres_server.drop("hirewatch_few")
