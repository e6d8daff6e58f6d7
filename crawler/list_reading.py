"""Reads the lists of one site in one visit: sitemaps, list pages and feeds, with the links that list pages hold."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace

from crawler.answers import Answer
from crawler.discovery import MOST_TRIED_PAGES
from crawler.listing import Ask, Listed, ReadLinks
from crawler.pages import Link, Reading
from crawler.scope import WHOLE, Scope
from crawler.sighted import headed_by
from crawler.sources.embedded import loaded_parts
from crawler.sources.feed import names_feed, read_feeds
from crawler.sources.forms import with_forms
from crawler.sources.known_sitemaps import Before
from crawler.sources.list import MOST_PAGES, walk_list
from crawler.sources.sitemap import walk_sitemaps
from postings import urls

#: bytes from which a page's forms are looked at in a thread
_LARGE = 64 * 1024


class ListReading:
    """The lists of one site in one visit."""

    def __init__(
        self,
        start_url: str,
        *,
        ask: Ask,
        ask_list: Ask,
        read: ReadLinks,
        list_keys: set[str],
        sitemap_limit: int,
        before: Before | None = None,
    ) -> None:
        """`before` is what sitemap files said when this process read them last. `ask_list` asks for list pages, `ask`
        for sitemaps and feeds. `list_keys` takes the address keys of list pages; `sitemap_limit` in bytes."""
        self._start_url = start_url
        self._ask = ask
        self._ask_list = ask_list
        self._read = read
        self._sitemap_limit = sitemap_limit
        self._before = before
        self.list_keys = list_keys
        #: what the lists name elsewhere is left out
        self.scope = WHOLE
        self._read_lists: list[Listed] = []
        #: the links of the list pages that were read since they were last followed, and those before
        self._links: dict[str, Sequence[Link]] = {}
        self._followed: list[Link] = []
        #: how many postings stand on list pages themselves
        self._carried: dict[str, int] = {}

    async def sitemaps(self, roots: Sequence[str]) -> Listed:
        """What the sitemap files from `roots` down name."""
        listed = await walk_sitemaps(
            self._ask, roots, start_url=self._start_url, limit=self._sitemap_limit, before=self._before
        )
        self.narrow(listed)
        return listed

    async def lists(
        self,
        starts: Sequence[str],
        start: Answer | None = None,
        most: int = MOST_PAGES,
        *,
        shapes: Collection[str] = (),
    ) -> Listed:
        """What the list pages from `starts` on name, `most` of them; `start` is the start page's answer, so as not to
        ask twice, and `shapes` are those of postings, where they are known."""
        listed = await self.walk(starts, start, most, shapes=shapes)
        for url in listed.pages:
            self.list_keys.update((urls.key(url), listed.read[url].key))
        return listed

    async def walk(
        self, starts: Sequence[str], start: Answer | None, most: int = MOST_PAGES, *, shapes: Collection[str] = ()
    ) -> Listed:
        """What the list pages from `starts` on name, `most` of them; nothing counts as a list page for it."""
        listed = await walk_list(
            self._ask_list,
            self.read_links,
            starts,
            start_url=self._start_url,
            first=start,
            most_pages=most,
            shapes=shapes,
        )
        self.narrow(listed)
        return listed

    async def try_walk(
        self, url: str, start: Answer | None, *, shapes: Sequence[str], most: int = MOST_TRIED_PAGES
    ) -> Listed:
        """What the list pages from `url` on name; only the first of them, up to `most`, where those name no address of
        `shapes`: calendars and blogs go on for ever."""
        listed = await self.walk([url], start, most)
        if len(listed.pages) >= most and listed.of_shapes(shapes):
            listed = await self.walk([url], start)
        return listed

    async def feeds(self, addresses: Sequence[str], *, alone: bool = False) -> Listed:
        """What feeds name, in addition to a list or `alone`."""
        listed = await read_feeds(self._ask, addresses, start_url=self._start_url, alone=alone)
        self.narrow(listed)
        return listed

    def narrow(self, listed: Listed) -> None:
        """Leaves out what a list names outside of the scope."""
        self._read_lists.append(listed)
        scope = self.scope
        if scope.path:
            led = self.named_by_own(listed) if scope.led else frozenset()
            listed.keep(lambda key: key in led or scope.covers(key))

    def named(self, key: str) -> str | None:
        """The address of this key, if a list named it."""
        return next((listed.entries[key].url for listed in self._read_lists if key in listed.entries), None)

    def named_by_own(self, listed: Listed, scope: Scope | None = None) -> frozenset[str]:
        """The address keys that the list pages name which lie in the scope themselves, with the start page."""
        own, home = scope or self.scope, urls.key(self._start_url)
        pages = (
            keys
            for url, keys in listed.pages.items()
            if urls.key(began := listed.began.get(url, url)) == home or own.covers(urls.key(began))
        )
        return frozenset().union(*pages)

    async def own_feed(self, start: Answer) -> Listed | None:
        """What the start page names if it is a feed itself."""
        if not names_feed(start.body):
            return None
        own = await read_feeds(self._ask, [start.url], start_url=self._start_url, first=start)
        return own if own.entries else None

    async def read_links(self, answer: Answer) -> Reading:
        """A page with its links and where its forms lead, which are kept."""
        reading = await self.with_forms(await self._read(answer), answer)
        self._links[answer.url] = reading.links
        if len(reading.postings) > 1 and headed_by(reading.postings, reading.heading) is None:
            self._carried[answer.url] = len(reading.postings)
        return reading

    @staticmethod
    async def with_forms(reading: Reading, answer: Answer) -> Reading:
        """The reading of a page with where its forms lead, and what it loads into itself, among its links."""
        if len(answer.body) < _LARGE:
            return _with_parts(with_forms(reading, answer.page), answer)
        return await asyncio.to_thread(lambda: _with_parts(with_forms(reading, answer.page), answer))

    def most_carried(self) -> tuple[str, int] | None:
        """The list page that carries the most postings itself, the first of equals, and how many; None if none carries
        several. The page of a posting, with similar ones beside it, is no such page."""
        return max(self._carried.items(), key=lambda one: one[1], default=None)

    def begin_with(self, links: Sequence[Link]) -> None:
        """Only these, of the start page, are to be followed."""
        self._links = {self._start_url: links}

    def unfollowed(self) -> list[Link]:
        """The links that were not asked for before; from now on they have been."""
        links = [link for found in self._links.values() for link in found]
        self._links.clear()
        self._followed += links
        return self._inside(links)

    def links_seen(self) -> list[Link]:
        """All links of the list pages that were read."""
        return self._inside([*self._followed, *(link for found in self._links.values() for link in found)])

    def _inside(self, links: list[Link]) -> list[Link]:
        scope = self.scope
        return [
            link
            for link in links
            if not scope.path or scope.covers(urls.key(link.url)) or not urls.same_site(link.url, self._start_url)
        ]


def _with_parts(reading: Reading, answer: Answer) -> Reading:
    parts = [Link(url, tag="iframe") for url in loaded_parts(answer.body, answer.url)]
    return replace(reading, links=(*reading.links, *parts)) if parts else reading


def union(*lists: Listed) -> Listed:
    """What several lists name together."""
    whole = Listed()
    for listed in lists:
        whole.merge(listed)
    return whole
