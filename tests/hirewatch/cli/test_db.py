"""Looking after the database, and outlets that are told nothing for a while."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from storage import tables
from storage.engine import connect, writing
from storage.soundness import problems
from tests.storage.watching import Watch

Run = Callable[..., int]
Said = pytest.CaptureFixture[str]


def test_a_database_that_is_whole_says_so(watch: Watch, command_line: Run, capsys: Said) -> None:
    assert command_line("db", "check") == 0
    assert "is whole" in capsys.readouterr().out


def test_a_damaged_database_ends_with_1_and_says_what_is_wrong(watch: Watch, command_line: Run, capsys: Said) -> None:
    with writing(watch.engine) as connection:
        connection.execute(update(tables.installation).values(last_event=99))
    assert command_line("db", "check") == 1
    said = capsys.readouterr()
    assert "should hold 99 events" in said.out
    assert "go back to a backup" in said.err
    assert command_line("db", "check", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], len(found["problems"])) == (False, 1)


def test_an_index_of_words_that_lacks_a_posting_is_told_and_made_anew(
    watch: Watch, command_line: Run, capsys: Said
) -> None:
    with writing(watch.engine) as connection:
        connection.exec_driver_sql("DELETE FROM posting_numbers")
    assert command_line("db", "check") == 1
    said = capsys.readouterr()
    assert said.out.endswith("run `hirewatch db reindex`\n")
    # what it holds is whole
    assert "backup" not in said.err
    assert command_line("db", "reindex") == 0
    assert "knows all its postings by their words" in capsys.readouterr().out
    assert command_line("db", "check") == 0


def test_a_backup_is_a_whole_database(watch: Watch, command_line: Run, capsys: Said, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    assert command_line("db", "backup", str(path), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(path), "bytes": path.stat().st_size, "ok": True}
    engine = connect(f"sqlite:///{path}")
    assert problems(engine) == []
    engine.dispose()


def test_a_backup_overwrites_nothing(watch: Watch, command_line: Run, capsys: Said, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("precious")
    assert command_line("db", "backup", str(path)) == 2
    assert "name a new file" in capsys.readouterr().err
    assert path.read_text() == "precious"


def test_an_outlet_is_told_nothing_until_it_is_enabled(command_line: Run, capsys: Said) -> None:
    def listed() -> dict[str, object]:
        capsys.readouterr()
        assert command_line("outlets", "list", "--json") == 0
        (outlet,) = json.loads(capsys.readouterr().out)
        return outlet  # type: ignore[no-any-return]

    command_line("outlets", "add", "hook", "https://hooks.example.org/x")
    assert command_line("outlets", "disable", "hook") == 0
    first = listed()
    assert (first["disabled_reason"], bool(first["disabled_at"])) == ("by a person", True)
    assert command_line("outlets", "disable", "hook") == 0
    assert listed() == first
    assert command_line("outlets", "enable", "hook") == 0
    assert listed()["disabled_at"] is None
    assert command_line("outlets", "disable", "hock") == 4
    assert "did you mean hook?" in capsys.readouterr().err


def test_maintenance_says_what_has_gone(watch: Watch, command_line: Run, capsys: Said) -> None:
    watch.now = datetime.now(UTC) - timedelta(days=400)
    for _ in range(3):
        watch.later(days=1).visit()
    assert command_line("db", "maintain") == 0
    assert capsys.readouterr().out == "no longer kept: 3 visits\n"
    assert command_line("db", "maintain", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["done"]) == (True, [])
