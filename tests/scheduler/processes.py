"""Worker and service as the processes that they are, and what the system says of them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from postings.sites import Site
from scheduler.protocol import Done, Order, WorkerSettings

PATIENCE = 30.0


class WorkerUnderTest:
    """A worker process that takes orders on its standard input."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "scheduler"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.write(settings.to_json())

    def order(self, site: Site) -> None:
        self.write(Order(site.id, site.name).to_json())

    def answer(self) -> Done:
        """The next answer; waits for it."""
        assert self.process.stdout
        return Done.from_json(self.process.stdout.readline())

    def end_of_orders(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def kill(self) -> None:
        """Kills the worker alone: what becomes of its readers is part of the test."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]

    def write(self, line: str) -> None:
        """A line to its standard input."""
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


class ServiceUnderTest:
    """A service process, or one with workers alone; what it says is in `said`."""

    def __init__(self, settings: WorkerSettings, said: Path, *, workers: int = 1, role: str = "serve") -> None:
        self.said = said
        with said.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "tests.scheduler.serving", settings.to_json(), json.dumps(workers), role],
                stdout=output, start_new_session=True, cwd=Path(__file__).parents[2],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            )  # fmt: skip

    def says(self, words: str) -> None:
        """Waits until it has said a line with these words in it."""
        until(lambda: words in self.said.read_text(), f"the service never said {words!r}")

    def signal(self, number: signal.Signals) -> None:
        """Sends the signal to it and to everything that it started, as if its machine died or slept."""
        for child in [self.process.pid, *children(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, number)

    def close(self) -> None:
        for child in [*children(self.process.pid), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        self.process.wait(PATIENCE)


def until(holds: Callable[[], bool], otherwise: str, *, every: float = 0.01, patience: float = PATIENCE) -> None:
    """Waits until something holds that another process brings about; looks `every` so many seconds."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(every)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]


def group(pid: int) -> list[int]:
    """The living processes of a process group."""
    found = subprocess.run(["ps", "-e", "-o", "pgid=,pid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in found.stdout.splitlines()]
    return [int(number) for leader, number, state in rows if int(leader) == pid and not state.startswith("Z")]
