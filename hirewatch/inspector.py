"""Looks at pages without a database: files and addresses in, what was read from each out. `hirewatch inspect` asks.

Of an address that is not the page of one posting it also finds out how the postings of its site would be found.

Files are read in reader processes like any page, since a file may be as hostile as a page.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hirewatch import wiring
from hirewatch.inspection import Inspection
from postings import urls
from postings.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.connection import Limits
    from crawler.pages import Page, Reading
    from crawler.readers import Readers
    from crawler.visit import Fetched
    from hirewatch.settings import Settings
    from postings.sightings import Seen
    from postings.visits import VisitReport

#: a larger file is no page
LARGEST_FILE = 50 * 1024 * 1024
#: pages that may wait for the one that is to be told next
WAITING = 64

#: `acme.example`, `www.acme.example:8080/careers`, and not `page.html` or `jobs/page.html`
_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?!(?:html?|xhtml|json|jsonld|xml|txt|php|aspx?|md)(?:$|[:/]))[a-z0-9-]{2,}"
    r"(?::\d{1,5})?(?:/.*)?|(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?:/.*)?",
    re.IGNORECASE,
)
#: what may stand before the first sign of an answer
_BLANK = b"\xef\xbb\xbf \t\r\n"


def is_address(argument: str) -> bool:
    """Whether what was typed is an address, not a file: with its scheme, or a bare domain that no file is called."""
    if argument.lower().startswith(("http://", "https://")):
        return True
    return _DOMAIN.fullmatch(argument) is not None and not Path(argument).exists()


def _spelled(argument: str) -> tuple[str, ...]:
    """The addresses that an argument stands for: a bare domain is asked by https, and by http if nobody is there."""
    if argument.lower().startswith(("http://", "https://")):
        return (argument,)
    return f"https://{argument}", f"http://{argument}"


def require_files(arguments: Iterable[str]) -> None:
    """Raises UsageError for the first that is neither an address nor a readable file."""
    for argument in arguments:
        path = Path(argument)
        if is_address(argument):
            if urls.parse(_spelled(argument)[0]) is None:
                raise UsageError("is no address that can be fetched", subject=argument)
        elif "://" in argument:
            raise UsageError("is no web address", subject=argument, remedy="only http and https are read")
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
        asyncio.run(_inspect_all(arguments, tell, now, web=None))
        return
    from crawler.process import run_crawling

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
        await _inspect_all(arguments, tell, now, web=Web(runner, limits, now))

    try:
        run_crawling(main, allow_addresses=settings.network.allow_addresses)
    except (asyncio.CancelledError, NetworkError):
        # a crawl that is cancelled may end with an error of its own
        if not interrupted:
            raise
        raise KeyboardInterrupt from None


class Web:
    """The way to sites: one crawl after the other, all through one gate, so that no host is asked for two at a time."""

    def __init__(self, runner: AsyncCrawlerProcess, limits: Limits, now: Callable[[], datetime]) -> None:
        from crawler.hosts import Hosts
        from crawler.visit import Means

        self._means = Means(runner=runner, hosts=Hosts(clock=now), clock=now, limits=limits)
        self._turn = asyncio.Lock()

    async def fetch(self, url: str) -> Fetched:
        """One page."""
        from crawler.visit import fetch_page

        async with self._turn:
            return await fetch_page(url, self._means)

    async def survey(self, url: str, readers: Readers) -> VisitReport:
        """How the postings of the site that starts at `url` would be found."""
        from crawler.visit import visit_site
        from postings.sites import Known, Site

        async def leave(batch: Sequence[Seen]) -> None:
            """Nothing is kept of what a survey sees."""

        site = Site(id=0, name=url, start_url=url, host_key=urls.host_key(url), added_at=self._means.clock())
        async with self._turn:
            return await visit_site(
                site,
                Known(),
                leave,
                means=replace(self._means, limits=replace(self._means.limits, survey=True)),
                readers=readers,
            )


async def _inspect_all(
    arguments: Sequence[str],
    tell: Callable[[Inspection], None],
    now: Callable[[], datetime],
    *,
    web: Web | None,
) -> None:
    from crawler.readers import Readers

    # one that is still starting when all is read would be ended in the middle of that, and say so
    readers = Readers(processes=min(os.cpu_count() or 1, 4, len(arguments)))
    waiting: deque[asyncio.Future[Inspection]] = deque()
    try:
        for argument in arguments:
            if web and is_address(argument):
                one = _address(argument, readers, web, now)
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


async def _address(argument: str, readers: Readers, web: Web, now: Callable[[], datetime]) -> Inspection:
    from crawler.pages import Reading

    for address in _spelled(argument):
        fetched = await web.fetch(address)
        if fetched.status is not None:
            break
    if fetched.page is None:
        reading = Reading(url=fetched.url, unreadable=fetched.problem)
        return Inspection(argument, fetched.url, reading, now(), fetched.status, refused=True)
    answer = await _board_answer(fetched.page, readers)
    if answer is not None:
        return Inspection(argument, fetched.url, answer, now(), fetched.status)
    reading = await readers.read(fetched.page, links=True, problems=True)
    # The page of one posting says nothing of where the others are.
    survey = None if len(reading.postings) == 1 else await web.survey(address, readers)
    return Inspection(argument, fetched.url, reading, now(), fetched.status, survey=survey)
