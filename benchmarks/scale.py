"""What many sites and many workers cost: `python -m benchmarks.scale`.

First the tick: with 1,000, 10,000 and 100,000 sites of which 100 are due, on SQLite and on PostgreSQL: the query for
what is due, one that finds nothing due (as most do), the status line, and on PostgreSQL a whole tick of the service
that orders those 100 visits, and one that finds them ordered. Then what commands cost that are about all sites. Then
visits a minute for 1, 2 and 4 worker processes on PostgreSQL (`benchmarks.queued_visits`). Prints tables and writes
nothing.

PostgreSQL is a server of its own in a temporary folder, started from the machine's binaries, without fsync.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import Engine, select, text

from benchmarks.databases import database
from benchmarks.queued_visits import JOBS, visits
from postings.sites import Health
from postings.trust import Trust
from scheduler.procrastinate_queue import ProcrastinateQueue
from scheduler.protocol import WorkerSettings
from storage import leases, tables
from storage.engine import connect, writing
from storage.site_rows import health_json
from tests.postgres import PostgresServer, find_binaries

DUE = 100
_TICKS = 20
_CALLS = 3
_COMMANDS = (("status",), ("status", "--json"), ("sites", "list"), ("sites", "list", "--json"), ("doctor",))


# ------------------------------------------------------------------------------------------------------- sites


def fill(engine: Engine, number: int, now: datetime) -> None:
    """So many sites, of which DUE are due now and the others within the next six hours."""
    rng = Random(1)
    state = {"trust": Trust().to_json(), "health": health_json(Health())}
    due = set(rng.sample(range(number), DUE))
    rows = [
        {
            "name": f"site-{index}", "start_url": f"https://www.site-{index}.example/careers",
            "host_key": f"site-{index}.example", "render": False, "added_at": now, "baseline_done": True, "fence": 1,
            "next_visit_at": now - timedelta(minutes=1) if index in due
            else now + timedelta(seconds=rng.uniform(60, 6 * 3600)),
            **state,
        }
        for index in range(number)
    ]  # fmt: skip
    with writing(engine) as connection:
        for start in range(0, number, 1_000):
            connection.execute(tables.sites.insert(), rows[start : start + 1_000])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


# --------------------------------------------------------------------------------------------------------- tick


def milliseconds(
    call: Callable[[], object], *, times: int = _TICKS, clock: Callable[[], float] = time.perf_counter
) -> float:
    """The median of some calls, after one that is not counted."""
    call()
    took = []
    for _ in range(times):
        began = clock()
        call()
        took.append((clock() - began) * 1000)
    return median(took)


async def ordering(engine: Engine, now: datetime) -> tuple[float, float]:
    """Milliseconds of a tick that orders DUE visits, and of one that finds them ordered."""
    queue = ProcrastinateQueue(
        WorkerSettings(database=""), engine, workers=0, done=lambda done: None, say=print, rng=Random(1),
        clock=lambda: now,
    )  # fmt: skip

    async def tick() -> int:
        room = await queue.room()
        due = leases.due(engine, now, room.free, besides=room.ordered)
        await queue.submit(due)
        return len(due)

    async def emptied() -> None:
        with writing(engine) as connection:
            connection.execute(text("TRUNCATE hirewatch_queue.procrastinate_jobs CASCADE"))

    first, later = [], []
    for _ in range(_TICKS + 1):
        await queue.room()
        await emptied()
        began = time.perf_counter()
        assert await tick() == DUE
        first.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        assert await tick() == 0
        later.append((time.perf_counter() - began) * 1000)
    stop = asyncio.Event()
    stop.set()
    await queue.run(stop)
    return median(first[1:]), median(later[1:])


def ticks(server: PostgresServer, folder: Path, numbers: Sequence[int]) -> None:
    """Prints what ticks cost."""
    print(f"\nA tick, {DUE} sites due; milliseconds, medians of {_TICKS}; memory in MiB, after all of them\n")
    print("| database | sites | what is due | nothing due | status line | orders all | all ordered | grown by |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind in ("sqlite", "postgresql"):
        for number in numbers:
            with database(kind, server, folder) as url:
                engine, now = connect(url), datetime.now(UTC)
                fill(engine, number, now)
                gc.collect()
                before = memory()
                due = milliseconds(lambda: leases.due(engine, now, DUE))  # noqa: B023
                # too short for a clock that runs while others have the processor; a server's work is waited for
                of_this_thread = time.thread_time if kind == "sqlite" else time.perf_counter
                idle = lambda: leases.due(engine, now - timedelta(hours=1), DUE)  # noqa: B023, E731
                nothing = milliseconds(idle, times=50 * _TICKS, clock=of_this_thread)
                outlook = milliseconds(lambda: leases.outlook(engine, now))  # noqa: B023
                orders = ordered = None
                if kind == "postgresql":
                    orders, ordered = asyncio.run(ordering(engine, now))
                gc.collect()
                grown = memory() - before
                figures = [due, nothing, outlook, orders, ordered]
                shown = " | ".join("" if figure is None else f"{figure:.3g}" for figure in figures)
                print(f"| {kind} | {number:,} | {shown} | {grown:.1f} |", flush=True)
                engine.dispose()


# ----------------------------------------------------------------------------------------------------- commands


def visited(engine: Engine, now: datetime) -> None:
    """Three visits of each site; the last one of every five hundredth failed."""
    with writing(engine) as connection:
        ids = connection.scalars(select(tables.sites.c.id)).all()
        nothing = dict.fromkeys(("unreadable", "opened", "changed", "closed", "reopened", "not_modified"), 0)
        rows = [
            {
                "id": f"v_{id_}_{back}", "site_id": id_, "fence": 1, "baseline": False, "notes": [], "listed": JOBS,
                "started_at": now - timedelta(hours=6 * back, minutes=9), "requests": 8, "answers": {"2xx": 8},
                "ended_at": now - timedelta(hours=6 * back, minutes=8), "read": JOBS, "bytes": 20_000,
                "outcome": "complete" if back or id_ % 500 else "failed", **nothing,
            }
            for id_ in ids
            for back in range(3)
        ]  # fmt: skip
        for start in range(0, len(rows), 1_000):
            connection.execute(tables.visits.insert(), rows[start : start + 1_000])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def seconds(command: Sequence[str], url: str, folder: Path) -> float:
    """CPU of one call of the command line, without the database server's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "hirewatch", *command],
        env={**os.environ, "HIREWATCH_DATABASE": url, "HIREWATCH_HOME": str(folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands(server: PostgresServer, folder: Path, numbers: Sequence[int]) -> None:
    """Prints what commands cost that are about all sites; 0 sites: what the process itself does."""
    print(f"\nCommands, each in a process of its own; seconds of its CPU, medians of {_CALLS}\n")
    print("| database | sites | " + " | ".join(f"`{' '.join(command)}`" for command in _COMMANDS) + " |")
    print("| --- | --- |" + " --- |" * len(_COMMANDS))
    for kind in ("sqlite", "postgresql"):
        for number in numbers:
            with database(kind, server, folder) as url:
                engine, now = connect(url), datetime.now(UTC)
                if number:
                    fill(engine, number, now)
                    visited(engine, now)
                took = [median(seconds(command, url, folder) for _ in range(_CALLS)) for command in _COMMANDS]
                print(f"| {kind} | {number:,} | {' | '.join(f'{one:.2f}' for one in took)} |", flush=True)
                engine.dispose()


def memory() -> float:
    """MiB that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> int:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=("ticks", "commands", "visits"), help="one of the tables")
    options.add_argument("--sites", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="for the ticks")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="for the visits")
    options.add_argument("--visits", type=int, default=200, help="visits for each number of workers")
    chosen = options.parse_args()
    binaries = find_binaries()
    if binaries is None or shutil.which("setpriv") is None:
        print("no PostgreSQL server binaries (on Debian: apt install postgresql)", file=sys.stderr)
        return 1
    # a short path: the name of a Unix socket holds 107 bytes
    with (
        tempfile.TemporaryDirectory(prefix="hw-pg-", ignore_cleanup_errors=True) as place,
        tempfile.TemporaryDirectory() as folder,
    ):
        server = PostgresServer(binaries, Path(place))
        server.start()
        try:
            if chosen.only in (None, "ticks"):
                ticks(server, Path(folder), chosen.sites)
            if chosen.only in (None, "commands"):
                commands(server, Path(folder), [0, *chosen.sites])
            if chosen.only in (None, "visits"):
                visits(server, Path(folder), chosen.workers, chosen.visits)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
