"""A visit, step by step: start page, list (`crawler.finding`), posting pages (`crawler.page_round`), report.

Knows no Scrapy: it asks through a `Connection` and can be read from top to bottom. `crawler.visit` runs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.answers import Answer, Trouble
from crawler.batches import Batches
from crawler.board_choice import BoardChoice
from crawler.connection import Connection, CutShort, Limits
from crawler.detail import Details
from crawler.finding import Finding
from crawler.list_reading import ListReading
from crawler.other_lists import OtherLists
from crawler.page_round import PageRound
from crawler.readers import Readers
from crawler.sampling import Sampling
from crawler.site_access import SiteAccess
from crawler.sources.board import BoardVisit
from crawler.sources.boards import Board
from crawler.sources.known_sitemaps import Before, SitemapFiles
from postings import urls
from postings.sites import Known, KnownPage, Site, SourceKind
from postings.visits import Listing, VisitReport

#: troubles of the start page after which nothing else is asked
_UNREACHABLE = frozenset({Trouble.NAME, Trouble.REFUSED})
_HOPELESS = _UNREACHABLE | {Trouble.CONNECTION, Trouble.CUT, Trouble.TIMEOUT, Trouble.ADDRESS, Trouble.SCOPE}
#: answers of a start page beside which the rest of the site may be there
_NOT_THERE = frozenset({403, 404, 410})
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
        sitemaps: SitemapFiles | None = None,
    ) -> None:
        """`start_url` is the site's, parsed; `connection` is asked for when the visit runs; `sitemaps` is what sitemap
        files said to earlier visits of this process."""
        self._start_url = start_url
        self._known = known
        self._connection = connection
        self._batches = batches
        self._readers = readers
        self._limits = limits
        self._clock = clock
        self._progress = progress
        self._started_at = now = clock()
        self._list_keys = {urls.key(start_url)}
        self._problems: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._cut_short: str | None = None
        self._come_back_at: datetime | None = None
        self._access = access = SiteAccess(connection, readers, limits, known=known.pages, render=site.render)
        earlier = Before(sitemaps, access.asking.ask, now) if sitemaps is not None and not limits.thorough else None
        self._lists = ListReading(
            start_url,
            ask=access.asking.ask,
            ask_list=access.ask_list,
            read=access.read_links,
            list_keys=self._list_keys,
            sitemap_limit=limits.sitemap_max_bytes,
            before=earlier,
        )
        self._details = details = Details(
            start_url=start_url,
            known=known.pages,
            ask=access.ask_page,
            read=access.read,
            batches=batches,
            list_keys=self._list_keys,
            named=self._lists.named,
        )
        self._sampling = Sampling(details=details, list_keys=self._list_keys, tell=self._tell, brief=limits.survey)
        self._others = OtherLists(start_url, lists=self._lists, details=details, known=known.pages, now=now)
        self._finding = self._finding_of(site)
        self._round = self._round_of(site)

    def _finding_of(self, site: Site) -> Finding:
        access = self._access
        boards = BoardChoice(
            self._start_url,
            source=site.source,
            visit=self._visit_board,
            ask=access.asking.ask,
            read=access.read_links,
            shows_posting=self._details.sample,
            problems=self._problems,
        )
        return Finding(
            site,
            start_url=self._start_url,
            known=self._known.pages,
            connection=self._connection,
            ask_list=access.ask_list,
            lists=self._lists,
            others=self._others,
            sampling=self._sampling,
            boards=boards,
            details=self._details,
            reading=lambda: access.start_reading,
            list_keys=self._list_keys,
            problems=self._problems,
            limits=self._limits,
            now=self._started_at,
        )

    def _round_of(self, site: Site) -> PageRound:
        return PageRound(
            start_url=self._start_url,
            known=self._known.pages,
            health=site.health,
            details=self._details,
            others=self._others,
            sampling=self._sampling,
            limits=self._limits,
            list_keys=self._list_keys,
            tell=self._tell,
            now=self._started_at,
            costly=site.render,
            narrowed=site.scope is not None,
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
        connection, details, found, start = self._connection(), self._details, self._finding, self._access.start
        listed = found.listed
        doubts = list(listed.doubts) if listed else [found.nothing_found or "the list was not read"]
        newest_only = listed is not None and listed.newest_only
        return VisitReport(
            started_at=self._started_at,
            ended_at=self._clock(),
            source=found.source,
            listing=Listing(
                addresses=self._round.named(),
                whole=not doubts and not newest_only,
                doubts=tuple(doubts),
                newest_only=newest_only,
                rows=self._list_rows(),
                led_elsewhere=listed is not None and listed.led_elsewhere,
            ),
            looks=tuple(details.looks.values()),
            asked=details.asked or details.refused,
            answered=details.answered,
            read=details.read,
            unreadable=details.unreadable,
            requests=connection.requests,
            answers=connection.answers,
            not_modified=details.not_modified,
            bytes=connection.bytes,
            start_status=start.status if start else None,
            unreachable=start is not None and start.trouble in _UNREACHABLE,
            cut_short=self._cut_short,
            come_back_at=self._come_back_at,
            problems=(
                *self._problems,
                *_worst(details.failures, details.failed_at),
                *(doubts + listed.remarks if listed else ()),
            ),
            robots=dict(connection.robots),
            list_pages={**details.barren, **self._list_pages()},
            spared=self._round.spared,
        )

    async def _steps(self) -> None:
        await self._find()
        found = self._finding
        if self._limits.survey:
            self._round.survey(found.source, found.listed)
            return
        if found.board is not None and found.listed is not None:
            await self._round.ask_board(found.board, found.listed)
        elif found.source is not None and found.listed is not None:
            begin = self._access.start_reading if found.is_new else None
            found.source = await self._round.ask(found.source, found.listed, self._access.start, begin=begin)
        await self._details.settle(may_ask=True)

    async def _find(self) -> None:
        """The list of the site's postings; none where the site says nothing."""
        if not await self._finding.at_start() and not await self._finding.by_sitemap_alone():
            start = await self._ask_start()
            if not start.ok and await self._is_hopeless(start):
                return
            await self._finding.find(start)
        if self._access.start is None and self._finding.board is not None:
            self._access.start = self._finding.board.answer

    async def _ask_start(self) -> Answer:
        try:
            start = await self._access.ask_list(self._start_url)
        except CutShort as end:
            self._access.start = end.answer
            raise
        self._access.start = start
        if start.trouble is None:
            self._list_keys.add(start.key)
        return start

    async def _is_hopeless(self, start: Answer) -> bool:
        """Whether nothing is left to ask without the start page: the site is down or closed, or nothing is known."""
        remedy = "; watch that address instead" if start.trouble is Trouble.SCOPE and start.refused_target else ""
        self._problems.append(f"start page {self._start_url}: {start.summary}{remedy}")
        if start.trouble is Trouble.ROBOTS:
            return (await self._connection().rules(urls.origin(start.url))).closed is not None
        source = self._finding.source
        if source is not None and source.kind is SourceKind.BOARD:
            return False
        if source is not None:
            return start.trouble in _HOPELESS
        # where nothing is there at that address, a sitemap may still say what is
        return start.trouble is not None or start.status not in _NOT_THERE

    def _visit_board(self, board: Board) -> BoardVisit:
        """The visit of a board; the scope of this one is widened by the board's part of its vendor's API."""
        self._connection().admit(board.covers)
        return BoardVisit(
            board,
            ask=self._access.asking.ask,
            ask_detail=self._access.ask_page,
            run=self._readers.run,
            known=self._known.pages,
            details=self._details,
            batches=self._batches,
        )

    def _tell(self, url: str) -> None:
        if self._progress is not None:
            details = self._details
            listed = len(self._round.addresses) if self._finding.listed is not None else None
            self._progress(Progress(listed=listed, asked=details.asked, read=details.read, url=url))

    def _list_rows(self) -> int:
        listed = self._finding.listed
        return listed.rows if listed else 0

    def _list_pages(self) -> dict[str, KnownPage]:
        found, start = self._finding, self._access.start
        pages: dict[str, KnownPage] = {}
        # a page whose postings have gone from it is read in full again, though it does not change, until they close
        emptied = found.source is not None and found.source.kind is SourceKind.PAGE and not self._list_rows()
        if start is not None and start.ok and not emptied and (found.board is None or start is not found.board.answer):
            pages[start.key] = KnownPage(
                url=start.url,
                etag=start.etag,
                last_modified=start.last_modified,
                body_hash=start.body_hash,
                open=False,
                last_read_at=start.at,
            )
        if found.board is not None and found.board.list_page is not None:
            pages[found.board.list_page[0]] = found.board.list_page[1]
        if found.source is not None and found.source.kind is SourceKind.SITEMAP and found.listed is not None:
            # tells the next visit when this one was here, as the start page is not asked in each
            for url in found.source.urls[:1]:
                if (read := found.listed.read.get(url)) is not None and read.trouble is None:
                    pages[urls.key(url)] = KnownPage(url=url, open=False, last_read_at=read.at)
        return pages


def _after_wait(answer: Answer | None) -> datetime | None:
    """When the site wants to be asked again; it may say at most a week."""
    if answer is None or answer.wait is None:
        return None
    return answer.at + min(timedelta(seconds=answer.wait), _LONGEST_WAIT)


def _worst(failures: Mapping[str, int], failed_at: Mapping[str, str], most: int = 5) -> list[str]:
    """The most frequent failures of pages, in words, each with an address where it was met."""
    ranked = sorted(failures.items(), key=lambda item: (-item[1], item[0]))[:most]
    return [f"{count} {'page' if count == 1 else 'pages'}: {what}, as at {failed_at[what]}" for what, count in ranked]
