"""A dashboard over a database of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy.engine import Engine

from dashboard.app import make_app
from dashboard.context import Context
from dashboard.counters import Counters
from dashboard.gauges import Gauges
from dashboard.readiness import Readiness
from storage.engine import connect, upgrade
from tests.storage.rows import NOW


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "hirewatch.sqlite"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def engine(tmp_path: Path, empty_database: Path) -> Iterator[Engine]:
    shutil.copy(empty_database, tmp_path / "hirewatch.sqlite")
    engine = connect(f"sqlite:///{tmp_path / 'hirewatch.sqlite'}")
    yield engine
    engine.dispose()


@dataclass
class Board:
    """A dashboard whose clocks the test moves."""

    engine: Engine
    now: datetime = NOW
    seconds: float = 0.0
    named_below: int = 200
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.counters = Counters(self.registry, monotonic=lambda: self.seconds)
        self.gauges = Gauges(
            self.engine, clock=lambda: self.now, monotonic=lambda: self.seconds, named_below=self.named_below
        )
        self.registry.register(self.gauges)

    def app(self, *, on_loopback: bool = True, names: tuple[str, ...] = ()) -> FastAPI:
        context = Context(
            engine=self.engine,
            instance="0" * 32,
            clock=lambda: self.now,
            readiness=Readiness(self.engine, since_beat=self.counters.since_beat, patience=1.0),
            gauges=self.gauges,
            registry=self.registry,
        )
        return make_app(context, names=names, on_loopback=on_loopback)


@pytest.fixture
def board(engine: Engine) -> Board:
    return Board(engine)
