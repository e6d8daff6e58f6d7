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
from dashboard.context import Context, Setting
from dashboard.counters import Counters
from dashboard.entrance import Entrance
from dashboard.gauges import Gauges
from dashboard.readiness import Readiness
from delivery import outlets
from hirewatch.inspecting import Inspections
from hirewatch.settings import Crawl, Network, Settings
from hirewatch.settings_in_force import describe
from hirewatch.steering import Steering
from network.addresses import AddressPolicy, parse_networks
from storage.engine import connect
from storage.schema import upgrade
from tests.dashboard.browser import chromium
from tests.storage.rows import NOW

__all__ = ["chromium"]


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
    #: networks that may be contacted although they are not public
    allowed: tuple[str, ...] = ()
    entrance: Entrance = field(default_factory=Entrance)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.counters = Counters(self.registry, monotonic=lambda: self.seconds)
        self.gauges = Gauges(
            self.engine, clock=lambda: self.now, monotonic=lambda: self.seconds, named_below=self.named_below
        )
        self.registry.register(self.gauges)

    @property
    def settings(self) -> Settings:
        """Those of the service beside it."""
        return Settings(network=Network(allow_addresses=self.allowed), crawl=Crawl(delay=0))

    def app(self, *, on_loopback: bool = True, names: tuple[str, ...] = ()) -> FastAPI:
        context = Context(
            engine=self.engine,
            instance="0" * 32,
            clock=lambda: self.now,
            readiness=Readiness(
                self.engine,
                since_beat=self.counters.since_beat,
                unstaffed=self.counters.unstaffed,
                patience=1.0,
            ),
            gauges=self.gauges,
            registry=self.registry,
            settings=tuple(
                Setting(name=one.name, value=one.value, origin=one.origin, meaning=one.meaning)
                for one in describe(self.settings)
            ),
            entrance=self.entrance,
            steering=Steering(self.settings),
            inspect=Inspections(self.settings),
            delivery=outlets.Context(
                policy=AddressPolicy(allow=parse_networks(",".join(self.allowed))),
                instance="0" * 32,
                smtp=outlets.SmtpSettings(),
                user_agent="hirewatch/test",
            ),
        )
        return make_app(context, names=names, on_loopback=on_loopback)


@pytest.fixture
def board(engine: Engine) -> Board:
    return Board(engine)
