"""A fresh SQLite database with an empty log, a receiver, and what outlets need."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from delivery.outlets import Context
from storage.engine import connect
from storage.schema import upgrade
from tests.delivery.eventlog import EventLog
from tests.delivery.loopback import loopback_context
from tests.delivery.receiver import Receiver, receiving


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("delivery") / "hirewatch.sqlite"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def engine(empty_database: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "hirewatch.sqlite"
    shutil.copy(empty_database, path)
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def log(engine: Engine) -> EventLog:
    return EventLog(engine)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def context() -> Context:
    return loopback_context()
