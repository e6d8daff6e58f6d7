"""Transactions, and what a person is told when the database cannot be used."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from postings.errors import DatabaseError
from storage.engine import instance, reading, writing
from storage.schema import upgrade
from storage.tables import installation, pages, raw_postings, robots
from tests.postgres import PostgresServer

Opening = Callable[..., Engine]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)
NOBODY = 65534


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_a_row(engine: Engine, name: str = "a") -> None:
    with writing(engine) as connection:
        connection.execute(insert(raw_postings).values(hash=name, content=b"x"))


def rows(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(raw_postings)).scalar_one()


def in_threads(number: int, work: Callable[[], None]) -> list[BaseException]:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.fixture
def sqlite_path(sqlite_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sqlite_template, tmp_path / "hirewatch.sqlite"))


@pytest.fixture
def quick(sqlite_path: Path, opening: Opening) -> Engine:
    """On SQLite, without patience for other writers."""
    return opening(f"sqlite:///{sqlite_path}", patience=SHORT)


class TestTransactions:
    def test_concurrent_read_then_write_transactions_lose_no_update(self, engine: Engine) -> None:
        def count_up() -> None:
            for _ in range(50):
                with writing(engine) as connection:
                    before = connection.execute(select(installation.c.last_event).with_for_update()).scalar_one()
                    connection.execute(update(installation).values(last_event=before + 1))

        assert in_threads(4, count_up) == []
        with reading(engine) as connection:
            assert connection.execute(select(installation.c.last_event)).scalar_one() == 200

    def test_a_read_is_one_snapshot_while_others_write(self, engine: Engine) -> None:
        write_a_row(engine, "a")
        with reading(engine) as connection:
            count = select(func.count()).select_from(raw_postings)
            before = connection.execute(count).scalar_one()
            write_a_row(engine, "b")
            assert connection.execute(count).scalar_one() == before
        assert rows(engine) == before + 1

    def test_a_read_cannot_write(self, engine: Engine) -> None:
        with pytest.raises(DatabaseError), reading(engine) as connection:
            connection.execute(insert(raw_postings).values(hash="a", content=b"x"))
        write_a_row(engine)

    def test_a_write_whose_block_raises_leaves_nothing(self, engine: Engine) -> None:
        def write_and_fail() -> None:
            with writing(engine) as connection:
                connection.execute(insert(raw_postings).values(hash="a", content=b"x"))
                raise LookupError

        with pytest.raises(LookupError):
            write_and_fail()
        assert rows(engine) == 0

    def test_a_row_that_refers_to_nothing_is_refused(self, engine: Engine) -> None:
        with pytest.raises(IntegrityError), writing(engine) as connection:
            connection.execute(insert(pages).values(site_id=99, address="a", url="a", last_read_at=NOW))

    def test_the_last_instant_of_the_calendar_comes_back(self, engine: Engine) -> None:
        last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
        with writing(engine) as connection:
            connection.execute(insert(robots).values(origin="https://a.example", body=b"", fetched_at=last))
        with reading(engine) as connection:
            assert connection.execute(select(robots.c.fetched_at)).scalar_one() == last

    def test_readers_do_not_wait_for_a_writer(self, quick: Engine) -> None:
        with writing(quick) as connection:
            connection.execute(insert(raw_postings).values(hash="a", content=b"x"))
            assert rows(quick) == 0

    @pytest.mark.skipif(shutil.which("strace") is None, reason="no strace, which counts what reaches the disk")
    def test_every_commit_on_sqlite_reaches_the_disk_before_it_is_acknowledged(
        self, sqlite_path: Path, opening: Opening
    ) -> None:
        program = (
            "import sys; from storage.engine import connect, writing; from storage.tables import raw_postings\n"
            "engine = connect(sys.argv[1])\n"
            "for n in range(7):\n"
            "    with writing(engine) as c: c.execute(raw_postings.insert().values(hash=str(n), content=b'x'))\n"
            "    print('acknowledged', flush=True)\n"
        )
        command = [
            "strace",
            "-f",
            "-e",
            "trace=fdatasync,write",
            sys.executable,
            "-c",
            program,
            f"sqlite:///{sqlite_path}",
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if "PTRACE" in done.stderr:
            pytest.skip("strace may not trace here")
        assert done.returncode == 0, done.stderr
        synced = False
        acknowledged = 0
        for line in done.stderr.splitlines():
            synced = synced or "fdatasync(" in line
            if '"acknowledged' in line:
                assert synced
                synced, acknowledged = False, acknowledged + 1
        assert acknowledged == 7


class TestOpening:
    def test_a_new_sqlite_file_and_its_folder_are_for_this_user_alone(self, tmp_path: Path, opening: Opening) -> None:
        path = tmp_path / "a" / "b" / "hirewatch.sqlite"
        upgrade(opening(f"sqlite:///{path}"))
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize(
        "url", ["", "no url", "mysql://h/db", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg://h/db"]
    )
    def test_a_url_that_cannot_be_used_is_refused_with_an_example(self, url: str, opening: Opening) -> None:
        with pytest.raises(DatabaseError, match="sqlite:////") as caught:
            opening(url)
        assert "postgresql://" in str(caught.value)

    def test_a_url_that_cannot_be_read_is_not_repeated(self, opening: Opening) -> None:
        with pytest.raises(DatabaseError) as caught:
            opening("hunter2@//no url")
        assert "hunter2" not in str(caught.value)

    def test_the_old_scheme_postgres_is_understood(self, opening: Opening) -> None:
        assert opening("postgres://h/db").dialect.name == "postgresql"

    def test_a_folder_in_place_of_the_file_is_named(self, tmp_path: Path, opening: Opening) -> None:
        with pytest.raises(DatabaseError, match=str(tmp_path)):
            rows(opening(f"sqlite:///{tmp_path}"))

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path, opening: Opening) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(DatabaseError, match="cannot be opened"):
            opening(f"sqlite:///{tmp_path / 'file' / 'hirewatch.sqlite'}")

    def test_a_database_without_tables_asks_for_an_upgrade(self, empty_url: str, opening: Opening) -> None:
        with pytest.raises(DatabaseError, match="hirewatch db upgrade"):
            rows(opening(empty_url))

    def test_opening_and_reading_leave_the_file_as_it_is(self, sqlite_path: Path, opening: Opening) -> None:
        before = digest(sqlite_path)
        engine = opening(f"sqlite:///{sqlite_path}")
        upgrade(engine)
        assert rows(engine) == 0
        assert digest(sqlite_path) == before

    def test_a_second_engine_leaves_the_locks_of_the_first_alone(self, sqlite_path: Path, opening: Opening) -> None:
        # Closing the file drops all locks that the process has on it. Whoever ends then takes itself for the last one
        # and deletes the write-ahead log, and what is written after that is lost.
        first = opening(f"sqlite:///{sqlite_path}")
        upgrade(first)
        opening(f"sqlite:///{sqlite_path}")

        other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM sites'); c.close()"
        subprocess.run([sys.executable, "-c", other, str(sqlite_path)], check=True)
        write_a_row(first)

        with closing(sqlite3.connect(sqlite_path)) as outside:
            assert outside.execute("SELECT count(*) FROM raw_postings").fetchone() == (1,)


class TestLocked:
    def test_a_file_that_another_program_writes_is_locked(self, quick: Engine, sqlite_path: Path) -> None:
        before = digest(sqlite_path)
        with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseError, match="locked by another program; wait for it or close it"):
                write_a_row(quick)
            assert rows(quick) == 0
        assert digest(sqlite_path) == before
        write_a_row(quick)

    def test_a_second_writer_of_this_process_gives_up_after_its_patience(self, quick: Engine) -> None:
        with writing(quick):
            failures = in_threads(1, lambda: write_a_row(quick))
        assert [type(failure) for failure in failures] == [DatabaseError]

    def test_a_row_that_another_program_holds_on_postgresql_is_locked(
        self, postgres_url: str, opening: Opening
    ) -> None:
        engine = opening(postgres_url, patience=SHORT)
        upgrade(engine)
        with writing(engine) as connection:
            connection.execute(update(installation).values(last_event=1))
            failures = in_threads(1, lambda: set_the_counter(engine))
        assert "is locked by another program" in str(failures[0])


def set_the_counter(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(installation).values(last_event=2))


class TestFull:
    def test_a_full_disk_is_said_and_loses_nothing(self, quick: Engine) -> None:
        # SQLite's own limit gives the same error as the disk's
        event.listen(quick, "begin", lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=1"))
        with pytest.raises(DatabaseError, match="disk is full; make room"):
            fill(quick)

    def test_work_goes_on_without_a_restart_when_there_is_room_again(self, opening: Opening) -> None:
        with small_disk() as folder:
            engine = opening(f"sqlite:///{folder}/hirewatch.sqlite")
            upgrade(engine)
            with pytest.raises(DatabaseError, match=r"make room on the disk|check the disk and its free space"):
                fill(engine)
            kept = rows(engine)
            (folder / "ballast").unlink()
            write_a_row(engine, "after")
            assert rows(engine) == kept + 1 > 1
            with reading(engine) as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


class small_disk:  # reads as a function
    """A real disk of 3 MB, of which a file `ballast` takes 1 MB."""

    def __enter__(self) -> Path:
        self.folder = Path(tempfile.mkdtemp(prefix="hw-disk-"))
        command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(self.folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            self.folder.rmdir()
            pytest.skip("no right to mount a small disk")
        (self.folder / "ballast").write_bytes(bytes(1_000_000))
        return self.folder

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)
        self.folder.rmdir()


def fill(engine: Engine) -> None:
    """Writes until the disk is full, and checks that each acknowledged row is there."""
    for number in range(1000):
        assert rows(engine) == number
        with writing(engine) as connection:
            connection.execute(insert(raw_postings).values(hash=str(number), content=os.urandom(10_000)))


class TestReadOnly:
    def test_a_file_that_may_not_be_written_is_said_and_stays_as_it_is(
        self, sqlite_template: Path, opening: Opening
    ) -> None:
        with unwritable(sqlite_template) as path:
            before = digest(path)
            engine = opening(f"sqlite:///{path}")
            with pytest.raises(DatabaseError, match=r"give this user the right to write|may read and write there"):
                write_a_row(engine)
            assert digest(path) == before


class unwritable:  # reads as a function
    """A copy of a file that this process may read and not write, even if it runs as root."""

    def __init__(self, original: Path) -> None:
        self.original = original

    def __enter__(self) -> Path:
        self.folder = Path(tempfile.mkdtemp(prefix="hw-readonly-"))
        path = Path(shutil.copy(self.original, self.folder))
        path.chmod(0o444)
        self.folder.chmod(0o555)
        self.user = os.geteuid()
        if self.user == 0:
            os.seteuid(NOBODY)
        return path

    def __exit__(self, *_: object) -> None:
        os.seteuid(self.user)
        self.folder.chmod(0o755)
        shutil.rmtree(self.folder)


class TestDamaged:
    def test_a_file_that_is_no_database_is_said_and_stays_as_it_is(self, tmp_path: Path, opening: Opening) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("my notes, not a database\n" * 100)
        before = digest(path)
        with pytest.raises(DatabaseError, match="is not an SQLite database"):
            upgrade(opening(f"sqlite:///{path}"))
        assert digest(path) == before

    def test_a_damaged_file_is_said_and_stays_as_it_is(self, sqlite_path: Path, opening: Opening) -> None:
        with sqlite_path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (sqlite_path.stat().st_size - 4096))
        before = digest(sqlite_path)
        engine = opening(f"sqlite:///{sqlite_path}")
        with pytest.raises(DatabaseError, match="is damaged; stop hirewatch"):
            rows(engine)
        assert digest(sqlite_path) == before

    def test_the_database_of_another_program_is_refused_and_stays_as_it_is(
        self, tmp_path: Path, opening: Opening
    ) -> None:
        path = tmp_path / "bookmarks.sqlite"
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE bookmarks (url)")
            other.commit()
        before = digest(path)
        with pytest.raises(DatabaseError, match="belongs to another program"):
            upgrade(opening(f"sqlite:///{path}"))
        assert digest(path) == before


class TestServer:
    def test_a_server_that_does_not_run_is_said_without_the_password(self, tmp_path: Path, opening: Opening) -> None:
        engine = opening(f"postgresql://me:hunter2@/db?host={tmp_path}")
        with pytest.raises(DatabaseError, match="cannot be reached") as caught:
            upgrade(engine)
        assert "check that the server runs" in str(caught.value)
        assert "hunter2" not in str(caught.value)

    def test_a_database_that_does_not_exist_is_named(self, postgres_server: PostgresServer, opening: Opening) -> None:
        with pytest.raises(DatabaseError, match='database "nowhere" does not exist'):
            upgrade(opening(postgres_server.url("nowhere")))

    def test_a_database_that_cannot_hold_every_text_is_refused(
        self, postgres_server: PostgresServer, opening: Opening
    ) -> None:
        postgres_server.sql("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        with pytest.raises(DatabaseError, match="keeps its text as SQL_ASCII"):
            upgrade(opening(postgres_server.url("ascii")))
        postgres_server.drop("ascii")

    def test_a_read_only_server_is_said(self, postgres_url: str, opening: Opening) -> None:
        separator = "&" if "?" in postgres_url else "?"
        engine = opening(f"{postgres_url}{separator}options=-c%20default_transaction_read_only%3Don")
        with pytest.raises(DatabaseError, match="is read-only"):
            upgrade(engine)

    def test_work_goes_on_after_the_server_crashed_and_came_back(
        self, postgres_server: PostgresServer, postgres_url: str, opening: Opening
    ) -> None:
        engine = opening(postgres_url)
        upgrade(engine)
        write_a_row(engine, "before")
        postgres_server.stop()
        with pytest.raises(DatabaseError, match="cannot be reached"):
            write_a_row(engine, "meanwhile")
        postgres_server.start()
        write_a_row(engine, "after")
        assert rows(engine) == 2

    def test_a_process_that_stands_still_in_a_transaction_does_not_keep_its_locks(
        self, postgres_url: str, opening: Opening
    ) -> None:
        engine = opening(postgres_url)
        with reading(engine) as connection:
            shown = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
        assert shown == "1min"


def test_the_installation_keeps_its_id(engine: Engine) -> None:
    with reading(engine) as connection:
        first = instance(connection)
    upgrade(engine)
    with reading(engine) as connection:
        assert instance(connection) == first
    assert len(first) == 32


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_server_compiles_no_statement(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SHOW jit").scalar_one() == "off"
