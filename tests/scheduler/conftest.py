"""A database of its own for each test, and the worker as the process that it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from scheduler.protocol import WorkerSettings
from storage.engine import connect
from storage.schema import upgrade
from tests.scheduler.processes import WorkerUnderTest


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "hirewatch.sqlite"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> WorkerSettings:
    """Settings of a worker on an empty database, without a delay between requests.

    The database is SQLite's unless the test is parametrised with "postgresql", indirectly.
    """
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("postgres_url")
        engine = connect(url)
        upgrade(engine)
        engine.dispose()
    else:
        url = f"sqlite:///{tmp_path / 'hirewatch.sqlite'}"
        shutil.copy(empty_database, tmp_path / "hirewatch.sqlite")
    return WorkerSettings(database=url, delay=0.0, allow_addresses=("127.0.0.0/8",))


@pytest.fixture
def engine(settings: WorkerSettings) -> Iterator[Engine]:
    engine = connect(settings.database)
    yield engine
    engine.dispose()


@pytest.fixture
def worker(settings: WorkerSettings) -> Iterator[Callable[[], WorkerUnderTest]]:
    """Starts worker processes that take orders."""
    started: list[WorkerUnderTest] = []

    def start() -> WorkerUnderTest:
        started.append(WorkerUnderTest(settings))
        return started[-1]

    yield start
    for one in started:
        one.close()
