"""The pages that one visit asks, once the list is read: those of the list, of a board, and those that they lead to.

`crawler.visiting` calls it; which pages are due is decided by `postings.recheck`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from random import Random

from crawler import discovery
from crawler.answers import Answer
from crawler.connection import Limits
from crawler.detail import Details
from crawler.listing import Entry, Listed
from crawler.other_lists import OtherLists
from crawler.pages import Reading
from crawler.sampling import Sampling
from crawler.scope import Scope
from crawler.sources.board import BoardVisit
from crawler.sources.list import repeats
from postings import urls
from postings.comparison import is_long
from postings.recheck import plan
from postings.sites import Health, KnownPage, Source, SourceKind
from postings.visits import Absence, Look, Spared

#: how often the translations of translations are asked for
_MOST_ROUNDS = 3


class PageRound:
    """The posting pages of one visit."""

    def __init__(
        self,
        *,
        start_url: str,
        known: Mapping[str, KnownPage],
        health: Health,
        details: Details,
        others: OtherLists,
        sampling: Sampling,
        limits: Limits,
        list_keys: set[str],
        tell: Callable[[str], None],
        now: datetime,
        costly: bool = False,
        narrowed: bool = False,
    ) -> None:
        """`known` is what is remembered of the site's pages; `tell` is told each address that was asked. A `costly`
        page is one that a browser has to show; `narrowed` says that a person chose the part of the host."""
        self._start_url = start_url
        self._known = known
        self._health = health
        self._details = details
        self._others = others
        self._sampling = sampling
        self._limits = limits
        self._list_keys = list_keys
        self._tell = tell
        self._now = now
        self._costly = costly
        self._narrowed = narrowed
        #: what the list names that carries postings, or leads to some
        self.addresses: dict[str, Entry] = {}
        self._spared = Spared()

    @property
    def spared(self) -> Spared:
        """What was left for later visits."""
        return replace(self._spared, tested=self._spared.tested & self._details.shown)

    def named(self) -> frozenset[str]:
        """The address keys that the list names, with those that it leads to by redirects and as translations."""
        own, details = self.addresses, self._details
        led = (target for key, target in details.leads.led_to.items() if key in own)
        return frozenset((*own, *led, *(key for key in details.shown.difference(own) if details.leads.via(key) in own)))

    async def ask(self, source: Source, listed: Listed, start: Answer | None, *, begin: Reading | None) -> Source:
        """Asks the pages that are due of a list; gives the source with what was learnt on the way.

        `start` is None where the start page was not asked, as the list names all that was open. `begin` is the reading
        of the start page where the source was found in this very visit.
        """
        named = self._postings_in(source, listed)
        beyond = self._beyond(source)
        listed.doubts += [f"{url} repeats other list pages" for url in repeats(listed, frozenset(named))]
        if listed.stated > len(named) > 0:
            listed.names_fewer(f"the list says that there are {listed.stated} postings and names {len(named)}")
        # No list speaks for postings that came to be out of scope: only their pages do.
        self.addresses = {**named, **self._led_to(named), **beyond}
        # A posting that stands on the start page needs no page of its own.
        own = {} if source.kind is SourceKind.PAGE else self.addresses
        self._details.listed.update(own)
        # What an earlier board listed has no page here.
        asked = {key: page for key, page in self._known.items() if not page.open or self._can_ask(key, page)}
        targets = self._planned(own, asked, listed, source=source)
        whole = not listed.doubts and not listed.newest_only
        self._details.list_is_empty = whole and not own and source.kind in (SourceKind.LIST, SourceKind.SITEMAP)
        if own and whole:
            self._details.off_list.update(key for key, page in asked.items() if page.open and key not in own)
            self._details.unnamed.update(
                key for key, page in asked.items() if page.open and not page.missing and key not in own
            )
        self._tell(self._start_url)
        # where a page leads that was listed before tells what a new one is (C.4)
        await self._ask_all([entry for entry in targets if entry.key in self._details.unnamed])
        await self._ask_all([entry for entry in targets if entry.key not in self._details.unnamed])
        if start is not None:
            source = await self._look_through(source, listed, start, asked)
        self._miss([key for key in self._known.keys() - asked.keys() if key not in own], listed, start)
        source = await self._ask_translations(source)
        if start is not None and begin is not None and self._carries(source, begin, start):
            source = replace(source, carries=True)
        if source.carries and start is not None and start.ok:
            self.addresses[start.key] = Entry.of(start.url)
            self._details.done.add(start.key)
            await self._details.take(start.key, start)
        return source

    async def _look_through(
        self, source: Source, listed: Listed, start: Answer, asked: Mapping[str, KnownPage]
    ) -> Source:
        """Where pages answer that a whole list lacks: looks for the list that names them, before its word is
        believed."""
        if source.kind not in (SourceKind.LIST, SourceKind.SITEMAP) or listed.doubts or listed.newest_only:
            return source
        named = self.named()
        lost = {
            key: page.url
            for key, page in asked.items()
            if page.open and key in self._details.shown and key not in named and key not in self._list_keys
        }
        if not lost:
            return source
        anew = any(not asked[key].missing for key in lost)
        found = await self._others.look_through(lost, listed, source, start, anew=anew)
        if not found:
            return source
        source = replace(source, urls=(*source.urls, *(url for url in found if url not in source.urls)))
        more = self._postings_in(source, listed)
        fresh = [entry for key, entry in more.items() if key not in self._known and key not in self._details.done]
        self.addresses |= more
        self._details.listed.update(more)
        self._details.wanted.update(entry.key for entry in fresh)
        await self._ask_all(fresh)
        return source

    def _carries(self, source: Source, begin: Reading, start: Answer) -> bool:
        """Whether the start page carries whole postings that no page of their own showed. Rows of the list, which
        repeat some of what the pages say, are none."""
        if source.kind not in (SourceKind.LIST, SourceKind.SITEMAP):
            return False
        details = self._details
        own = [
            read.posting
            for read in begin.postings
            if read.own_url is None
            or urls.key(read.own_url) == start.key
            or not urls.same_site(read.own_url, self._start_url)
        ]
        return bool(own) and all(
            is_long(posting)
            and posting.title is not None
            and not any(
                title in posting.title.casefold() or posting.title.casefold() in title for title in details.titles
            )
            for posting in own
        )

    def survey(self, source: Source | None, listed: Listed | None) -> None:
        """Notes what the list names, and asks for none of it."""
        if source is None or listed is None:
            return
        self.addresses = dict(listed.entries) if source.kind is SourceKind.BOARD else self._postings_in(source, listed)

    def _postings_in(self, source: Source, listed: Listed) -> dict[str, Entry]:
        """What the list names that carries postings: by shape, or known to."""
        if source.kind is SourceKind.PAGE:
            return dict(listed.entries)
        wanted = listed.of_shapes(source.shapes)
        for key, page in self._known.items():
            if page.open and key in listed.entries:
                wanted[key] = listed.entries[key]
        return {key: entry for key, entry in wanted.items() if key not in self._list_keys}

    def _beyond(self, source: Source) -> dict[str, Entry]:
        """The pages of open postings outside of the site's part of the host, of before it was narrowed to that."""
        scope = Scope(source.scope or "")
        if not scope.path or (source.led and not self._narrowed):
            return {}
        return {
            key: Entry.of(page.url)
            for key, page in self._known.items()
            if page.open and page.via is None and not scope.covers(key) and self._can_ask(key, page)
        }

    def _led_to(self, own: Mapping[str, Entry]) -> dict[str, Entry]:
        """Pages that those of the list led to when they were asked last."""
        return {
            key: Entry.of(page.url, own[page.via].lastmod)
            for key, page in self._known.items()
            if page.via is not None and page.via in own and key not in own
        }

    async def _ask_translations(self, source: Source) -> Source:
        """Asks for what the pages of the list name as the same in other languages, where such pages carry postings."""
        details = self._details
        for _ in range(_MOST_ROUNDS):
            fresh = Listed()
            for key, url in details.leads.alternates.items():
                if key not in details.done and key not in self._list_keys and key not in self._known:
                    fresh.add(Entry.of(url))
            if not fresh.entries:
                break
            shapes, refused = await self._sampling.sample(
                fresh,
                known=(*source.shapes, *source.rejected),
                size=discovery.LATER_SAMPLE,
                most=discovery.MOST_LATER_SAMPLES,
            )
            source = replace(source, shapes=(*source.shapes, *shapes), rejected=(*source.rejected, *refused))
            await self._ask_all(list(fresh.of_shapes(source.shapes).values()))
        return source

    async def ask_board(self, board: BoardVisit, listed: Listed) -> None:
        """Reads the postings of a board, and asks for the pages that the site had before."""
        self.addresses = dict(listed.entries)
        known = {key: page for key, page in self._known.items() if board.is_of(page)}
        gone: list[str] = []
        self._tell(board.board.url)
        if board.has_details:
            await self._ask_all(self._planned(listed.entries, known, listed, board=True), board.ask_detail)
        else:
            await board.show()
            gone = [key for key, page in known.items() if page.open and key not in listed.entries]
        former = {key: page for key, page in self._known.items() if page.open and key not in known}
        await self._ask_all([Entry.of(page.url) for key, page in former.items() if self._can_ask(key, page)])
        lost = [*gone, *(key for key, page in former.items() if not self._can_ask(key, page))]
        self._miss(lost, listed, board.answer)

    def _can_ask(self, key: str, page: KnownPage) -> bool:
        """Whether a page that is remembered can be asked for: not one that the list of a board stood for."""
        return urls.key(page.url) == key and urls.same_site(page.url, self._start_url)

    def _miss(self, gone: Iterable[str], listed: Listed, answer: Answer | None) -> None:
        """Postings without a page that could be asked for, which a whole list lacks; `answer` is the evidence."""
        if listed.doubts or listed.newest_only or answer is None:
            return
        for key in gone:
            self._details.looks[key] = Look(
                address=key,
                url=answer.url,
                absence=Absence.ABSENT,
                status=answer.status,
                at=answer.at,
                detail=f"the list names {len(self.addresses)} postings without it",
            )

    def _planned(
        self,
        own: Mapping[str, Entry],
        known: Mapping[str, KnownPage],
        listed: Listed,
        *,
        source: Source | None = None,
        board: bool = False,
    ) -> list[Entry]:
        """The pages that are due, of those that the list names and those that are known."""
        todo = plan(
            {key: entry.lastmod for key, entry in own.items()},
            known,
            lastmod=self._health.lastmod,
            whole=not listed.doubts and not listed.newest_only,
            expires=self._health.believes_dates,
            last_visit=self._last_visit(source, board=board),
            now=self._now,
            rng=Random(f"{self._start_url} {self._now.isoformat()}"),
            thorough=self._limits.thorough,
            costly=self._costly,
        )
        left = todo.spared.left - self._details.done
        self._spared = replace(todo.spared, left=left)
        targets = [own.get(key) or Entry.of(known[key].url) for key in todo.ask if key not in self._list_keys]
        self._details.wanted.update(left, (entry.key for entry in targets))
        # A redirect that is asked anew answers for where it leads to.
        asked = {entry.key for entry in targets}
        return sorted(targets, key=lambda entry: entry.key in known and known[entry.key].via in asked)

    def _last_visit(self, source: Source | None, *, board: bool) -> datetime | None:
        """When the visit before was here: at the start page or the sitemap, or where a board is the start, at any
        posting."""
        known = self._known
        pages = [known.get(urls.key(url)) for url in (self._start_url, *(source.urls[:1] if source else ()))]
        read = [page.last_read_at for page in pages if page is not None and page.last_read_at is not None]
        if read or not board:
            return max(read, default=None)
        return max((page.last_read_at for page in known.values() if page.last_read_at), default=None)

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
