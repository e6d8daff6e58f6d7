"""A worker in a process of its own that visits sites by name and measures what each visit takes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.connection import Limits
from postings.visits import VisitSummary
from scheduler.protocol import WorkerSettings

#: a visit of a site that is well
WELL = Limits(delay=0.0, concurrency=4, timeout=20.0, seconds=40.0)
#: of one that is not: what takes half a minute or ten megabytes elsewhere takes less here
SMALL = Limits(
    delay=0.0,
    concurrency=4,
    timeout=10.0,
    seconds=20.0,
    max_bytes=2 * 1024 * 1024,
    sitemap_max_bytes=4 * 1024 * 1024,
    requests=60,
    bytes=64 * 1024 * 1024,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One visit to make."""

    site: str
    limits: Limits
    #: how far the worker's clock is ahead
    ahead: timedelta
    #: where host names lead: address and port
    names: Mapping[str, tuple[str, int] | None]
    #: seconds that a reader may take for a page
    reader_deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of a visit."""

    summary: VisitSummary | None
    error: str | None
    seconds: float
    #: the most memory that the worker held, and the hungriest of its readers
    megabytes: int
    reader_megabytes: int


class Watching:
    """The worker."""

    def __init__(self, database: str, authority: Path) -> None:
        """`database` is a SQLAlchemy URL, `authority` the certificates that are trusted."""
        settings = WorkerSettings(database=database, delay=0.0, allow_addresses=("127.0.0.0/8",), visits=1)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, settings, str(authority)), daemon=False)
        self._process.start()
        theirs.close()

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join(15)
        if self._process.is_alive():
            self._process.kill()
            raise AssertionError("the worker did not end")

    def visit(
        self,
        site: str,
        limits: Limits,
        *,
        ahead: timedelta = timedelta(),
        names: Mapping[str, tuple[str, int] | None] | None = None,
        reader_deadline: float = 10.0,
    ) -> Ended:
        """Visits the site of that name."""
        self._pipe.send(
            Order(site=site, limits=limits, ahead=ahead, names=names or {}, reader_deadline=reader_deadline)
        )
        assert self._pipe.poll(60), "the visit does not end"
        ended: Ended = self._pipe.recv()
        return ended


def _serve(pipe: Any, settings: WorkerSettings, authority: str) -> None:
    os.environ["SSL_CERT_FILE"] = authority
    from scheduler.worker import Worker, run
    from storage import sites

    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    async def visit(order: Order, worker: Worker) -> Ended:
        equipment = worker.equipment
        equipment.readers.deadline = order.reader_deadline
        worker.equipment = replace(equipment, limits=order.limits)
        site = await equipment.store(sites.find, equipment.engine, order.site)
        readers = _readers()
        for process in (os.getpid(), *readers):
            Path(f"/proc/{process}/clear_refs").write_text("5")  # the high-water mark begins anew
        began = time.monotonic()
        summary, error = None, None
        try:
            summary = await worker.visit(site)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        return Ended(
            summary=summary,
            error=error,
            seconds=time.monotonic() - began,
            megabytes=_peak(os.getpid()),
            reader_megabytes=max((_peak(process) for process in _readers()), default=0),
        )

    async def main(worker: Worker) -> None:
        nonlocal ahead
        from twisted.internet import reactor

        resolver: Any = reactor
        inner = resolver.nameResolver._inner
        loop = asyncio.get_running_loop()
        while (order := await loop.run_in_executor(None, pipe.recv)) is not None:
            ahead = order.ahead
            resolver.nameResolver._inner = Names(inner, order.names)
            pipe.send(await visit(order, worker))

    run(settings, main, clock=clock)


class Names:
    """Looks up names in a table before it asks `inner`; None is a name that leads nowhere."""

    def __init__(self, inner: Any, names: Mapping[str, tuple[str, int] | None]) -> None:
        self._inner = inner
        self._names = names

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *rest: Any, **options: Any) -> Any:
        from twisted.internet._resolver import HostResolution
        from twisted.internet.address import IPv4Address

        if host not in self._names:
            return self._inner.resolveHostName(receiver, host, port, *rest, **options)
        resolution = HostResolution(host)
        receiver.resolutionBegan(resolution)
        if (place := self._names[host]) is not None:
            receiver.addressResolved(IPv4Address("TCP", *place))
        receiver.resolutionComplete()
        return resolution


def _peak(process: int) -> int:
    """Megabytes."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024
    except (OSError, IndexError):
        return 0  # it has ended


def _readers() -> list[int]:
    """The reader processes: children of the server that this process forks them from."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int(folder.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    return [process for process, parent in parents.items() if parents.get(parent) == os.getpid()]
