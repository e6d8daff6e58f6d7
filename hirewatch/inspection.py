"""Looks at pages without a database: files and addresses in, what was read from each out. `hirewatch inspect` asks.

Files are read in reader processes like any page, since a file may be as hostile as a page.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from hirewatch import wiring
from hirewatch.findings import Field, Finding, fields_of, findings_of, place_as_json
from postings import record as records
from postings import urls
from postings.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.pages import Link, Page, Reading
    from crawler.readers import Readers
    from crawler.visit import Fetched
    from hirewatch.config import Settings

#: a larger file is no page
LARGEST_FILE = 50 * 1024 * 1024
#: pages that may wait for the one that is to be told next
WAITING = 64
#: a page that links to so many addresses that look like postings is a list of them
LEAST_LINKS = 3

#: what may stand before the first sign of an answer
_BLANK = b"\xef\xbb\xbf \t\r\n"

Kind = Literal["posting", "list", "board", "other"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was read from one file or address."""

    #: as it was typed
    argument: str
    #: of a page that was fetched, the final address; of a file, the canonical link if it has one
    url: str | None
    reading: Reading
    #: when it was looked at (aware): whether a posting has ended is judged by it
    at: datetime
    #: HTTP status; None for a file
    status: int | None = None
    #: the network or the site said no
    refused: bool = False

    @property
    def kind(self) -> Kind:
        """What kind of page it is."""
        reading = self.reading
        if any(read.posting.syntax == "board" for read in reading.postings):
            return "board"
        if len(reading.postings) == 1:
            return "posting"
        if reading.postings or reading.item_list or len(self.promising) >= LEAST_LINKS:
            return "list"
        return "other"

    @property
    def promising(self) -> tuple[str, ...]:
        """Addresses on the page that may be postings of the same site."""
        if self.reading.item_list or not self.url:
            return self.reading.item_list
        return _most_alike(self.reading.links, self.url)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the page and its postings."""
        return findings_of(self.reading, self.at)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What was read, field by field."""
        return fields_of(self.reading)

    def as_json(self, *, explain: bool = False) -> dict[str, Any]:
        """As `inspect --json` tells it; with `explain` also how the page was read."""
        reading = self.reading
        told: dict[str, Any] = {
            "file": self.argument,
            "url": self.url,
            "kind": self.kind,
            "postings": [records.record(records.body(read.posting), None) for read in reading.postings],
            "problems": [finding.as_json() for finding in self.findings],
            "unreadable": reading.unreadable,
            "withdrawn": reading.withdrawn.reason if reading.withdrawn and reading.withdrawn.alone else None,
            "fields": [field.as_json() for field in self.fields],
        }
        if explain:
            told["explanation"] = [
                {"at": place_as_json(step.at), "rung": step.rung, "outcome": step.outcome}
                for step in reading.explanation
            ]
        return told


def _most_alike(links: Iterable[Link], url: str) -> tuple[str, ...]:
    """Links within the site whose addresses have one shape with a word for jobs in it: most likely its postings."""
    from crawler.job_words import speaks_of_jobs

    own = urls.key(url)
    alike: dict[str, dict[str, str]] = defaultdict(dict)
    for link in links:
        key = urls.key(link.url)
        if key != own and urls.same_site(link.url, url) and speaks_of_jobs(urlsplit(link.url).path):
            alike[urls.shape(link.url)].setdefault(key, link.url)
    largest = max(alike.values(), key=len, default={})
    return tuple(largest.values()) if len(largest) >= LEAST_LINKS else ()


def is_address(argument: str) -> bool:
    """Whether what was typed is an address, not a file."""
    return argument.lower().startswith(("http://", "https://"))


def require_files(arguments: Iterable[str]) -> None:
    """Raises UsageError for the first that is neither an address nor a readable file."""
    for argument in arguments:
        path = Path(argument)
        if is_address(argument):
            if urls.parse(argument) is None:
                raise UsageError("is no address that can be fetched", subject=argument)
        elif not path.is_file():
            looks = "." in argument and "/" in argument
            raise UsageError(
                "is no file",
                subject=argument,
                remedy=f"if it is an address, write https://{argument}" if looks else "check the path",
            )
        elif not os.access(path, os.R_OK):
            raise UsageError("may not be read by this user", subject=argument, remedy="check its rights")
        elif path.stat().st_size > LARGEST_FILE:
            raise UsageError("is larger than 50 MB, too large for a page", subject=argument)


