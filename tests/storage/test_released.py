"""Databases of released versions: each comes to today's schema, and keeps what it holds.

`released/` has a dump of a database of each release; docs/releasing.md says how one is made.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.engine import connect
from storage.migrations import SCHEMA
from storage.schema import upgrade
from tests.storage.watching import Watch, a_job

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))


def dump(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump())


def make(path: Path) -> None:
    """A database of today that has watched a site."""
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job("Welder"), "/jobs/2": a_job("Turner")}
    watch.visit()
    engine.dispose()


def held(path: Path) -> tuple[str, dict[str, str], list[tuple[int, str]]]:
    """The number of the schema, the definitions with their lines in order, and the events."""
    with closing(sqlite3.connect(path)) as database:
        (schema,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        events = database.execute("SELECT number, type FROM events ORDER BY number").fetchall()
    lines = {name: "\n".join(sorted(line.strip().rstrip(",") for line in sql.splitlines())) for name, sql in rows}
    return schema, lines, events


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("today") / "hirewatch.db"
    make(path)
    return path


@pytest.mark.parametrize("release", ["today", *RELEASED], ids=lambda release: Path(release).stem)
def test_a_database_of_a_release_comes_to_todays_schema_and_keeps_its_events(
    release: str | Path, today: Path, tmp_path: Path
) -> None:
    path = tmp_path / "hirewatch.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(dump(today) if release == "today" else Path(release).read_text())
    _, _, before = held(path)
    assert before

    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()

    schema, definitions, events = held(path)
    assert (schema, events) == (SCHEMA, before)
    assert definitions == held(today)[1]


if __name__ == "__main__":
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / "hirewatch.db")
        sys.stdout.write(dump(Path(folder) / "hirewatch.db") + "\n")
