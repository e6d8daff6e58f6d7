"""A copy that can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError, UsageError
from storage import sites, tables
from storage.backup import backup
from storage.engine import writing
from storage.schema import upgrade
from storage.soundness import problems
from tests.storage.rows import add_site

Opening = Callable[..., Engine]


@pytest.fixture
def database(tmp_path: Path, opening: Opening) -> Engine:
    """On SQLite, with a site."""
    engine = opening(f"sqlite:///{tmp_path}/hirewatch.sqlite")
    upgrade(engine)
    add_site(engine)
    return engine


def test_a_backup_holds_what_was_there_while_a_writer_goes_on(
    database: Engine, tmp_path: Path, opening: Opening
) -> None:
    path = tmp_path / "backup.sqlite"
    with writing(database) as connection:
        connection.execute(update(tables.sites).values(name="renamed"))
        backup(database, path)
    restored = opening(f"sqlite:///{path}")
    upgrade(restored)
    assert problems(restored) == []
    assert [site.name for site in sites.watched(restored)] == ["acme"]
    assert [site.name for site in sites.watched(database)] == ["renamed"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_backup_is_made_after_something_was_read(database: Engine, tmp_path: Path, opening: Opening) -> None:
    assert problems(database) == []
    backup(database, tmp_path / "backup.sqlite")
    assert problems(opening(f"sqlite:///{tmp_path}/backup.sqlite")) == []


def test_a_backup_overwrites_nothing(database: Engine, tmp_path: Path) -> None:
    path = tmp_path / "backup.sqlite"
    path.write_text("precious")
    with pytest.raises(UsageError, match="is there already; name a new file"):
        backup(database, path)
    assert path.read_text() == "precious"


def test_a_backup_to_a_folder_that_is_not_there_says_so(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="No such file or directory"):
        backup(database, tmp_path / "nowhere" / "backup.sqlite")


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path, opening: Opening) -> None:
    (tmp_path / "notes").write_text("no database\n" * 1000)
    with pytest.raises(DatabaseError, match="is not an SQLite database"):
        backup(opening(f"sqlite:///{tmp_path}/notes"), tmp_path / "backup.sqlite")
    assert not (tmp_path / "backup.sqlite").exists()


def test_postgresql_is_saved_with_its_own_tool(tmp_path: Path, opening: Opening) -> None:
    with pytest.raises(UsageError, match="pg_dump"):
        backup(opening("postgresql://me@h/db"), tmp_path / "backup")
