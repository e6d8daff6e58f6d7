"""A visit, step by step: start page, list or discovery, posting pages, report.

Knows no Scrapy: it asks through a `Connection` and can be read from top to bottom. `crawler.visit` runs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from crawler import discovery
from crawler.answers import Answer, Trouble
from crawler.batches import Batches
from crawler.board_choice import BoardChoice, Chosen, Turns
from crawler.connection import Asking, Connection, CutShort, Limits
from crawler.detail import Details
from crawler.exploring import Explorer
from crawler.listing import Entry, Listed
from crawler.pages import Reading
from crawler.readers import Readers
from crawler.sources.board import BoardVisit
from crawler.sources.boards import Board
from crawler.sources.list import repeats
from crawler.sources.page import list_of
from crawler.sources.sitemap import is_sitemap
from postings import urls
from postings.recheck import plan
from postings.sites import Known, KnownPage, Site, Source, SourceKind
from postings.visits import Absence, Listing, Look, Spared, VisitReport

#: troubles of the start page after which nothing else is asked
_HOPELESS = frozenset({Trouble.NAME, Trouble.CONNECTION, Trouble.CUT, Trouble.TIMEOUT, Trouble.ADDRESS, Trouble.SCOPE})
#: a list that has served no complete visit for so long is given up for one that does
_GIVEN_UP_AFTER = timedelta(days=7)
#: a Retry-After that asks for more is a mistake, or asks never to come back
_LONGEST_WAIT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a visit is, told after each page."""

    #: None until the list has been read
    listed: int | None
    asked: int
    read: int
    url: str


