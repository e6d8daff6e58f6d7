"""A MariaDB server of the tests' own: real, empty, in a temporary folder, gone at the end.

A pytest plugin. `mariadb_server` is the server (once a session, started when first asked for), `mariadb_database` a
fresh empty database on it. Where the machine has no server, tests that ask for it skip and say so.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

_USER, PASSWORD = "hirewatch", "hw canary/§1"


class MariadbServer:
    """A server on a Unix socket and a port of loopback; it dies with the test process, however that ends."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "socket"
        self._program = program
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        # the server refuses to run as root
        self._account = "mysql" if os.geteuid() == 0 else None
        if self._account:
            shutil.chown(folder, self._account)
            folder.chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        data = self.folder / "data"
        install = shutil.which("mariadb-install-db")
        assert install
        done = subprocess.run(
            self._as_account(
                install, "--no-defaults", f"--datadir={data}", "--skip-test-db", "--skip-name-resolve",
                "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0",
            ),
            check=False, capture_output=True, text=True, cwd="/",
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_account(
                    str(self._program), "--no-defaults", f"--datadir={data}", f"--socket={self.socket}",
                    f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
                    f"--pid-file={self.folder / 'pid'}", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
                    "--innodb-flush-log-at-trx-commit=0", "--performance-schema=OFF",
                    # what a person may well have: neither UTF-8 nor a strict server
                    "--character-set-server=latin1", "--sql-mode=",
                ),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"MariaDB did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)
        self.sql(f"CREATE USER '{_USER}'@'%' IDENTIFIED BY '{PASSWORD}'", f"GRANT ALL ON *.* TO '{_USER}'@'%'")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None

    def create(self) -> str:
        """A new database; its name."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def url(self, database: str, *, host: str = "127.0.0.1", password: str = PASSWORD) -> str:
        """The address of a database, over TCP."""
        from urllib.parse import quote

        return f"mysql://{_USER}:{quote(password, safe='')}@{host}:{self.port}/{database}"

    def sql(self, *statements: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Runs the statements as root; the rows of the last one."""
        with self._connect(database) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()
            return list(cursor.fetchall())

    def _connect(self, database: str | None = None) -> Any:
        import pymysql  # an extra

        return pymysql.connect(user="root", unix_socket=str(self.socket), database=database, charset="utf8mb4")

    def _answers(self) -> bool:
        import pymysql  # an extra

        try:
            with socket.socket(socket.AF_UNIX) as probe:
                # the driver would leave a socket open that nobody answers
                probe.connect(str(self.socket))
            self._connect().close()
        except (OSError, pymysql.Error):
            return False
        return True

    def _as_account(self, *command: str) -> list[str]:
        account = ["--reuid", self._account, "--regid", self._account, "--init-groups"] if self._account else []
        return ["setpriv", *account, "--pdeathsig=KILL", *command]


def find_program() -> Path | None:
    """The server: on the path, or where Debian puts it."""
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(found) if found else None


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    program = find_program()
    if program is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("no MariaDB server (on Debian: apt install mariadb-server)")
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv (util-linux), which starts MariaDB so that it ends with the tests")
    # a short path: the name of a Unix socket holds 107 bytes
    with tempfile.TemporaryDirectory(prefix="hw-my-", ignore_cleanup_errors=True) as folder:
        server = MariadbServer(program, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def mariadb_database(mariadb_server: MariadbServer) -> Iterator[str]:
    """The name of an empty database."""
    name = mariadb_server.create()
    yield name
    mariadb_server.sql(f"DROP DATABASE {name}")
