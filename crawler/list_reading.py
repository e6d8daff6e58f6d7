"""Reads the lists of one site in one visit: sitemaps, list pages and feeds, with the links that list pages hold."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.answers import Answer
from crawler.listing import Ask, Listed, ReadLinks
from crawler.pages import Link, Reading
from crawler.sources.feed import names_feed, read_feeds
from crawler.sources.list import MOST_PAGES, walk_list
from crawler.sources.sitemap import walk_sitemaps
from postings import urls


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
    ) -> None:
        """`ask_list` asks for list pages, `ask` for sitemaps and feeds. `list_keys` takes the address keys of list pages;
        `sitemap_limit` in bytes."""
        self._start_url = start_url
        self._ask = ask
        self._ask_list = ask_list
        self._read = read
        self._sitemap_limit = sitemap_limit
        self.list_keys = list_keys
        #: the links of the list pages that were read since they were last followed, and those before
        self._links: dict[str, Sequence[Link]] = {}
        self._followed: list[Link] = []

    async def sitemaps(self, roots: Sequence[str]) -> Listed:
        """What the sitemap files from `roots` down name."""
        return await walk_sitemaps(self._ask, roots, start_url=self._start_url, limit=self._sitemap_limit)

    async def lists(self, starts: Sequence[str], start: Answer | None = None) -> Listed:
        """What the list pages from `starts` on name; `start` is the start page's answer, so as not to ask twice."""
        listed = await self.walk(starts, start)
        for url in listed.pages:
            self.list_keys.update((urls.key(url), listed.read[url].key))
        return listed

    async def walk(self, starts: Sequence[str], start: Answer | None, most: int = MOST_PAGES) -> Listed:
        """What the list pages from `starts` on name, `most` of them; nothing counts as a list page for it."""
        return await walk_list(
            self._ask_list, self.read_links, starts, start_url=self._start_url, first=start, most_pages=most
        )

    async def feeds(self, addresses: Sequence[str], *, alone: bool = False) -> Listed:
        """What feeds name, in addition to a list or `alone`."""
        return await read_feeds(self._ask, addresses, start_url=self._start_url, alone=alone)

    async def own_feed(self, start: Answer) -> Listed | None:
        """What the start page names if it is a feed itself."""
        if not names_feed(start.body):
            return None
        own = await read_feeds(self._ask, [start.url], start_url=self._start_url, first=start)
        return own if own.entries else None

    async def read_links(self, answer: Answer) -> Reading:
        """A page with its links, which are kept."""
        reading = await self._read(answer)
        self._links[answer.url] = reading.links
        return reading

    def begin_with(self, links: Sequence[Link]) -> None:
        """Only these, of the start page, are to be followed."""
        self._links = {self._start_url: links}

    def unfollowed(self) -> list[Link]:
        """The links that were not asked for before; from now on they have been."""
        links = [link for found in self._links.values() for link in found]
        self._links.clear()
        self._followed += links
        return links

    def links_seen(self) -> list[Link]:
        """All links of the list pages that were read."""
        return [*self._followed, *(link for found in self._links.values() for link in found)]


def union(*lists: Listed) -> Listed:
    """What several lists name together."""
    whole = Listed()
    for listed in lists:
        whole.merge(listed)
    return whole
