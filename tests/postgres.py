"""A PostgreSQL server of the tests' own: real, empty, in a temporary folder, gone at the end.

A pytest plugin. `postgres_server` is the server (once a session, started when first asked for), `postgres_url` a
fresh empty database on it. Where the machine has no server binaries, tests that ask for it skip and say so.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

_USER = "hirewatch"


class PostgresServer:
    """A server that listens on a Unix socket only; it dies with the test process, however that ends."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries = binaries
        self.folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        # the server refuses to run as root
        self._account = "postgres" if os.geteuid() == 0 else None
        if self._account:
            shutil.chown(folder, self._account)
            folder.chmod(0o755)
        self._run(
            "initdb", "-D", str(self._data), "-U", _USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"
        )

    def start(self, *settings: str) -> None:
        """Starts the server and waits until it answers; `settings` are like "fsync=on"."""
        # tests kill processes, not machines: the kernel keeps what was written. A commit must have been written,
        # though: without synchronous_commit a killed server forgets acknowledged ones
        quick = (
            "fsync=off",
            "full_page_writes=off",
            "max_connections=200",
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "log_min_messages=log",
        )
        options = [word for setting in (*quick, *settings) for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_account("--pdeathsig=QUIT", str(self.binaries / "postgres"), "-D", str(self._data), *options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        end = time.monotonic() + 60
        while subprocess.run(
            [self.binaries / "pg_isready", "-q", "-h", str(self.folder)], check=False, stdin=subprocess.DEVNULL
        ).returncode:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGINT ends it in order (fast shutdown), SIGQUIT like a crash (immediate shutdown)."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def url(self, database: str) -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """A new database like `template`; its name."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        self.sql(f"DROP DATABASE {database} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> None:
        import psycopg  # an extra

        with psycopg.connect(host=str(self.folder), user=_USER, dbname=database, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = self._as_account("--pdeathsig=KILL", str(self.binaries / program), *arguments)
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _as_account(self, *command: str) -> list[str]:
        account = ["--reuid", self._account, "--regid", self._account, "--init-groups"] if self._account else []
        return ["setpriv", *account, *command]


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`: the one on the path, else the newest of Debian's."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    return max(installed, key=lambda folder: int(folder.parent.name), default=None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server binaries (on Debian: apt install postgresql)")
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv (util-linux), which starts PostgreSQL so that it ends with the tests")
    # a short path: the name of a Unix socket holds 107 bytes
    with tempfile.TemporaryDirectory(prefix="hw-pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(binaries, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)