class Visiting:
    """One visit. `run` it once, then ask for its `report`."""

    def __init__(
        self,
        site: Site,
        known: Known,
        *,
        start_url: str,
        connection: Callable[[], Connection],
        batches: Batches,
        readers: Readers,
        limits: Limits,
        clock: Callable[[], datetime],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        """`start_url` is the site's, parsed; `connection` is asked for when the visit runs."""
        self._start_url = start_url
        self._known = known
        self._connection = connection
        self._batches = batches
        self._asking = Asking(connection, limits)
        self._readers = readers
        self._limits = limits
        self._pages_left = limits.pages
        self._clock = clock
        self._progress = progress
        self._started_at = clock()
        self._start: Answer | None = None
        self._start_reading: Reading | None = None
        self._source = site.source
        self._health = site.health
        self._added_at = site.added_at
        self._spared = Spared()
        self._listed: Listed | None = None
        self._board: BoardVisit | None = None
        self._addresses: dict[str, Entry] = {}
        self._list_keys = {urls.key(start_url)}
        self._problems: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._cut_short: str | None = None
        self._come_back_at: datetime | None = None
        self._nothing_found = ""
        self._details = Details(
            start_url=start_url,
            known=known.pages,
            ask=self._ask_page,
            read=self._read_page,
            batches=batches,
            list_keys=self._list_keys,
        )
        self._explorer = Explorer(
            start_url,
            ask=self._asking.ask,
            read=self._read_links,
            details=self._details,
            list_keys=self._list_keys,
            sitemap_limit=limits.sitemap_max_bytes,
            tell=self._tell,
        )
        self._boards = BoardChoice(
            start_url,
            source=site.source,
            visit=self._visit_board,
            ask=self._asking.ask,
            read=self._read_links,
            problems=self._problems,
        )

    async def run(self) -> None:
        """Visits. Raises what `record` raises; every other end is told by the report."""
        if self._was_stopped():
            return
        async with self._batches:
            self._task = task = asyncio.ensure_future(self._steps())
            try:
                await asyncio.wait({task}, timeout=self._limits.seconds)
                if not task.done():
                    self.stop(f"time budget of {self._limits.seconds:g} s reached")
                await task
            except CutShort as end:
                self._come_back_at = _after_wait(end.answer)
                self.stop(str(end))
            except asyncio.CancelledError:
                if not self._was_stopped():
                    raise
            finally:
                task.cancel()
            if self._was_stopped():
                await self._details.settle(may_ask=False)
            await self._batches.flush()

    def stop(self, reason: str) -> None:
        """Ends the visit at once; what was seen is recorded."""
        self._cut_short = self._cut_short or reason
        if self._task is not None:
            self._task.cancel()

    def _was_stopped(self) -> bool:
        return self._cut_short is not None

    def report(self) -> VisitReport:
        """What the visit says, however it ended."""
        connection, details = self._connection(), self._details
        listed = self._listed
        doubts = list(listed.doubts) if listed else [self._nothing_found or "the list was not read"]
        addresses = frozenset(self._addresses) | {
            target for key, target in details.led_to.items() if key in self._addresses
        }
        return VisitReport(
            started_at=self._started_at,
            ended_at=self._clock(),
            source=self._source,
            listing=Listing(
                addresses=addresses, whole=not doubts, doubts=tuple(doubts), rows=listed.rows if listed else 0
            ),
            looks=tuple(details.looks.values()),
            asked=details.asked,
            answered=details.answered,
            read=details.read,
            unreadable=details.unreadable,
            requests=connection.requests,
            not_modified=details.not_modified,
            bytes=connection.bytes,
            start_status=self._start.status if self._start else None,
            cut_short=self._cut_short,
            come_back_at=self._come_back_at,
            problems=(*self._problems, *_worst(details.failures), *(doubts + listed.remarks if listed else ())),
            robots=dict(connection.robots),
            list_pages={**details.barren, **self._list_pages()},
            spared=replace(self._spared, tested=self._spared.tested & details.shown),
        )

    async def _steps(self) -> None:
        if self._take_board(await self._boards.at_start()):
            await self._ask_board()
            return
        start = await self._ask_start()
        if not start.ok and await self._is_hopeless(start):
            return
        if self._source is not None:
            await self._read_list(self._source, start)
        if self._source is None or (self._listed is not None and self._listed.gone):
            await self._discover(start)
        elif self._listed is not None and self._names_no_posting(self._source, self._listed):
            await self._look_elsewhere(self._source, self._listed, start)
        if self._board is not None:
            await self._ask_board()
        elif self._source is not None and self._listed is not None:
            await self._ask_pages(self._source, self._listed)
        await self._details.settle(may_ask=True)

    # start page and list

    async def _ask_start(self) -> Answer:
        try:
            start = await self._asking.ask(self._start_url)
        except CutShort as end:
            self._start = end.answer
            raise
        self._start = start
        if start.trouble is None:
            self._list_keys.add(start.key)
        return start

    async def _is_hopeless(self, start: Answer) -> bool:
        """Whether nothing is left to ask without the start page: the site is down or closed, or nothing is known."""
        remedy = "; watch that address instead" if start.trouble is Trouble.SCOPE and start.refused_target else ""
        self._problems.append(f"start page {self._start_url}: {start.summary}{remedy}")
        if start.trouble is Trouble.ROBOTS:
            return (await self._connection().rules(urls.origin(start.url))).closed is not None
        if self._source is not None and self._source.kind is SourceKind.BOARD:
            return False
        return start.trouble in _HOPELESS or self._source is None

    async def _read_list(self, source: Source, start: Answer) -> None:
        if source.kind is SourceKind.BOARD:
            if not self._take_board(await self._boards.as_before(start)):
                self._listed = Listed(gone=True, doubts=["the board is not there any more"])
            return
        if source.kind is SourceKind.PAGE:
            await self._read_start_as_list(start)
            return
        sitemaps = [url for url in source.urls if is_sitemap(url)]
        pages = [url for url in source.urls if not is_sitemap(url)]
        listed = await self._explorer.sitemaps(sitemaps)
        if pages:
            of_pages = await self._explorer.lists(pages, start)
            listed.gone = of_pages.gone and (listed.gone or not sitemaps)
            listed.merge(of_pages)
        if source.feeds:
            listed.merge(await self._explorer.feeds(source.feeds))
        self._listed = listed
        await self._learn_shapes(source, listed)

    async def _read_start_as_list(self, start: Answer) -> None:
        self._list_keys -= {start.key, urls.key(self._start_url)}
        self._details.done.add(start.key)
        reading = await self._details.take(start.key, start)
        self._listed = list_of(start, reading, start_url=self._start_url)

    async def _learn_shapes(self, source: Source, listed: Listed) -> None:
        """Samples shapes that were not seen before; all of them once the known ones are gone from the list."""
        if not listed.entries:
            return
        lost = not listed.of_shapes(source.shapes)
        first = not source.shapes
        rejected = () if lost else source.rejected
        shapes, refused = await self._explorer.sample(
            listed,
            known=(*source.shapes, *rejected),
            size=discovery.SAMPLE if first else discovery.LATER_SAMPLE,
            most=discovery.MOST_SAMPLES if first else discovery.MOST_LATER_SAMPLES,
        )
        found = await self._explorer.second_look(listed, rejected)
        self._source = replace(
            source,
            shapes=(*source.shapes, *shapes, *found),
            rejected=tuple(shape for shape in dict.fromkeys((*rejected, *refused)) if shape not in found),
        )

    def _names_no_posting(self, source: Source, listed: Listed) -> bool:
        """Whether there are open postings and the list names none, nor anything like them. One that fails may well be
        back at the next visit, until it has failed for a week."""
        if source.kind not in (SourceKind.SITEMAP, SourceKind.LIST) or listed.of_shapes(source.shapes):
            return False
        if listed.doubts and not self._fails_for_long():
            return False
        open_keys = [key for key, page in self._known.pages.items() if page.open]
        return bool(open_keys) and not any(key in listed.entries for key in open_keys)

    def _fails_for_long(self) -> bool:
        return self._started_at - (self._health.last_complete_at or self._added_at) > _GIVEN_UP_AFTER

    async def _look_elsewhere(self, source: Source, listed: Listed, start: Answer) -> None:
        """The list may have died while another serves. What is found is used beside it, as the list may recover; once
        no visit has been complete for a week, in its place."""
        if start.ok and self._take_board(await self._boards.on_start_page(start)):
            self._problems.append(f"the list names no posting any more; {self._source.reason if self._source else ''}")
            return
        rules = await self._connection().rules(urls.origin(start.url))
        found = await self._explorer.discover(
            start, lambda: self._start_reading, rules, most=discovery.MOST_LATER_SAMPLES
        )
        if found is None or found.listed is None:
            return
        self._problems.append(f"the list names no posting any more; {found.source.reason}")
        if self._fails_for_long():
            self._source, self._listed = found.source, found.listed
            return
        listed.merge(found.listed)
        self._source = replace(
            source,
            urls=tuple(dict.fromkeys((*source.urls, *found.source.urls))),
            feeds=tuple(dict.fromkeys((*source.feeds, *found.source.feeds))),
            shapes=tuple(dict.fromkeys((*source.shapes, *found.source.shapes))),
            rejected=tuple(dict.fromkeys((*source.rejected, *found.source.rejected))),
            reason=found.source.reason,
        )

    async def _discover(self, start: Answer) -> None:
        """Finds out how the site's postings can be found; keeps what is known if nothing better turns up."""
        if start.ok and self._take_board(await self._boards.on_start_page(start)):
            return
        rules = await self._connection().rules(urls.origin(start.url))
        found = await self._explorer.discover(start, lambda: self._start_reading, rules)
        links = self._start_reading.links if self._start_reading else ()
        if found is None and self._take_board(await self._boards.further(links)):
            return
        if found is None:
            self._nothing_found = self._explorer.nothing_found()
            self._problems.append(self._nothing_found)
            return
        self._source = found.source
        if found.listed is None:
            await self._read_start_as_list(start)
        else:
            self._listed = found.listed

    # boards

    def _visit_board(self, board: Board) -> BoardVisit:
        """The visit of a board; the scope of this one is widened by the board's part of its vendor's API."""
        self._connection().admit(board.covers)
        turns = Turns(self._asking.ask, self._limits.delay)

        async def ask_detail(url: str, known: KnownPage | None) -> Answer:
            await turns.wait(url)
            return await self._ask_page(url, known)

        return BoardVisit(
            board,
            ask=turns.ask,
            ask_detail=ask_detail,
            run=self._readers.run,
            known=self._known.pages,
            details=self._details,
            batches=self._batches,
        )

    def _take_board(self, chosen: Chosen | None) -> bool:
        if chosen is None:
            return False
        self._board, self._listed, self._source = chosen.visit, chosen.listed, chosen.source
        self._start = self._start or chosen.visit.answer
        return True

    async def _ask_board(self) -> None:
        """Reads the postings of the board, and asks for the pages that the site had before."""
        board, listed = self._board, self._listed
        assert board is not None
        assert listed is not None
        self._addresses = dict(listed.entries)
        known = {key: page for key, page in self._known.pages.items() if board.is_of(page)}
        gone: list[str] = []
        self._tell(board.board.url)
        if board.has_details:
            await self._ask_all(self._planned(listed.entries, known, listed), board.ask_detail)
        else:
            await board.show()
            gone = [key for key, page in known.items() if page.open and key not in listed.entries]
        former = {key: page for key, page in self._known.pages.items() if page.open and key not in known}
        await self._ask_all([Entry.of(page.url) for key, page in former.items() if self._can_ask(key, page)])
        self._miss([*gone, *(key for key, page in former.items() if not self._can_ask(key, page))], listed)
        await self._details.settle(may_ask=True)

    def _can_ask(self, key: str, page: KnownPage) -> bool:
        """Whether a page that is remembered can be asked for: not one that the list of a board stood for."""
        return urls.key(page.url) == key and urls.same_site(page.url, self._start_url)

    def _miss(self, gone: Iterable[str], listed: Listed) -> None:
        """Postings without a page that could be asked for, which a whole list lacks."""
        answer = self._board.answer if self._board else self._start
        if listed.doubts or answer is None:
            return
        for key in gone:
            self._details.looks[key] = Look(
                address=key,
                url=answer.url,
                absence=Absence.ABSENT,
                status=answer.status,
                at=answer.at,
                detail=f"the list names {len(self._addresses)} postings without it",
            )

    # posting pages

    async def _ask_pages(self, source: Source, listed: Listed) -> None:
        known = self._known.pages
        self._addresses = self._postings_in(source, listed)
        listed.doubts += [f"{url} repeats other list pages" for url in repeats(listed, frozenset(self._addresses))]
        # A posting that stands on the start page needs no page of its own.
        own = {} if source.kind is SourceKind.PAGE else self._addresses
        # What an earlier board listed has no page here.
        asked = {key: page for key, page in known.items() if not page.open or self._can_ask(key, page)}
        targets = self._planned(own, asked, listed)
        self._tell(self._start_url)
        await self._ask_all(targets)
        self._miss([key for key in known.keys() - asked.keys() if key not in own], listed)

    def _planned(self, own: Mapping[str, Entry], known: Mapping[str, KnownPage], listed: Listed) -> list[Entry]:
        """The pages that are due, of those that the list names and those that are known."""
        todo = plan(
            {key: entry.lastmod for key, entry in own.items()},
            known,
            lastmod=self._health.lastmod,
            whole=not listed.doubts,
            expires=not self._health.ignores_valid_through,
            last_visit=self._last_visit(),
            now=self._started_at,
            rng=Random(f"{self._start_url} {self._started_at.isoformat()}"),
            thorough=self._limits.thorough,
        )
        left = todo.spared.left - self._details.done
        self._spared = replace(todo.spared, left=left)
        targets = [own.get(key) or Entry.of(known[key].url) for key in todo.ask if key not in self._list_keys]
        self._details.wanted.update(left, (entry.key for entry in targets))
        return targets

    def _last_visit(self) -> datetime | None:
        """When the visit before was here: at the start page, or where a board is the start, at any posting."""
        known = self._known.pages
        if (start := known.get(urls.key(self._start_url))) is not None:
            return start.last_read_at
        if self._board is None:
            return None
        return max((page.last_read_at for page in known.values() if page.last_read_at), default=None)

    def _postings_in(self, source: Source, listed: Listed) -> dict[str, Entry]:
        """What the list names that carries postings: by shape, or known to."""
        if source.kind is SourceKind.PAGE:
            return dict(listed.entries)
        wanted = listed.of_shapes(source.shapes)
        for key, page in self._known.pages.items():
            if page.open and key in listed.entries:
                wanted[key] = listed.entries[key]
        return {key: entry for key, entry in wanted.items() if key not in self._list_keys}

    async def _ask_all(self, targets: Iterable[Entry], ask: Callable[[Entry], Awaitable[object]] | None = None) -> None:
        """As many at a time as the limits allow; the first failure ends them all."""
        waiting = iter(targets)

        async def work() -> None:
            for entry in waiting:
                await (ask(entry) if ask else self._details.ask(entry.url, entry.lastmod))
                self._tell(entry.url)

        workers = [asyncio.ensure_future(work()) for _ in range(max(1, self._limits.concurrency))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            for worker in workers:
                with suppress(BaseException):
                    await worker

    # asking and reading

    async def _ask_page(self, url: str, known: KnownPage | None) -> Answer:
        if self._pages_left <= 0:
            raise CutShort(f"page budget of {self._limits.pages} reached")
        self._pages_left -= 1
        return await self._asking.ask(url, known=known)

    async def _read_page(self, answer: Answer, links: bool) -> Reading:
        """Raises CutShort where the reader processes themselves are gone; a bad page only is unreadable."""
        try:
            return await self._readers.read(answer.page, links=links)
        except Exception as error:
            raise CutShort(f"the reader processes ended ({type(error).__name__})") from error

    async def _read_links(self, answer: Answer) -> Reading:
        if answer is self._start and self._start_reading is not None:
            return self._start_reading
        reading = await self._read_page(answer, True)
        if answer is self._start:
            self._start_reading = reading
        return reading

    def _tell(self, url: str) -> None:
        if self._progress is not None:
            details = self._details
            listed = len(self._addresses) if self._listed is not None else None
            self._progress(Progress(listed=listed, asked=details.asked, read=details.read, url=url))

    def _is_list_of_board(self) -> bool:
        return self._board is not None and self._start is self._board.answer

    def _list_pages(self) -> dict[str, KnownPage]:
        answers = [self._start] if self._start and self._start.ok and not self._is_list_of_board() else []
        pages = {
            answer.key: KnownPage(
                url=answer.url,
                etag=answer.etag,
                last_modified=answer.last_modified,
                body_hash=answer.body_hash,
                open=False,
                last_read_at=answer.at,
            )
            for answer in answers
        }
        if self._board is not None and self._board.list_page is not None:
            pages[self._board.list_page[0]] = self._board.list_page[1]
        return pages


def _after_wait(answer: Answer | None) -> datetime | None:
    """When the site wants to be asked again; it may say at most a week."""
    if answer is None or answer.wait is None:
        return None
    return answer.at + min(timedelta(seconds=answer.wait), _LONGEST_WAIT)


def _worst(failures: Mapping[str, int], most: int = 5) -> list[str]:
    """The most frequent failures of pages, in words."""
    ranked = sorted(failures.items(), key=lambda item: (-item[1], item[0]))[:most]
    return [f"{count} pages: {what}" if count > 1 else f"1 page: {what}" for what, count in ranked]
