"""Every test of storage that takes `engine` runs on SQLite and on PostgreSQL, each time on a fresh database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from storage.engine import connect
from storage.schema import upgrade
from storage.tables import installation, metadata
from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hirewatch.sqlite"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> str:
    """A database that all tests use one after the other: emptying it is ten times as fast as making one."""
    name = postgres_server.create()
    _upgrade(postgres_server.url(name))
    return name


#: ends what a test has left open, then takes back all that it wrote
_EMPTY = ";".join(
    [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()",
        *(f"DELETE FROM {table}" for table in reversed(metadata.sorted_tables) if table is not installation),
        "UPDATE installation SET last_event = 0",
        *(
            f"ALTER SEQUENCE {table}_id_seq RESTART"
            for table in metadata.sorted_tables
            if table.autoincrement_column is not None
        ),
    ]
)


def _upgrade(url: str) -> None:
    engine = connect(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with the newest schema and nothing in it."""
    if request.param == "sqlite":
        path = tmp_path / "hirewatch.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    yield request.getfixturevalue("fresh_postgres")


@pytest.fixture
def fresh_postgres(postgres_server: PostgresServer, postgres_database: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with the newest schema and nothing in it."""
    yield postgres_server.url(postgres_database)
    postgres_server.sql(_EMPTY, postgres_database)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'hirewatch.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def opening() -> Iterator[Callable[..., Engine]]:
    """`storage.engine.connect`; what it opened is closed after the test."""
    opened: list[Engine] = []

    def opening(url: str, **options: Any) -> Engine:
        opened.append(connect(url, **options))
        return opened[-1]

    yield opening
    for engine in opened:
        engine.dispose()
