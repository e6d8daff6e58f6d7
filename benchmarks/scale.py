"""What many sites and many workers cost: `python -m benchmarks.scale`.

First the tick: with 1,000, 10,000 and 100,000 sites of which 100 are due, on SQLite and on PostgreSQL: the query for
what is due, the status line, and on PostgreSQL a whole tick of the service that orders those 100 visits, and one that
finds them ordered. Then what commands cost that are about all sites. Then visits a minute for 1, 2 and 4 worker
processes on PostgreSQL: small career sites, each at a loopback address of its own and never visited before, served by
one process that does little else; nothing waits between two requests. CPU is that of the workers with their readers,
without the sites' and the database's. Prints tables and writes nothing.

PostgreSQL is a server of its own in a temporary folder, started from the machine's binaries, without fsync.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import Engine, func, select, text

from postings.sites import Health
from postings.trust import Trust
from scheduler.procrastinate_queue import ProcrastinateQueue
from scheduler.protocol import WorkerSettings
from scheduler.service import work
from storage import leases, sites, tables
from storage.engine import connect, reading, writing
from storage.leases import Due
from storage.schema import upgrade
from storage.site_rows import health_json
from tests.postgres import PostgresServer, find_binaries

DUE = 100
_TICKS = 20
_CONNECTIONS = text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
_CALLS = 3
_COMMANDS = (("status",), ("status", "--json"), ("sites", "list"), ("sites", "list", "--json"), ("doctor",))
#: jobs of one site that is visited
_JOBS = 5


# ---------------------------------------------------------------------------------------------------- databases


@contextmanager
def database(kind: str, server: PostgresServer | None, folder: Path) -> Iterator[str]:
    """A fresh database of this version's schema; its URL."""
    name = ""
    if kind == "postgresql":
        assert server is not None
        name = server.create()
        url = server.url(name)
    else:
        url = f"sqlite:///{folder / 'hirewatch.sqlite'}"
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    yield url
    if server is not None and name:
        server.drop(name)
    for file in folder.glob("hirewatch.sqlite*"):
        file.unlink()


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


def milliseconds(call: Callable[[], object], *, times: int = _TICKS) -> float:
    """The median of some calls, after one that is not counted."""
    call()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
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
                nothing = milliseconds(lambda: leases.due(engine, now - timedelta(hours=1), DUE))  # noqa: B023
                outlook = milliseconds(lambda: leases.outlook(engine, now))  # noqa: B023
                orders = ordered = None
                if kind == "postgresql":
                    orders, ordered = asyncio.run(ordering(engine, now))
                gc.collect()
                grown = memory() - before
                figures = [due, nothing, outlook, orders, ordered]
                shown = " | ".join("" if figure is None else f"{figure:.1f}" for figure in figures)
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
                "id": f"v_{id_}_{back}", "site_id": id_, "fence": 1, "baseline": False, "notes": [], "listed": _JOBS,
                "started_at": now - timedelta(hours=6 * back, minutes=9), "requests": 8, "answers": {"2xx": 8},
                "ended_at": now - timedelta(hours=6 * back, minutes=8), "read": _JOBS, "bytes": 20_000,
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


# ------------------------------------------------------------------------------------------------------- visits


def page(path: str, origin: str) -> bytes:
    """The career site that every address shows."""
    if path == "/careers":
        links = "".join(f'<li><a href="/careers/jobs/{job}-welder">Welder {job}</a></li>' for job in range(_JOBS))
        return f"<html><title>Careers</title><h1>Open positions</h1><ul>{links}</ul></html>".encode()
    job = path.rpartition("/")[2]
    return (
        f"<html><title>Welder {job}</title><h1>Welder {job}</h1>"
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "JobPosting",'
        f'"title": "Welder {job}", "datePosted": "2026-11-01", "url": "{origin}{path}",'
        f'"identifier": {{"@type": "PropertyValue", "name": "Acme", "value": "{job}"}},'
        '"description": "<p>You weld pipes and plates, by hand and by machine, in two shifts.</p>",'
        '"hiringOrganization": {"@type": "Organization", "name": "Acme"},'
        '"jobLocation": {"@type": "Place", "address": {"@type": "PostalAddress", "addressLocality": "Berlin",'
        '"addressCountry": "DE"}}}</script></html>'
    ).encode()


