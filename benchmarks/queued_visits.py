"""Visits a minute from a queue that workers share, for `benchmarks.scale`.

Small career sites, each at a loopback address of its own and never visited before, served by one process that does
little else; nothing waits between two requests. CPU is that of the workers with their readers, without the sites' and
the database's.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import Engine, func, select, text

from benchmarks.databases import database
from scheduler.procrastinate_queue import ProcrastinateQueue
from scheduler.protocol import WorkerSettings
from scheduler.service import work
from storage import leases, sites, tables
from storage.engine import connect, reading
from storage.leases import Due
from tests.postgres import PostgresServer

_CONNECTIONS = text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
#: jobs of one site that is visited
JOBS = 5


def page(path: str, origin: str) -> bytes:
    """The career site that every address shows."""
    if path == "/careers":
        links = "".join(f'<li><a href="/careers/jobs/{job}-welder">Welder {job}</a></li>' for job in range(JOBS))
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
    serving = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.queued_visits", "--serve"], stdout=subprocess.PIPE, text=True
    )
    assert serving.stdout is not None
    port = int(serving.stdout.readline())
    print(f"\n{number} first visits of sites of {JOBS} jobs, PostgreSQL, {os.cpu_count()} cores for everything\n")
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
        [sys.executable, "-m", "benchmarks.queued_visits", "--work", settings.to_json(), "--workers", str(workers)],
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


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--serve", action="store_true", help="the sites; prints the port")
    options.add_argument("--work", help="settings of the workers, as JSON")
    options.add_argument("--workers", type=int, default=1)
    chosen = options.parse_args()
    if chosen.serve:
        asyncio.run(serve(lambda port: print(port, flush=True)))
    else:
        sys.exit(work(WorkerSettings.from_json(chosen.work), say=print, workers=chosen.workers))
