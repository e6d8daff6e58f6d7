from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path

import pytest

from crawler.extraction import read_page
from crawler.pages import Page, Reading
from crawler.readers import NotRead, Readers
from tests.scheduler.processes import group, until

JOB = '<script type="application/ld+json">{"@type": "JobPosting", "title": "Welder"}</script>'
GOOD = Page(url="https://acme.example/jobs/1", body=JOB.encode())
#: libxml2 is quadratic in the attributes of one element: many seconds in C code that no signal handler can leave. The
#: `<` hides from us that there are too many
HANGING = Page(
    url="https://acme.example/jobs/2",
    body=b"JobPosting<p title='<' " + b" ".join(b"a%d=1" % n for n in range(120_000)) + b">",
)
#: more elements than the wall lets a process hold
HUGE = Page(url="https://acme.example/jobs/3", body=b"JobPosting" + b"<i>x</i>" * 6_000_000)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    pool = Readers(processes=2, deadline=1.5, memory_mb=64)
    # the first page waits for the processes to start
    pool.deadline, deadline = 60.0, pool.deadline
    asyncio.run(_both(pool.read(GOOD), pool.read(GOOD)))
    pool.deadline = deadline
    yield pool
    pool.close()


async def _both(*reads: Awaitable[Reading]) -> list[Reading]:
    return list(await asyncio.gather(*reads))


def test_a_page_is_read_in_another_process(readers: Readers) -> None:
    (reading,) = asyncio.run(_both(readers.read(GOOD)))
    assert [one.posting.title for one in reading.postings] == ["Welder"]
    assert json.loads(reading.postings[0].raw)["title"] == "Welder"


def test_links_are_read_when_they_are_wanted(readers: Readers) -> None:
    page = Page(url="https://acme.example/", body=b'<a href="/jobs/1">Welder</a>')
    plain, linked = asyncio.run(_both(readers.read(page), readers.read(page, links=True)))
    assert plain.links == ()
    assert [link.url for link in linked.links] == ["https://acme.example/jobs/1"]


def test_a_page_that_hangs_the_parser_costs_itself_alone(readers: Readers) -> None:
    hanging, good = asyncio.run(_both(readers.read(HANGING, links=True), readers.read(GOOD)))
    assert hanging.unreadable == "it took longer than 1.5 s to read"
    assert [one.posting.title for one in good.postings] == ["Welder"]
    (after,) = asyncio.run(_both(readers.read(GOOD)))
    assert after.unreadable is None


ATTRIBUTES = b"JobPosting<p title='<' " + b" ".join(b"a%d=1" % n for n in range(60_000)) + b">"
LEVELS = b"JobPosting" + b"<div>" * 60_000


