"""What stands in a store when the sending process is killed for real, at random moments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import Engine

from delivery import outlets
from storage import deliveries, tables
from storage.engine import writing
from tests.delivery.eventlog import NOON, EventLog
from tests.delivery.outlets.targets import Target

ROOT = Path(__file__).parents[2]

#: events of the log, events of one batch
EVENTS, MOST = 600, 10


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    if request.param == "sqlite":
        return Target("sqlite", f"sqlite:///{tmp_path}/warehouse.db")
    return Target("postgresql", request.getfixturevalue("postgres_url"))


def kill_senders(engine: Engine, name: str, most: int, kills: int, count: int) -> int:
    """How many senders died in the middle of things, before one that was left alone told the rest of `count` events."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.delivery.zygote", str(engine.url), name, str(most), str(kills), "7"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    died, _, told = done.stdout.partition(" ")
    settled = json.loads(told)
    assert settled["error"] is None
    # those that died had come somewhere
    assert settled["sent"] < count
    return int(died)


def life(engine: Engine, log: EventLog, count: int) -> dict[str, int]:
    """A log in which a third of the events belong to postings of others; the newest event of each posting."""
    numbers = log.add(count)
    random = Random(3)
    owners = {
        number: f"p_{random.choice(numbers[: index + 1])}" for index, number in enumerate(numbers) if index % 3 == 0
    }
    with writing(engine) as connection:
        for number, posting in owners.items():
            connection.execute(update(tables.events).where(tables.events.c.number == number).values(posting_id=posting))
        newest = select(tables.events.c.posting_id, func.max(tables.events.c.number)).group_by(
            tables.events.c.posting_id
        )
        return {posting: number for posting, number in connection.execute(newest)}  # noqa: C416  # rows, not pairs


def rows_are_events(engine: Engine, log: EventLog, target: Target, *, count: int, most: int, kills: int) -> None:
    outlets.add(engine, name="sql", address=target.address, options={}, now=NOON)
    newest = life(engine, log, count)
    died = kill_senders(engine, "sql", most, kills, count)
    numbers = [row[0] for row in target.rows("SELECT event FROM posting_events ORDER BY event")]
    print(f"{died} kills, {count} events, {count - len(set(numbers))} lost, {len(numbers) - len(set(numbers))} doubled")
    assert numbers == list(range(1, count + 1))
    assert dict(target.rows("SELECT id, event FROM postings")) == newest
    assert target.rows("SELECT event FROM hirewatch_cursors") == [(count,)]
    assert deliveries.status(engine)[0].lag == 0
    assert died > kills // 4


def test_rows_are_events_exactly_whatever_dies_when(engine: Engine, log: EventLog, target: Target) -> None:
    rows_are_events(engine, log, target, count=EVENTS, most=MOST, kills=16)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
def test_rows_are_events_exactly_after_three_hundred_kills(engine: Engine, log: EventLog, target: Target) -> None:
    rows_are_events(engine, log, target, count=6000, most=MOST, kills=300)


def events_of_files(folder: Path) -> list[int]:
    lines: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.jsonl")):
        lines += [json.loads(line) for line in path.read_text().splitlines()]
    return [int(line["sequence"]) for line in lines]


@pytest.mark.parametrize("kills", [16, pytest.param(300, marks=[pytest.mark.chaos, pytest.mark.timeout(1800)])])
def test_files_hold_each_event_once_whatever_dies_when(
    engine: Engine, log: EventLog, tmp_path: Path, kills: int
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    outlets.add(engine, name="files", address=f"file://{folder}", options={}, now=NOON)
    log.add(count := EVENTS * kills // 16)
    died = kill_senders(engine, "files", MOST, kills, count)
    numbers = events_of_files(folder)
    print(f"{died} kills, {count} events, {count - len(set(numbers))} lost, {len(numbers) - len(set(numbers))} doubled")
    assert numbers == list(range(1, count + 1))
    assert died > kills // 4
