"""The demonstration once its play is over: the service watches the site, which lives on, and the dashboard shows it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from hirewatch.demo.run import EVERY, JOBS, Audience, Stage, named
from hirewatch.demo.site import CareerSite
from postings.errors import HirewatchError

#: where the dashboard is if nothing else is there
PORT = 8777


@dataclass(frozen=True, slots=True)
class Served:
    """The service over the data of the demonstration."""

    address: str
    process: subprocess.Popen[str]


@contextmanager
def serving(stage: Stage, *, port: int) -> Iterator[Served]:
    """Runs `hirewatch serve` over the data of `stage`; on another port if `port` is taken. Raises HirewatchError."""
    # -P: a folder named like one of our packages must not be imported
    command = [sys.executable, "-P", "-m", "hirewatch", "--config", str(stage.config_file), "serve", "--port"]
    # what the environment sets is meant for another installation
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIREWATCH_")}
    with subprocess.Popen(
        [*command, str(port if _is_free(port) else 0)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            said = []
            for line in process.stderr:
                said.append(line.strip())
                if found := re.search(r"http://\S+", line):
                    break
            else:
                raise HirewatchError("the service did not start", subject=" ".join(said[-3:]) or None)
            # what nobody reads would stop it
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield Served(found.group(), process)
        finally:
            process.terminate()


def live_on(stage: Stage, audience: Audience, *, every: float = EVERY) -> None:
    """Serves the dashboard while the employer changes something every few seconds, until the process is asked to
    end."""
    rng, told, ended = Random(7), len(stage.alerts), threading.Event()
    before = {one: signal.signal(one, lambda *_: ended.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with serving(stage, port=PORT) as served:
            audience.served(served.address)
            while not ended.wait(every) and served.process.poll() is None:
                for received in stage.alerts[told:]:
                    audience.alerted(received)
                told = len(stage.alerts)
                audience.scene(change(stage.site, rng))
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def change(site: CareerSite, rng: Random) -> str:
    """Changes something on the site, or nothing; what it was, in words."""
    what, handle = rng.choice(("open", "edit", "close", "nothing")), rng.choice(site.open_jobs())
    if what == "open":
        return f"The employer opens a job: {named(site, site.open())}."
    if what == "edit":
        site.edit(handle, salary=(50_000 + rng.randrange(20) * 1_000, 75_000))
        return f"It changes the pay of {named(site, handle)}."
    if what == "close" and len(site.open_jobs()) > JOBS // 2:
        site.close(handle)
        return f"{named(site, handle)} is filled."
    return "Nothing happens on the site."


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