@pytest.mark.parametrize("body", [ATTRIBUTES, LEVELS], ids=["60,000 attributes", "60,000 levels"])
def test_a_page_made_to_stop_a_parser_costs_its_deadline_and_nothing_else(readers: Readers, body: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    (hostile,) = asyncio.run(_both(readers.read(Page(url="https://acme.example/jobs/4", body=body), links=True)))
    took = time.monotonic() - started
    assert hostile.postings == ()
    assert hostile.unreadable is not None
    # its deadline, the kill, and what a busy machine adds
    assert took < readers.deadline + 5
    (after,) = asyncio.run(_both(readers.read(GOOD)))
    assert [one.posting.title for one in after.postings] == ["Welder"]
    # in KiB: the page itself and no tree of it
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024


def test_problems_are_looked_for_when_they_are_wanted(readers: Readers) -> None:
    plain, looked_at = asyncio.run(_both(readers.read(GOOD), readers.read(GOOD, problems=True)))
    assert plain.postings[0].problems == ()
    assert looked_at.postings[0].problems != ()


def test_a_page_that_eats_all_memory_costs_itself_alone(readers: Readers) -> None:
    readers.deadline, deadline = 30.0, readers.deadline
    try:
        huge, good = asyncio.run(_both(readers.read(HUGE, links=True), readers.read(GOOD)))
    finally:
        readers.deadline = deadline
    assert huge.unreadable is not None
    assert "longer" not in huge.unreadable
    assert [one.posting.title for one in good.postings] == ["Welder"]


def test_a_page_that_crashes_its_reader_costs_itself_alone(readers: Readers) -> None:
    with pytest.raises(NotRead, match="the reader process ended while reading it"):
        asyncio.run(readers.run(os.abort))
    (after,) = asyncio.run(_both(readers.read(GOOD)))
    assert after.unreadable is None


READING_ALONE = """
import sys
from pathlib import Path
from crawler.extraction import read_page
from crawler.pages import Page
page = Page(url="https://acme.example/jobs/2", body=sys.stdin.buffer.read())
most = lambda: int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
print("reading", flush=True)
before = most()
read_page(page, links=True)
print(most() - before)
"""


def reading_alone(page: Page) -> subprocess.Popen[bytes]:
    """A process that reads a page by itself, without a reader, and has begun to."""
    process = subprocess.Popen([sys.executable, "-c", READING_ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(page.body)
    process.stdin.close()
    assert process.stdout.readline() == b"reading\n"
    return process


def test_without_a_reader_such_a_page_would_hold_up_whoever_reads_it(readers: Readers) -> None:
    with reading_alone(HANGING) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(readers.deadline)
        process.kill()


def test_without_a_wall_a_page_would_take_what_memory_it_wants(readers: Readers) -> None:
    with reading_alone(Page(url=HUGE.url, body=HUGE.body[: len(HUGE.body) // 10])) as process:
        assert process.stdout
        said = process.stdout.read()
    assert int(said) > readers.memory_mb * 1024


def test_a_reading_that_is_no_longer_wanted_ends_as_cancelled(readers: Readers) -> None:
    async def give_up() -> None:
        task = asyncio.ensure_future(readers.read(HANGING, links=True))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(give_up())


STUCK = """
import asyncio
from crawler.readers import Readers
stuck = "import time; print('stuck', flush=True); time.sleep(3600)"
asyncio.run(Readers(deadline=3).run(exec, stuck))
"""


def test_a_reader_that_is_stuck_ends_soon_after_its_worker_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUCK], start_new_session=True, stdout=subprocess.PIPE, text=True
    ) as worker:
        try:
            assert worker.stdout
            assert worker.stdout.readline() == "stuck\n"
            worker.kill()
            worker.wait()
            until(lambda: not group(worker.pid), "the reader was left behind")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)


def test_a_page_that_cannot_hold_a_posting_needs_no_process() -> None:
    readers = Readers()
    readers.close()
    page = Page(url="https://acme.example/", body=b"<p>About us</p>", robots_tag="noindex")
    reading = asyncio.run(readers.read(page))
    assert reading == read_page(page, links=False)
    assert reading.noindex
    assert reading.unreadable is None


#: a process whose hard limit lies below the wall of a reader
CRAMPED = """
import asyncio, resource
from crawler.readers import Readers
from tests.crawler.test_readers import GOOD

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (1024 * 2**20, 1024 * 2**20))
    readers = Readers(deadline=60)
    print(len(asyncio.run(readers.read(GOOD)).postings))
    readers.close()
"""


def test_a_limit_of_the_machine_below_the_wall_is_kept_and_pages_are_read(tmp_path: Path) -> None:
    program = tmp_path / "cramped.py"
    program.write_text(CRAMPED)
    # root may raise its limits, unless it has left that right
    drop = ["setpriv", "--bounding-set", "-sys_resource"] if shutil.which("setpriv") and os.geteuid() == 0 else []
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [*drop, sys.executable, str(program)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=110, env=environment, check=False)
    assert (ran.stdout, ran.stderr) == ("1\n", "")
