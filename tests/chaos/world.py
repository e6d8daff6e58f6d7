"""What surrounds the process that is killed: an employer, a receiver that counts, and where victims come from."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.engine import Engine

from delivery.outlets import webhook
from scheduler.protocol import WorkerSettings
from storage import outlets, postings, sites, tables
from storage.contents import TOLD
from storage.engine import connect, reading
from storage.schema import upgrade
from tests.sites.scripted import ScriptedSite

ROOT = Path(__file__).parents[2]

#: an event: type, path of the address, title, reason, baseline, significance
Deed = tuple[str, str, str, str | None, bool, str]


class Receiver:
    """A webhook receiver that counts what it is sent, by id."""

    def __init__(self) -> None:
        self.received: list[str] = []
        #: called once, at the next message: before it is answered, or after
        self.before_answer: Callable[[], None] | None = None
        self.after_answer: Callable[[], None] | None = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(self.headers["webhook-id"].rpartition("-")[0])
                receiver._call("before_answer")
                with contextlib.suppress(OSError):
                    self.send_response(204)
                    self.end_headers()
                receiver._call("after_answer")

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """The sender was killed."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _call(self, moment: str) -> None:
        call = getattr(self, moment)
        setattr(self, moment, None)
        if call is not None:
            call()


class Nursery:
    """Gives birth to victims, one at a time; see `tests.chaos.victim`."""

    def __init__(self, settings: WorkerSettings, name: str) -> None:
        self._told, telling = os.pipe()
        os.set_blocking(self._told, False)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from tests.chaos.victim import main; main()", settings.to_json(), name, str(telling)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=(telling,), cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        os.close(telling)
        self._victim = 0

    def start(self, *, rounds: int | None = None, die_at: int | None = None) -> None:
        """A new victim that lives for some rounds, or until step `die_at`, or until it is killed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"rounds": rounds, "die_at": die_at}) + "\n")
        self._process.stdin.flush()
        self._victim = int(self._process.stdout.readline())

    def kill(self) -> None:
        """Kills the victim where it stands."""
        # its group too; before it has one, it has done nothing
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(self._victim, signal.SIGKILL)

    def end(self) -> int:
        """Waits for the victim's end; its exit code, or minus the signal that ended it."""
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def told(self) -> str:
        """What victims have said since the last time."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._told, 65536).decode()
        return ""

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        os.close(self._told)


class Employer:
    """Changes a site a little, at random; no job twice a day, so that each deed makes one event of its own."""

    def __init__(self, site: ScriptedSite, rng: random.Random) -> None:
        self._site = site
        self._rng = rng
        self._closed: list[str] = []

    def work(self, deeds: int) -> None:
        """A day with this many deeds: a job changes, opens, closes or opens again."""
        returning, untouched = list(self._closed), self._site.open_jobs()
        for _ in range(deeds):
            deed = self._rng.choice(["open", "edit", "edit", "close", "reopen"])
            if deed == "open":
                self._site.open()
            elif deed == "reopen" and returning:
                # under another title: one that comes back as it was would make hirewatch wait before it closes others
                handle = self._drawn(returning)
                self._closed.remove(handle)
                self._site.edit(handle, title=f"Fitter {self._rng.randrange(10**9)}")
                self._site.reopen(handle)
            elif deed == "close":
                handle = self._drawn(untouched)
                self._site.close(handle, status=410)
                self._closed.append(handle)
            else:
                self._site.edit(self._drawn(untouched), title=f"Welder {self._rng.randrange(10**9)}")

    def _drawn(self, handles: list[str]) -> str:
        return handles.pop(self._rng.randrange(len(handles)))


class House:
    """A database that watches a career site and tells a receiver, with the nursery of those that do the work.

    Two houses with one seed live through the same days. One is shaken; the other shows what should have happened.
    """

    def __init__(self, settings: WorkerSettings, *, jobs: int, seed: int) -> None:
        self.settings = settings
        self.engine = connect(settings.database)
        upgrade(self.engine)
        self.receiver = Receiver()
        address, options = webhook.prepare(self.receiver.url, {"with_baseline": True})
        now = datetime.now(UTC)
        outlets.add(self.engine, name="hook", kind="webhook", address=address, options=options, now=now)
        self.site = ScriptedSite(jobs).start()
        self.watched = sites.add(self.engine, name="acme", start_url=self.site.url, every=None, now=now)
        self.employer = Employer(self.site, random.Random(seed))
        self.nursery = Nursery(settings, "acme")

    def log(self) -> Counter[Deed]:
        """What the log tells, without ids, numbers and times."""
        events = tables.events
        columns = (events.c.type, TOLD, events.c.reason, events.c.baseline, events.c.significance)
        with reading(self.engine) as connection:
            return Counter(
                (row.type, urlsplit(row.body["url"]).path, row.body["title"], row.reason, row.baseline, row.significance)
                for row in connection.execute(select(*columns))
            )  # fmt: skip

    def standing(self) -> dict[str, tuple[str, str]]:
        """Each posting's state and title, by the path of its address."""
        return {
            urlsplit(found.record["url"]).path: (found.record["state"], found.record["title"])
            for found in postings.search(self.engine, state="all")
        }

    def held(self) -> list[str]:
        """Sites and hosts that somebody has; none once all work is done."""
        with reading(self.engine) as connection:
            return [
                *connection.scalars(select(tables.sites.c.name).where(tables.sites.c.lease_owner.is_not(None))),
                *connection.scalars(select(tables.hosts.c.name).where(tables.hosts.c.owner.is_not(None))),
            ]

    def unheard(self) -> set[str]:
        """Events that the receiver should have been told about and was not."""
        return for_webhooks(self.engine) - set(self.receiver.received)

    def close(self) -> None:
        self.nursery.close()
        self.site.stop()
        self.receiver.close()
        self.engine.dispose()


def until(holds: Callable[[], bool], otherwise: str, patience: float = 300.0) -> None:
    """Waits until something holds that another process brings about; the end of the patience means a hang, not a
    load."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.001)


def for_webhooks(engine: Engine, *, until_cursor: bool = False) -> set[str]:
    """Ids of the events in the log that the webhook is told about, or of those that it should have heard by now."""
    query = select(tables.events.c.number).where(tables.events.c.significance == "material")
    if until_cursor:
        query = query.where(tables.events.c.number <= select(tables.outlets.c.cursor).scalar_subquery())
    with reading(engine) as connection:
        return {f"evt_{number}" for number in connection.execute(query).scalars()}


def in_order(received: list[str]) -> bool:
    """Whether each event came after those before it, repeated sends aside."""
    firsts = [int(name.removeprefix("evt_")) for name in dict.fromkeys(received)]
    return firsts == sorted(firsts)


def doubled(received: list[str]) -> int:
    """How many sends repeated an earlier one."""
    return sum(count - 1 for count in Counter(received).values())