async def serve(ready: Callable[[int], None]) -> None:
    """Answers at every loopback address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode().partition("?")[0]
                host = next(line[6:].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"host: "))
                found = path == "/careers" or path.startswith("/careers/jobs/")
                body = page(path, f"http://{host}") if found else b"<h1>Not found</h1>"
                status = "200 OK" if found else "404 Not Found"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=1024)
    ready(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def visits(server: PostgresServer, folder: Path, workers: Sequence[int], number: int) -> None:
    """Prints visits a minute."""
    serving = subprocess.Popen([sys.executable, "-m", "benchmarks.scale", "--serve"], stdout=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    port = int(serving.stdout.readline())
    print(f"\n{number} first visits of sites of {_JOBS} jobs, PostgreSQL, {os.cpu_count()} cores for everything\n")
    print("| workers | visits a minute | CPU ms a visit | requests a visit | connections to the database |")
    print("| --- | --- | --- | --- | --- |")
    try:
        for count in workers:
            with database("postgresql", server, folder) as url:
                print(measured(url, port, count, number), flush=True)
    finally:
        serving.terminate()
        serving.wait()


def measured(url: str, port: int, workers: int, number: int) -> str:
    """One line of the table."""
    engine = connect(url)
    settings = WorkerSettings(database=url, delay=0.0, visits=8, allow_addresses=("127.0.0.0/8",))
    working = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.scale", "--work", settings.to_json(), "--workers", str(workers)],
        stdout=subprocess.DEVNULL,
    )
    try:
        # a visit for each place first: what a process loads once is not counted
        asyncio.run(ordered_and_made(engine, watch(engine, port, range(8 * workers))))
        before = cpu(working.pid)
        began = time.monotonic()
        most = asyncio.run(ordered_and_made(engine, watch(engine, port, range(1_000, 1_000 + number))))
        took, spent = time.monotonic() - began, cpu(working.pid) - before
        with reading(engine) as connection:
            requests = connection.execute(
                select(func.avg(tables.visits.c.requests)).where(tables.visits.c.ended_at.is_not(None))
            ).scalar_one()
        return f"| {workers} | {number / took * 60:.0f} | {spent / number * 1000:.0f} | {requests:.1f} | {most} |"
    finally:
        working.send_signal(signal.SIGTERM)
        working.wait()
        engine.dispose()


def watch(engine: Engine, port: int, numbers: Sequence[int]) -> list[Due]:
    """Sites that are due, each at an address of its own."""
    for number in numbers:
        address = f"127.1.{number // 250}.{number % 250 + 1}:{port}"
        sites.add(
            engine, name=f"site-{number}", start_url=f"http://{address}/careers", every=None, now=datetime.now(UTC)
        )
    return leases.due(engine, datetime.now(UTC), len(numbers))


async def ordered_and_made(engine: Engine, due: Sequence[Due]) -> int:
    """Orders the visits and waits until all are made; the largest number of connections meanwhile."""
    queue = ProcrastinateQueue(
        WorkerSettings(database=""), engine, workers=0, done=lambda done: None, say=print, rng=Random(1),
        clock=lambda: datetime.now(UTC),
    )  # fmt: skip
    left, most, wanted = list(due), 0, {site.id for site in due}
    made = select(func.count(tables.visits.c.site_id.distinct())).where(
        tables.visits.c.ended_at.is_not(None), tables.visits.c.site_id >= min(wanted)
    )
    while True:
        room = await queue.room()
        await queue.submit(left[: room.free])
        del left[: room.free]
        with reading(engine) as connection:
            now = int(connection.execute(_CONNECTIONS).scalar_one())
            most = max(most, now)
            if connection.execute(made).scalar_one() == len(wanted):
                break
        await asyncio.sleep(0.05)
    stop = asyncio.Event()
    stop.set()
    await queue.run(stop)
    return most


def memory() -> float:
    """MiB that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu(pid: int) -> float:
    """Seconds of CPU of a process, of what it started and of what those waited for."""
    parents: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
        spent[int(folder.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    family = [pid]
    for member in family:
        family.extend(parents.get(member, []))
    return sum(spent.get(member, 0.0) for member in family)


def main() -> int:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=("ticks", "commands", "visits"), help="one of the tables")
    options.add_argument("--sites", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="for the ticks")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="for the visits")
    options.add_argument("--visits", type=int, default=200, help="visits for each number of workers")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--work", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.serve:
        asyncio.run(serve(lambda port: print(port, flush=True)))
        return 0
    if chosen.work:
        return work(WorkerSettings.from_json(chosen.work), say=print, workers=chosen.workers[0])
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
