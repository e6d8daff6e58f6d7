"""A database that cannot be used: every command says so in one message, ends with a code, and leaves the file as it
is."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from storage import engine as engines
from tests.storage.watching import Watch

Run = Callable[..., int]

#: cannot be done without reading what is there
READING = [
    ["status"],
    ["postings"],
    ["events"],
    ["sites", "list"],
    ["outlets", "list"],
    ["export", "postings", "-"],
    ["db", "check"],
    ["db", "backup", "copy.db"],
]
#: change something
WRITING = [
    ["add", "https://other.example/", "--no-visit"],
    ["sites", "pause", "acme"],
    ["outlets", "add", "hook", "https://hook.example/"],
    ["visit", "acme"],
]


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url)")
        other.commit()


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")


#: what is wrong with the file, and what of it every command says
BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "damaged": (damage, "is damaged"),
    "no database": (lambda path: path.write_text("my notes, not a database\n" * 100), "is not an SQLite database"),
    "of another program": (of_another_program, "belongs to another program"),
    "of a newer version": (make_newer, "newer hirewatch"),
}


@pytest.fixture
def file(watch: Watch, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of an installation in use, at rest."""
    path = home / "hirewatch.db"
    watch.engine.dispose()
    # nobody waits half a minute here for a lock
    monkeypatch.setattr(engines, "connect", partial(engines.connect, patience=timedelta(seconds=0.05)))
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Said:
    """Runs commands that cannot be done; each has to say one thing, end with its code, and leave the file as it is."""

    def __init__(self, command_line: Run, capsys: pytest.CaptureFixture[str]) -> None:
        self._run = command_line
        self._capsys = capsys

    def each(self, commands: list[list[str]], file: Path, words: str, *, expected: int = 3) -> None:
        before = digest(file)
        for command in commands:
            code = self._run(*command)
            said = self._capsys.readouterr().err
            first, *others = said.splitlines()
            assert first.startswith("Error: "), (command, said)
            assert words in first, command
            assert [line.partition(": ")[0] for line in others] == ["What to do"], (command, said)
            assert code == expected, command
            assert digest(file) == before, command


@pytest.fixture
def refused(command_line: Run, capsys: pytest.CaptureFixture[str]) -> Said:
    return Said(command_line, capsys)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_database_that_cannot_be_used_is_said_by_every_command_and_stays_as_it_is(
    fault: str, file: Path, refused: Said
) -> None:
    break_it, words = BROKEN[fault]
    break_it(file)
    refused.each([*READING, *WRITING, ["deliver"]], file, words)


def test_a_database_that_another_program_writes_is_said_and_stays_as_it_is(file: Path, refused: Said) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused.each(WRITING, file, "is locked by another program", expected=6)


def test_a_database_that_nobody_has_broken_is_used(file: Path, command_line: Run) -> None:
    before = digest(file)
    assert [command_line(*command) for command in READING] == [0] * len(READING)
    assert digest(file) == before
    assert command_line("sites", "pause", "acme") == 0


@pytest.fixture
def read_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same where this process may not write, even if it runs as root."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="hw-readonly-"))
        stack.callback(shutil.rmtree, folder)
        stack.callback(folder.chmod, 0o755)
        path = Path(shutil.copy(file, folder))
        path.chmod(0o444)
        private = folder / "private"
        private.mkdir(0o000)
        stack.callback(private.chmod, 0o755)
        folder.chmod(0o555)
        for name in ("HIREWATCH_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.setenv(name, str(folder))
        monkeypatch.chdir(folder)
        if os.geteuid() == 0:
            os.seteuid(65534)
            stack.callback(os.seteuid, 0)
        yield path


def test_a_database_that_may_not_be_written_is_said_and_stays_as_it_is(read_only: Path, refused: Said) -> None:
    refused.each(WRITING, read_only, str(read_only))


def test_settings_that_may_not_be_looked_for_are_said(
    read_only: Path, refused: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(read_only.parent / "private"))
    refused.each([["status"]], read_only, "may not be looked into by this user")
