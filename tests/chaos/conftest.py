"""What a chaos test starts from: an empty database, a house that is shaken and one that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.protocol import WorkerSettings
from storage.engine import connect, writing
from tests.chaos.world import House


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> WorkerSettings:
    """On SQLite unless the test is parametrised with "postgresql", indirectly."""
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("postgres_url")
        engine = connect(url)
        with writing(engine) as connection:
            connection.execute(text("CREATE EXTENSION amcheck"))
        engine.dispose()
    else:
        url = f"sqlite:///{tmp_path / 'hirewatch.sqlite'}"
    return WorkerSettings(database=url, delay=0.0, allow_addresses=("127.0.0.0/8",), keep_responses=86_400.0)


#: opens a house with so many jobs: (settings, jobs, seed)
OpenHouse = Callable[[WorkerSettings, int, int], House]


@pytest.fixture
def open_house() -> Iterator[OpenHouse]:
    houses: list[House] = []

    def opened(settings: WorkerSettings, jobs: int, seed: int) -> House:
        houses.append(House(settings, jobs=jobs, seed=seed))
        return houses[-1]

    yield opened
    for house in houses:
        house.close()


@pytest.fixture
def calm_settings(settings: WorkerSettings, tmp_path: Path) -> WorkerSettings:
    """For the house that nothing happens to: always on SQLite, so that the two databases are compared as well."""
    return replace(settings, database=f"sqlite:///{tmp_path / 'calm.sqlite'}")