def inspect(
    arguments: Sequence[str], settings: Settings, tell: Callable[[Inspection], None], *, now: Callable[[], datetime]
) -> None:
    """Reads every file and fetches every address, several at a time, and tells of each in their order.

    Each is told as soon as those before it are. `now` gives the time, aware.

    Needs a process that has not crawled before and will not again, if one of them is an address.
    """
    if not any(is_address(argument) for argument in arguments):
        asyncio.run(_inspect_all(arguments, tell, now, fetch=None))
        return
    from crawler.process import run_crawling
    from crawler.visit import fetch_page

    limits = wiring.limits(settings)
    interrupted: list[bool] = []

    async def main(runner: AsyncCrawlerProcess) -> None:
        # a KeyboardInterrupt in the middle of the loop would leave its threads behind, and the process with them
        task = asyncio.current_task()
        assert task, "a coroutine of the loop is a task"

        def interrupt() -> None:
            interrupted.append(True)
            task.cancel()

        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
        await _inspect_all(arguments, tell, now, fetch=lambda url: fetch_page(url, runner=runner, limits=limits))

    try:
        run_crawling(main, allow_addresses=settings.network.allow_addresses)
    except (asyncio.CancelledError, NetworkError):
        # a crawl that is cancelled may end with an error of its own
        if not interrupted:
            raise
        raise KeyboardInterrupt from None


async def _inspect_all(
    arguments: Iterable[str],
    tell: Callable[[Inspection], None],
    now: Callable[[], datetime],
    *,
    fetch: Callable[[str], Awaitable[Fetched]] | None,
) -> None:
    from crawler.readers import Readers

    processes = min(os.cpu_count() or 1, 4)
    readers = Readers(processes=processes)
    waiting: deque[asyncio.Future[Inspection]] = deque()
    host = asyncio.Lock()
    try:
        for argument in arguments:
            if fetch and is_address(argument):
                one = _address(argument, readers, fetch, host, now)
            else:
                one = _file(argument, readers, now)
            waiting.append(asyncio.ensure_future(one))
            while waiting and (waiting[0].done() or len(waiting) >= WAITING):
                tell(await waiting.popleft())
            # lets what has been read come in
            await asyncio.sleep(0)
        while waiting:
            tell(await waiting.popleft())
    finally:
        for task in waiting:
            task.cancel()
        readers.close()


async def _file(path: str, readers: Readers, now: Callable[[], datetime]) -> Inspection:
    from crawler.extraction import file_page

    body = Path(path).read_bytes()
    page = file_page(path, body)
    answer = await _board_answer(replace(page, body=body), readers)
    reading = answer if answer is not None else await readers.read(page, links=True, problems=True)
    return Inspection(path, reading.canonical, reading, now())


async def _board_answer(page: Page, readers: Readers) -> Reading | None:
    """The reading of an answer of an applicant tracking system; None for everything else."""
    if not page.body.lstrip(_BLANK).startswith((b"{", b"[", b"<?xml", b"<workzag")):
        return None
    from crawler.readers import NotRead
    from crawler.sources.boards import answer_reading

    try:
        reading: Reading | None = await readers.run(answer_reading, page)
    except NotRead:
        return None
    return reading if reading and (reading.postings or reading.unreadable_postings) else None


async def _address(
    address: str,
    readers: Readers,
    fetch: Callable[[str], Awaitable[Fetched]],
    turn: asyncio.Lock,
    now: Callable[[], datetime],
) -> Inspection:
    from crawler.pages import Reading

    # each fetch is a crawl of its own: one after the other, so that no host is asked for two at a time
    async with turn:
        fetched = await fetch(address)
    if fetched.page is None:
        reading = Reading(url=fetched.url, unreadable=fetched.problem)
        return Inspection(address, fetched.url, reading, now(), fetched.status, refused=True)
    answer = await _board_answer(fetched.page, readers)
    reading = answer if answer is not None else await readers.read(fetched.page, links=True, problems=True)
    return Inspection(address, fetched.url, reading, now(), fetched.status)
