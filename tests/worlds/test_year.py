"""Sites over a month, and (with `make chaos`) two hundred over a year: what the ledger says in the end is the truth."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from postings.visits import Outcome
from storage.engine import connect
from storage.schema import upgrade
from tests.chaos.checker import violations
from tests.worlds.simulation import FAULTS, Simulation

pytestmark = pytest.mark.slow


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Where the ledger is: in memory if the system has a folder for that, since syncing is not what is tested here."""
    shared = Path("/dev/shm")
    folder = shared if shared.is_dir() else tmp_path
    path = folder / f"hirewatch-simulation-{os.getpid()}-{tmp_path.name}.sqlite"
    yield f"sqlite:///{path}"
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("count", "days"),
    [(60, 30), pytest.param(200, 30, marks=pytest.mark.chaos), pytest.param(200, 365, marks=pytest.mark.chaos)],
)
def test_after_days_of_faults_the_ledger_holds_the_truth_and_nothing_else_was_told(
    database: str, count: int, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = connect(database)
    upgrade(engine)
    simulation = Simulation(engine, count)
    asyncio.run(simulation.days(days))
    asyncio.run(simulation.days(10, quiet=True))
    broken = violations(engine)
    engine.dispose()
    with capsys.disabled():
        print(
            f"\n{count} sites, {days} days: {sum(simulation.outcomes.values())} visits {dict(simulation.outcomes)}, "
            f"{simulation.faults.total()} faults of {len(simulation.faults)} kinds, {simulation.told()} events, "
            f"{len(simulation.wrong)} false ones, {len(broken)} violations"
        )
    assert simulation.wrong == []
    assert simulation.mistaken() == []
    assert broken == []
    assert set(simulation.faults) == set(FAULTS)
    assert simulation.outcomes[Outcome.FAILED] > 0
