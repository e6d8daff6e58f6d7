"""A worker process as the service sees it: started, given orders, started again when it dies, ended in time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from random import Random

from scheduler.memory import TOO_LITTLE, lacks_memory
from scheduler.protocol import Done, Order, Taken, WorkerSettings, read_answer

log = logging.getLogger(__name__)

#: seconds that a worker has to end by itself before it is killed
END_GRACE = 6.0
#: seconds before a worker that died is started again; doubled each time, up to the second figure
BACK_OFF = (1.0, 60.0)
#: a worker that lived this many seconds has not died of its start
STEADY = 60.0
#: so many starts in a row that came to nothing are no chance
_FAILING = 3
_LINE_LIMIT = 1024 * 1024


class WorkerProcess:
    """One worker subprocess with the visits it was given, or took, and has not answered yet."""

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        done: Callable[[Done], None],
        died: Callable[[frozenset[int]], None],
        say: Callable[[str], None],
        rng: Random,
    ) -> None:
        """`done` hears of each answer, `died` of the sites whose visits went down with the process."""
        self.in_flight: set[int] = set()
        self._settings = settings
        self._done = done
        self._died = died
        self._say = say
        self._rng = rng
        self._process: asyncio.subprocess.Process | None = None
        #: starts in a row that came to nothing, and when the last one was
        self._deaths = 0
        self._began = 0.0

    @property
    def pid(self) -> int | None:
        """The process number; None while there is no process."""
        return self._process.pid if self._process else None

    @property
    def failing(self) -> bool:
        """Whether each of its last starts came to nothing, and this one may as well."""
        return self._deaths >= _FAILING and not (self._process and time.monotonic() - self._began > STEADY)

    def submit(self, order: Order) -> bool:
        """Hands the order over; False if there is no process to take it now."""
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            return False
        self._process.stdin.write(order.to_json().encode() + b"\n")
        self.in_flight.add(order.site)
        return True

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps a process running until `stop` is set, then ends it within `END_GRACE` seconds."""
        while not stop.is_set():
            self._began = time.monotonic()
            try:
                end = f"the worker process ended ({_ending(await self._live(stop))}); starting it again"
            except (OSError, RuntimeError, MemoryError) as error:
                # the machine has no process, memory or handle left; it may have again
                if not (isinstance(error, OSError) or lacks_memory(error)):
                    raise
                log.warning("worker.not-started: %s", error)
                why = getattr(error, "strerror", None) or TOO_LITTLE
                end = f"no worker process can be started ({why}); trying again"
            if stop.is_set():
                return
            self._deaths = 1 if time.monotonic() - self._began > STEADY else self._deaths + 1
            wait = min(BACK_OFF[0] * 2 ** min(self._deaths - 1, 10), BACK_OFF[1]) * self._rng.uniform(0.9, 1.1)
            self._say(f"{end} in {wait:.0f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)

    def kill(self) -> None:
        """Ends the process and its readers at once."""
        if self._process:
            _kill_group(self._process.pid)

    async def _live(self, stop: asyncio.Event) -> int:
        """The life of one process, from its start to its exit code."""
        # A session of its own: a Ctrl-C in the terminal reaches the service only, and one signal reaches the
        # worker together with its readers. -P: a folder named like one of our packages must not be imported.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "scheduler",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True, limit=_LINE_LIMIT,
        )  # fmt: skip
        assert process.stdin
        assert process.stdout
        process.stdin.write(self._settings.to_json().encode() + b"\n")
        self._process = process
        log.info("worker.started pid=%s", process.pid)
        reading = asyncio.ensure_future(self._read(process.stdout))
        ends = [asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait([reading, *ends], return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set() or reading.done():
                await _end(process)
            await asyncio.wait([reading], timeout=1)
        finally:
            self._process = None
            _kill_group(process.pid)
            for task in (reading, *ends):
                task.cancel()
        code = await process.wait()
        log.info("worker.ended pid=%s code=%s", process.pid, code)
        if reading.done() and not reading.cancelled() and (error := reading.exception()) is not None:
            log.error("answers.broke pid=%s", process.pid, exc_info=error)
        orphans, self.in_flight = frozenset(self.in_flight), set()
        if orphans:
            self._died(orphans)
        return code

    async def _read(self, answers: asyncio.StreamReader) -> None:
        """Takes answers until there is none any more, or one that cannot be read.

        Which visit that one was about nobody knows, so the worker has to begin anew: else its site waits for ever.
        """
        while True:
            try:
                # ValueError too if the line is too long
                line = await answers.readline()
                if not line:
                    return
                answer = read_answer(line.decode())
            except (ValueError, KeyError, TypeError) as error:
                log.error("answer.unreadable: %s", type(error).__name__)
                return
            if isinstance(answer, Taken):
                self.in_flight.add(answer.site)
            else:
                self.in_flight.discard(answer.site)
                self._done(answer)


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    process.stdin.close()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            # `process.terminate` would take the exit code of one that has just died from whoever waits for it
            os.kill(process.pid, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), END_GRACE)
        return
    log.warning("worker.killed pid=%s: it did not end within %s s", process.pid, END_GRACE)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
