"""The service as it is run, with its worker and its readers, over many visits: none of them grows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import linear_regression, median

import httpx
import pytest
from sqlalchemy import Engine, func, select

from delivery import outlets
from storage import events, sites, tables
from storage.engine import connect, reading
from storage.schema import upgrade
from tests.chaos import checker
from tests.delivery.receiver import SECRET, Receiver, receiving
from tests.end_to_end.house import House
from tests.scheduler.processes import children, until
from tests.sites.scripted import ScriptedSite

_PAGE = os.sysconf("SC_PAGE_SIZE")
ROLES = ("service", "worker", "reader")
#: bytes that the processes of a role may grow by a visit while they still warm up
MOST = 4_096
COUNT, EVERY, SECONDS = 20, timedelta(seconds=5), 240.0


def family(pid: int) -> dict[int, str]:
    """A process and all that descend from it: "service", "worker", or "reader"."""
    found = {pid: "service"}
    for child in children(pid):
        found[child] = "worker"
        found |= dict.fromkeys(_below(child), "reader")
    return found


def _below(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from _below(child)


class Held:
    """What the processes of a service held, each time that somebody looked."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        #: bytes of memory and open files of all processes of a role, the oldest first
        self.bytes: dict[str, list[float]] = defaultdict(list)
        self.files: dict[str, list[float]] = defaultdict(list)
        self.visits: list[float] = []
        self.at: list[float] = []

    def look(self, visits: int) -> None:
        self.visits.append(visits)
        self.at.append(time.monotonic())
        held: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for pid, role in family(self._pid).items():
            # a reader may end in between
            with suppress(FileNotFoundError, ProcessLookupError):
                held[role][0] += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
                held[role][1] += len(list(Path(f"/proc/{pid}/fd").iterdir()))
        for role, (size, files) in held.items():
            self.bytes[role].append(size)
            self.files[role].append(files)

    def grew(self, what: dict[str, list[float]], role: str) -> float:
        """By how much a visit, once everything was loaded: the slope of the second half."""
        later = what[role][len(what[role]) // 2 :]
        return linear_regression(self.visits[-len(later) :], later).slope

    def more_files(self, role: str) -> float:
        """How many more files were open in the last quarter than in the one before."""
        files, quarter = self.files[role], len(self.files[role]) // 4
        return median(files[-quarter:]) - median(files[-2 * quarter : -quarter])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def made(engine: Engine) -> int:
    """How many visits have ended."""
    with reading(engine) as connection:
        ended = select(func.count()).select_from(tables.visits).where(tables.visits.c.ended_at.is_not(None))
        return connection.scalar(ended) or 0


def live(site: ScriptedSite, rng: Random) -> None:
    """A job comes or goes."""
    jobs = site.open_jobs()
    if len(jobs) > 5 or (len(jobs) > 3 and rng.random() < 0.5):
        site.close(rng.choice(jobs))
    else:
        site.open()


def soak(
    house: House, all_sites: list[ScriptedSite], receiver: Receiver, seconds: float, every: timedelta
) -> tuple[Held, int, int]:
    """Runs a service for so long; what it held, how many events it recorded, how many of them the receiver took."""
    house.home.mkdir()
    engine = connect(f"sqlite:///{house.home}/hirewatch.db")
    upgrade(engine)
    now = datetime.now(UTC)
    for number, site in enumerate(all_sites):
        sites.add(engine, name=f"site-{number}", start_url=site.url, every=every, now=now)
    outlets.add(engine, name="hook", address=receiver.url, options={"secret": SECRET}, now=now)
    said = house.home / "said"
    with said.open("w") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "hirewatch", "serve"], env=house.environment, cwd="/",
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    held, rng = Held(service.pid), Random(1)
    try:
        until(lambda: "http://127.0.0.1:" in said.read_text(), "it never listened")
        url = said.read_text().split("http://")[1].split()[0].rstrip("/")
        end = time.monotonic() + seconds
        living = cycle(all_sites)
        with httpx.Client(base_url=f"http://{url}", timeout=60) as client:
            while time.monotonic() < end:
                assert service.poll() is None, said.read_text()
                live(next(living), rng)
                for path in ("/", "/postings", "/metrics", "/health/ready"):
                    client.get(path)
                held.look(made(engine))
                time.sleep(1)
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(60)
    assert checker.violations(engine) == []
    recorded = events.last(engine)
    engine.dispose()
    return held, recorded, len(receiver.accepted)


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_no_process_of_a_service_grows_by_its_visits(
    tmp_path: Path, sites: Callable[..., ScriptedSite], receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path / "home", SERVE__PORT="0", CRAWL__DELAY="0")
    watched = [sites(4, seed=number, layout="list") for number in range(COUNT)]
    held, recorded, told = soak(house, watched, receiver, SECONDS, EVERY)
    with capsys.disabled():
        print(
            f"\n{COUNT} sites, {held.at[-1] - held.at[0]:.0f} s: {held.visits[-1]:.0f} visits, {recorded} events, {told} told;"
        )
        for role in ROLES:
            print(
                f"  {role}: {held.bytes[role][-1] / 1e6:.0f} MB, {held.grew(held.bytes, role):+.0f} bytes a visit; "
                f"{held.files[role][-1]:.0f} files, {held.more_files(role):+.0f}"
            )
    assert held.visits[-1] > 5 * COUNT
    assert told > 20
    for role in ROLES:
        assert held.more_files(role) <= 0, role
        # the first minutes still warm up what libraries keep
        assert held.grew(held.bytes, role) < MOST, role
