"""How a visit comes to the list of its site's postings: reads the source that is known, or finds one.

`crawler.visiting` asks. A list that names no posting any more is looked behind: another one may serve by now.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from crawler import discovery
from crawler.answers import Answer
from crawler.board_choice import BoardChoice, Chosen
from crawler.chromium import how_to_render
from crawler.connection import Connection, Limits
from crawler.detail import Details
from crawler.exploring import Explorer
from crawler.list_reading import ListReading
from crawler.listing import Ask, Listed
from crawler.other_lists import OtherLists
from crawler.pages import Reading
from crawler.sampling import Sampling
from crawler.scope import WHOLE, Scope
from crawler.scoping import Scoping
from crawler.shells import is_shell
from crawler.sighted import face
from crawler.sources.board import BoardVisit
from crawler.sources.further_pages import further_pages, guessed_pages
from crawler.sources.page import list_of
from crawler.sources.sitemap_file import is_sitemap
from postings import urls
from postings.recheck import ROUND
from postings.sites import KnownPage, Site, Source, SourceKind

#: a list that has served no complete visit for so long is given up for one that does
_GIVEN_UP_AFTER = timedelta(days=7)
#: pages that carry the postings themselves, one after the other
_MOST_CARRYING = 200
#: kinds that another list can stand beside; the others are given up for it at once, since they name nothing any more
_SHARED = frozenset({SourceKind.SITEMAP, SourceKind.LIST})


class Finding:
    """The source of one site in one visit, and what its list says."""

    def __init__(
        self,
        site: Site,
        *,
        start_url: str,
        known: Mapping[str, KnownPage],
        connection: Callable[[], Connection],
        ask_list: Ask,
        lists: ListReading,
        others: OtherLists,
        sampling: Sampling,
        boards: BoardChoice,
        details: Details,
        reading: Callable[[], Reading | None],
        list_keys: set[str],
        problems: list[str],
        limits: Limits,
        now: datetime,
    ) -> None:
        """`reading` gives that of the start page, once it was read; `list_keys` and `problems` are the visit's."""
        self._site = site
        self._start_url = start_url
        self._known = known
        self._connection = connection
        self._ask_list = ask_list
        self._lists = lists
        self._others = others
        self._sampling = sampling
        before = site.source
        self._scoping = Scoping(
            start_url,
            chosen=site.scope,
            found=Scope(before.scope, led=before.led) if before is not None and before.scope is not None else None,
            known=known,
            details=details,
            list_keys=list_keys,
        )
        lists.scope = self._scoping.scope or WHOLE
        self._explorer = Explorer(start_url, lists=lists, sampling=sampling, details=details, scoping=self._scoping)
        self._boards = boards
        self._details = details
        self._reading = reading
        self._list_keys = list_keys
        self._problems = problems
        self._limits = limits
        self._now = now
        self.source = site.source
        self.listed: Listed | None = None
        #: the board whose list was read, if the source is one
        self.board: BoardVisit | None = None
        #: what the sitemaps said before the start page was asked
        self._early: Listed | None = None
        #: the list names no posting and its cross-checks do
        self._others_serve = False
        #: what to tell a person where no posting was found
        self.nothing_found = ""

    @property
    def is_new(self) -> bool:
        """Whether the source was found in this visit."""
        return self.source is not None and self._site.source is None

    async def at_start(self) -> bool:
        """Whether the start address itself is that of a board, whose list is read then."""
        return self._take(await self._boards.at_start())

    async def by_sitemap_alone(self) -> bool:
        """Reads the list without the start page where nothing but a sitemap serves, the start page was asked within the
        day, no posting is about to go, and the sitemap names all that are open; False if the start page has to be
        asked: it is evidence then."""
        source, start = self.source, self._known.get(urls.key(self._start_url))
        if (
            source is None
            or not self._serves_alone(source)
            or start is None
            or start.last_read_at is None
            or not self._now - start.last_read_at < ROUND
            or self._site.health.suspects
            or any(page.open and page.missing for page in self._known.values())
        ):
            return False
        self._early = listed = await self._lists.sitemaps(source.urls)
        named = listed.entries
        if listed.doubts or listed.gone or not listed.of_shapes(source.shapes):
            return False
        if any(page.open and key not in named and page.via not in named for key, page in self._known.items()):
            return False
        self.listed = listed
        await self._learn_shapes(source, listed)
        self._keep_scope()
        return True

    def _serves_alone(self, source: Source) -> bool:
        """Whether only sitemaps, and no page of the site, are read to find its postings."""
        return (
            source.kind is SourceKind.SITEMAP
            and not (source.carries or source.checks or source.feeds)
            and not (self._limits.thorough or self._limits.survey or self._site.render)
            and all(is_sitemap(url) for url in source.urls)
        )

    async def find(self, start: Answer) -> None:
        """Reads the list of the source that is known; looks for another one where there is none, or it is dead."""
        if self.source is not None:
            await self._read(self.source, start)
        if self.source is None or (self.listed is not None and self.listed.gone):
            await self._discover(start)
        elif self.listed is not None and self._names_no_posting(self.source, self.listed):
            await self._look_elsewhere(self.source, self.listed, start)
        self._keep_scope()

    def _keep_scope(self) -> None:
        scope, before = self._scoping.scope, self._site.source
        if self.source is None or scope is None:
            return
        self.source = replace(self.source, scope=scope.path, led=scope.led)
        if scope.path and self._site.scope is None and (before is None or before.scope is None):
            host = urls.host_key(self._start_url)
            self._problems.append(
                f"the postings elsewhere on {host} are other employers': the site is {host}{scope.path} from now on"
            )

    # the source that is known

    async def _read(self, source: Source, start: Answer) -> None:
        match source.kind:
            case SourceKind.BOARD:
                if not self._take(await self._boards.as_before(start)):
                    self.listed = Listed(gone=True, doubts=["the board is not there any more"])
            case SourceKind.PAGE:
                await self._read_page_as_list(source, start)
            case SourceKind.FEED:
                self.listed = await self._lists.feeds(source.urls, alone=True)
                await self._learn_shapes(source, self.listed)
            case _:
                self.listed = listed = await self._read_lists(source, start)
                source = await self._without_closed(source, listed, start)
                if further := await self._further(source, listed, start):
                    source = replace(source, urls=(*source.urls, *further))
                await self._learn_shapes(source, listed)
                if self.source is not None:
                    self.source = replace(self.source, urls=source.urls)

    async def _read_lists(self, source: Source, start: Answer) -> Listed:
        rules = await self._connection().rules(urls.origin(start.url))
        named = {urls.parse(line, start.url) for line in rules.sitemaps}
        sitemaps = [url for url in source.urls if is_sitemap(url) or url in named]
        pages = [url for url in source.urls if url not in sitemaps]
        listed = self._early or await self._lists.sitemaps(sitemaps)
        if pages:
            of_pages = await self._lists.lists(pages, start, shapes=source.shapes)
            listed.gone = of_pages.gone and (listed.gone or not sitemaps)
            listed.merge(of_pages)
        if source.feeds:
            listed.merge(await self._lists.feeds(source.feeds))
        if source.checks and not listed.gone:
            self._others_serve = await self._others.check(listed, source, start)
        return listed

    async def _without_closed(self, source: Source, listed: Listed, start: Answer) -> Source:
        """The source without list pages that say 404 or 410 and that no page leads to any more: a department that was
        closed takes nothing away from what the others list."""
        closed = [
            url
            for url, answer in listed.read.items()
            if url in source.urls and not is_sitemap(url) and answer.trouble is None and answer.status in (404, 410)
        ]
        if not closed or not start.ok or listed.gone or len(closed) == len(source.urls):
            return source
        begin = await self._lists.read_links(start)
        led_to = {urls.key(link.url) for link in (*begin.links, *self._lists.links_seen())}
        closed = [url for url in closed if urls.key(url) not in led_to]
        for url in closed:
            said = f"{listed.read[url].asked}: {listed.read[url].summary}"
            listed.doubts = [doubt for doubt in listed.doubts if doubt != said]
            listed.remarks.append(f"{url} is not there any more, and no page leads to it")
        return replace(source, urls=tuple(url for url in source.urls if url not in closed))

    async def _further(self, source: Source, listed: Listed, start: Answer) -> tuple[str, ...]:
        """List pages that others lead to, and that were not known to be lists of the site."""
        if not listed.pages or listed.gone:
            return ()
        alike = {shape for shape in map(urls.shape, source.urls) if "*" in shape}
        begin = (await self._lists.read_links(start)).links if alike and start.ok else ()
        beside = [link for link in begin if urls.shape(link.url) in alike]
        return await self._others.further(listed, source, beside=beside)

    async def _read_page_as_list(self, source: Source, start: Answer) -> None:
        """The page that carries the postings itself, most often the start page."""
        where = urls.key(source.urls[0]) if source.urls else start.key
        page = start if where in (start.key, urls.key(self._start_url)) else await self._ask_list(source.urls[0])
        self._list_keys -= {page.key, where}
        self._details.done.add(page.key)
        reading = await self._details.take(page.key, page)
        self.listed = list_of(page, reading, start_url=self._start_url)
        if not page.ok:
            return
        await self._read_further_pages(page, self.listed)
        if why := await self._others.leads_further(page, self.listed):
            self.listed.names_fewer(why)

    async def _read_further_pages(self, first: Answer, listed: Listed) -> None:
        """The pages that follow one which carries the postings itself: each carries others."""
        begin = await self._lists.read_links(first)
        carried = set(face(begin.postings))
        waiting = deque(await asyncio.to_thread(_pages_behind, first, begin))
        seen = {first.key, urls.key(self._start_url)}
        while waiting:
            url = waiting.popleft()
            if (key := urls.key(url)) in seen or not urls.same_site(url, self._start_url):
                continue
            seen.add(key)
            if len(listed.read) >= _MOST_CARRYING:
                listed.doubts.append(f"more than {_MOST_CARRYING} pages with postings")
                return
            answer = await self._ask_list(url)
            reading = await self._lists.read_links(answer) if answer.ok else None
            if reading is not None and not face(reading.postings) - carried:
                # the first page once more, or one behind the last
                continue
            self._details.done.add(key)
            taken = await self._details.take(key, answer)
            listed.merge(list_of(answer, taken, start_url=self._start_url))
            if reading is not None:
                carried |= face(reading.postings)
                listed.carried = len(carried)
                waiting.extend(await asyncio.to_thread(_pages_behind, answer, reading))

    async def _learn_shapes(self, source: Source, listed: Listed) -> None:
        """Samples shapes that were not seen before; all of them once the known ones are gone from the list."""
        if not listed.entries:
            return
        await self._scoping.decide(listed, self._lists.named_by_own(listed), without=source.rejected)
        if self._scoping.scope is not None:
            self._lists.scope = self._scoping.scope
            self._lists.narrow(listed)
        lost = not listed.of_shapes(source.shapes)
        first = not source.shapes
        rejected = () if lost else source.rejected
        shapes, refused = await self._sampling.sample(
            listed,
            known=(*source.shapes, *rejected),
            size=discovery.SAMPLE if first else discovery.LATER_SAMPLE,
            most=discovery.MOST_SAMPLES if first else discovery.MOST_LATER_SAMPLES,
        )
        found = await self._sampling.second_look(listed, rejected, thorough=self._limits.thorough)
        self.source = replace(
            source,
            shapes=(*source.shapes, *shapes, *found),
            rejected=tuple(shape for shape in dict.fromkeys((*rejected, *refused)) if shape not in found),
        )

    # another one

    def _names_no_posting(self, source: Source, listed: Listed) -> bool:
        """Whether there are postings and the list names none, nor anything like them. One that fails may well be back
        at the next visit, until it has failed for a week."""
        if listed.doubts and not self._fails_for_long():
            return False
        open_keys = [key for key, page in self._known.items() if page.open]
        if source.kind is SourceKind.PAGE:
            return bool(open_keys) and not listed.rows
        if listed.of_shapes(source.shapes):
            return False
        return (bool(open_keys) or self._others_serve) and not any(key in listed.entries for key in open_keys)

    def _fails_for_long(self) -> bool:
        return self._now - (self._site.health.last_complete_at or self._site.added_at) > _GIVEN_UP_AFTER

    async def _look_elsewhere(self, source: Source, listed: Listed, start: Answer) -> None:
        """The list may have died while another serves. What is found is used beside it, as the list may recover; once
        no visit has been complete for a week, in its place."""
        if start.ok and self._take(await self._boards.on_start_page(start)):
            self._problems.append(f"the list names no posting any more; {self.source.reason if self.source else ''}")
            return
        rules = await self._connection().rules(urls.origin(start.url))
        found = await self._explorer.discover(start, self._reading, rules, most=discovery.MOST_LATER_SAMPLES)
        if found is None:
            return
        if found.listed is None:
            if self._carries_most(source):
                self._problems.append(f"the list names no posting any more; {found.source.reason}")
                self.source = found.source
                await self._read_page_as_list(found.source, start)
            return
        self._problems.append(f"the list names no posting any more; {found.source.reason}")
        if source.kind not in _SHARED or found.source.kind not in _SHARED or self._fails_for_long():
            self.source, self.listed, self.board = found.source, found.listed, None
            return
        listed.merge(found.listed)
        self.source = replace(
            source,
            urls=tuple(dict.fromkeys((*source.urls, *found.source.urls))),
            feeds=tuple(dict.fromkeys((*source.feeds, *found.source.feeds))),
            shapes=tuple(dict.fromkeys((*source.shapes, *found.source.shapes))),
            rejected=tuple(dict.fromkeys((*source.rejected, *found.source.rejected))),
            checks=tuple(url for url in source.checks if url not in found.source.urls),
            reason=found.source.reason,
        )

    def _carries_most(self, source: Source) -> bool:
        """Whether the start page carries at least half as many postings as are open, itself: it took the place of the
        list."""
        reading = self._reading()
        carried = len(reading.postings) if reading else 0
        is_open = sum(page.open for page in self._known.values())
        return source.kind is not SourceKind.PAGE and 2 * carried >= is_open

    async def _discover(self, start: Answer) -> None:
        """Finds out how the site's postings can be found; keeps what is known if nothing better turns up."""
        if start.ok and self._take(await self._boards.on_start_page(start)):
            return
        rules = await self._connection().rules(urls.origin(start.url))
        found = await self._explorer.discover(start, self._reading, rules)
        reading = self._reading()
        if found is None and self._take(await self._boards.further(reading.links if reading else ())):
            return
        if found is None:
            found = await self._explorer.search(self._reading, most=self._most_searched())
        if found is None:
            silent = start.ok and not self._site.render and is_shell(start.body)
            self.nothing_found = self._explorer.nothing_found(how_to_render(self._site.name) if silent else "")
            self._problems.append(self.nothing_found)
            return
        self.source = found.source
        if found.listed is None:
            await self._read_page_as_list(found.source, start)
        else:
            self.listed = found.listed

    def _most_searched(self) -> int:
        """How many pages are read one by one where no sample shows a posting: many once, and when a person asks."""
        looked_before = any(page.barren for page in self._known.values())
        brief = self._limits.survey or (looked_before and not self._limits.thorough)
        return discovery.MOST_LATER_SEARCHED if brief else discovery.MOST_SEARCHED

    def _take(self, chosen: Chosen | None) -> bool:
        if chosen is None:
            return False
        self.board, self.listed, self.source = chosen.visit, chosen.listed, chosen.source
        return True


def _pages_behind(answer: Answer, reading: Reading) -> list[str]:
    """The pages that follow one of a list, and what may be some."""
    behind = further_pages(answer.url, reading, answer.body)
    return [*behind, *guessed_pages(answer.url, reading, answer.body).values()]
