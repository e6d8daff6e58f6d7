"""A process that crawls, where the machine gives it no thread."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import asyncio, sys, threading, time
from crawler.process import run_crawling
from twisted.python.threadpool import ThreadPool

class Thread(threading.Thread):
    def start(self):
        if sys.argv[1] == "none":
            raise RuntimeError("can't start new thread")
        super().start()

ThreadPool.threadFactory = Thread

async def main(process):
    from twisted.internet import reactor
    from twisted.internet.threads import deferToThread
    return await asyncio.wait_for(deferToThread(lambda: "looked up").asFuture(asyncio.get_running_loop()), 20)

try:
    print(run_crawling(main))
except RuntimeError as error:
    print("refused:", error)
"""


def crawl(threads: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", _PROGRAM, threads]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)


def test_where_no_thread_can_be_started_it_says_so_at_once() -> None:
    done = crawl("none")
    assert (done.stdout, done.stderr, done.returncode) == ("refused: can't start new thread\n", "", 0)


def test_where_threads_can_be_started_names_are_looked_up_in_them() -> None:
    done = crawl("any")
    assert (done.stdout, done.stderr, done.returncode) == ("looked up\n", "", 0)
