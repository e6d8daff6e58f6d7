"""SIGKILL in the middle of the maintenance: whenever it comes, the log stays whole and the next run ends the work."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from postings.events import Event
from postings.responses import KeptResponse
from postings.visits import Absence
from scheduler.maintenance import Maintenance
from storage import events, outlets, responses, retention
from storage.engine import connect, reading, writing
from storage.retention import Keep
from storage.schema import upgrade
from storage.tables import deliveries, kept_bodies, kept_responses, kept_visits, raw_postings, visits
from tests.chaos.checker import violations
from tests.storage.watching import Watch, a_job

MONTH = timedelta(days=30)
KEEP = Keep(evidence=MONTH, visits=MONTH, deliveries=MONTH, responses=MONTH)
SHRINKING = (raw_postings, visits, deliveries, kept_visits, kept_responses, kept_bodies)
BATCH = 6
#: every so many moments one death: those between are like it
EVERY = int(os.environ.get("CHAOS_EVERY", "13"))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", BATCH)


def years(path: Path) -> Watch:
    """A site with a past, all of it old by the end."""
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    watch = Watch(engine, pages={f"/stays/{number}": a_job(f"Driver {number}") for number in range(6)})
    watch.visit()
    for number in range(4):
        watch.pages[f"/jobs/{number}"] = a_job(f"Job {number}")
        made = watch.later(days=1).visit()
        kept = [
            KeptResponse(asked=f"https://acme.example/{one}", at=watch.now, status=200, body=os.urandom(9), facts={})
            for one in range(7)
        ]
        responses.keep(engine, watch.site.id, made.id, 0, kept)
        responses.conclude(engine, watch.current(), made.id, asked_from=watch.now, thorough=True, cut_short=None)
        watch.later(days=1).visit()
    outlet = outlets.add(engine, name="hook", kind="webhook", address="https://x.example", options={}, now=watch.now)
    row = {"outlet_id": outlet.id, "status": "sent", "attempts": 1, "first_attempt_at": watch.now}
    with writing(engine) as conn:
        conn.execute(
            insert(deliveries),
            [{**row, "event": event.number, "last_attempt_at": watch.now} for event in log(engine)],
        )
    for number in range(3):
        watch.pages.pop(f"/jobs/{number}")
        watch.later(days=1).visit(looks={f"/jobs/{number}": Absence.GONE})
    watch.later(days=40).visit()
    watch.later(days=1).visit()
    watch.later(days=2)
    return watch


def log(engine: Engine) -> list[Event]:
    return events.after(engine, 0, 1000)


def left(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as conn:
        return {table.name: sorted(tuple(row)[:2] for row in conn.execute(select(table))) for table in SHRINKING}


#: lives for each line "MOMENT PATH" and kills itself at that moment; a process that has no threads may fork
NURSERY = """
import os, signal, sys
from datetime import datetime
from scheduler.maintenance import Maintenance
from storage import retention
from storage.engine import connect
from tests.chaos.steps import Steps
from tests.chaos.test_maintenance import BATCH, KEEP

retention.BATCH = BATCH
for line in sys.stdin:
    moment, path = line.strip().split(" ", 1)
    child = os.fork()
    if child == 0:
        engine = connect(f"sqlite:///{path}")
        Steps(engine, lambda number, _: os.kill(os.getpid(), signal.SIGKILL) if number == int(moment) else None)
        Maintenance(engine, KEEP).run(datetime.fromisoformat(sys.argv[1]))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_death_at_any_moment_loses_nothing_and_the_next_run_ends_the_work(tmp_path: Path) -> None:
    watch = years(tmp_path / "calm.db")
    told, before = log(watch.engine), left(watch.engine)
    watch.engine.dispose()
    shutil.copy(tmp_path / "calm.db", tmp_path / "old.db")

    Maintenance(watch.engine, KEEP).run(watch.now)
    calm = left(watch.engine)
    assert all(len(calm[name]) < len(rows) for name, rows in before.items())

    command = [sys.executable, "-W", "error", "-c", NURSERY, watch.now.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for moment in itertools.count(1, EVERY):
            path = tmp_path / f"{moment}.db"
            shutil.copy(tmp_path / "old.db", path)
            nursery.stdin.write(f"{moment} {path}\n")
            ended = int(nursery.stdout.readline())
            engine = connect(f"sqlite:///{path}")
            assert violations(engine) == [], f"killed at moment {moment}"
            Maintenance(engine, KEEP).run(watch.now)
            assert violations(engine) == [], f"killed at moment {moment}"
            assert left(engine) == calm, f"killed at moment {moment}"
            assert log(engine) == told
            engine.dispose()
            if ended == 0:
                break
            assert ended == -signal.SIGKILL
        nursery.stdin.close()
    assert moment > 5 * EVERY
    watch.engine.dispose()
