"""What a chaos test starts from: an empty database, a receiver that counts, a nursery of victims."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from delivery.outlets import webhook
from scheduler.protocol import WorkerSettings
from storage import deliveries, sites
from storage.engine import connect, upgrade
from tests.chaos.world import Nursery, Receiver
from tests.sites.scripted import ScriptedSite


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> WorkerSettings:
    """On SQLite unless the test is parametrised with "postgresql", indirectly."""
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{tmp_path / 'hirewatch.sqlite'}"
    return WorkerSettings(database=url, delay=0.0, allow_addresses=("127.0.0.0/8",))


@pytest.fixture
def engine(settings: WorkerSettings) -> Iterator[Engine]:
    engine = connect(settings.database)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def receiver(engine: Engine) -> Iterator[Receiver]:
    """A webhook receiver that is an outlet of the database, told of everything."""
    receiver = Receiver()
    address, options = webhook.prepare(receiver.url, {"with_baseline": True})
    deliveries.add(engine, name="hook", kind="webhook", address=address, options=options, now=datetime.now(UTC))
    yield receiver
    receiver.close()


@pytest.fixture
def watched(request: pytest.FixtureRequest, engine: Engine) -> Iterator[ScriptedSite]:
    """A career site that the database watches as `acme`; its jobs make two batches unless the test says how many."""
    with ScriptedSite(getattr(request, "param", 52)) as site:
        sites.add(engine, name="acme", start_url=site.url, every=None, now=datetime.now(UTC))
        yield site


@pytest.fixture
def nursery(settings: WorkerSettings, watched: ScriptedSite) -> Iterator[Nursery]:
    nursery = Nursery(settings, "acme")
    yield nursery
    nursery.close()
