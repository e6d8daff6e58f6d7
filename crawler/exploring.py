"""Finds out how a site's postings can be found: reads its sitemaps and lists, samples what they name, decides.

The decisions are `crawler.discovery`'s; this asks and reads for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crawler import discovery
from crawler.answers import Answer
from crawler.detail import Details
from crawler.list_reading import ListReading, union
from crawler.listing import Listed
from crawler.pages import Link, Reading
from crawler.robots import Rules
from crawler.sampling import Sampling
from crawler.scoping import Scoping
from crawler.sources.feed import feeds_of
from crawler.sources.sitemap_file import begins_like_sitemap, is_sitemap
from postings import urls
from postings.sites import Source, SourceKind


@dataclass(frozen=True, slots=True)
class Found:
    """How the postings can be found, and what that list said just now (None: read the start page for it)."""

    source: Source
    listed: Listed | None


class Explorer:
    """The search for the source of one site in one visit."""

    def __init__(
        self, start_url: str, *, lists: ListReading, sampling: Sampling, details: Details, scoping: Scoping
    ) -> None:
        self._start_url = start_url
        self._scoping = scoping
        self._list_reading = lists
        self._sampling = sampling
        self._details = details
        # what `discover` has come across
        self._roots: list[str] = []
        self._in_sitemaps = Listed()
        self._lists: dict[str, Listed] = {}
        self._in_feeds: dict[str, Listed] = {}
        self._shapes: list[str] = []
        self._refused: list[str] = []

    async def discover(
        self,
        start: Answer,
        reading: Callable[[], Reading | None],
        rules: Rules,
        *,
        most: int = discovery.MOST_SAMPLES,
    ) -> Found | None:
        """The source of a site that has none, or none that serves any more.

        `reading` gives the reading of the start page once it was read; at most about twice `most` pages are looked at.
        """
        self._in_feeds = {start.url: own} if start.ok and (own := await self._list_reading.own_feed(start)) else {}
        self._lists = {self._start_url: await self._list_reading.lists([self._start_url], start)} if start.ok else {}
        self._roots, self._in_sitemaps = await self._find_sitemaps(rules, start)
        await self._narrow()
        await self._sample_more(union(*self._lists.values(), self._in_sitemaps, *self._in_feeds.values()), most)
        read = reading()
        begin = (await self._list_reading.with_forms(read, start)).links if read else ()
        self._list_reading.begin_with(begin)
        for _ in range(discovery.MOST_HOPS):
            fresh = await self._follow()
            await self._sample_more(union(*fresh.values()), most // 2)
            await self._read_on(fresh)
            if self._shapes or not fresh:
                break
        await self._follow_alike(begin)
        for url in feeds_of(self._list_reading.links_seen(), self._start_url):
            self._in_feeds[url] = await self._list_reading.feeds([url])
        if not self._shapes:
            await self._sample_more(union(*self._in_feeds.values()), most // 2)
        return self._conclude(reading())

    async def search(self, reading: Callable[[], Reading | None], *, most: int) -> Found | None:
        """The source of a site where no sample of `discover` showed a posting: all that its lists name is looked at, up
        to `most` pages, until one shows a posting."""
        listed = union(*self._lists.values(), self._in_sitemaps, *self._in_feeds.values())
        found = await self._sampling.one_by_one(listed, most=most)
        self._shapes += found
        self._refused = [shape for shape in self._refused if shape not in found]
        return self._conclude(reading(), elsewhere=self._list_reading.most_carried())

    def nothing_found(self, script_advice: str = "") -> str:
        """What to tell a person after `discover` found nothing; `script_advice` if the site shows nothing without
        script."""
        links = self._list_reading.links_seen()
        return discovery.nothing_found(
            self._start_url,
            pages=len(self._details.done | self._list_reading.list_keys),
            lists=tuple(self._lists),
            in_sitemaps=len(self._in_sitemaps.entries),
            elsewhere=discovery.elsewhere(links, self._start_url),
            links=len(links),
            script_advice=script_advice,
        )

    async def _narrow(self) -> None:
        """Finds out which part of the host the site is, before any posting elsewhere counts."""
        found = [*self._lists.values(), self._in_sitemaps, *self._in_feeds.values()]
        named = frozenset().union(*map(self._list_reading.named_by_own, self._lists.values()))
        await self._scoping.decide(union(*found), named)
        if self._scoping.scope is not None:
            self._list_reading.scope = self._scoping.scope
            for listed in found:
                self._list_reading.narrow(listed)

    async def _sample_more(self, listed: Listed, most: int) -> None:
        # a list that is found later may hold the postings of a shape of which a page or two were looked at
        looked_at = Counter(urls.shape(page.url) for page in self._details.barren.values())
        given_up = [shape for shape in self._refused if looked_at[shape] >= discovery.LATER_SAMPLE]
        shapes, refused = await self._sampling.sample(listed, known=(*self._shapes, *given_up), most=most)
        self._shapes += shapes
        self._refused = [shape for shape in dict.fromkeys((*self._refused, *refused)) if shape not in shapes]

    def _conclude(self, begin: Reading | None, *, elsewhere: tuple[str, int] | None = None) -> Found | None:
        """The source that covers what was found, and what its lists name; `elsewhere` is a page that carries postings
        itself."""
        shapes, sitemaps, lists = self._shapes, self._in_sitemaps, self._lists
        chosen = discovery.cover({url: frozenset(listed.of_shapes(shapes)) for url, listed in lists.items()})
        in_lists = union(*(lists[url] for url in chosen))
        feeds = [url for url, listed in self._in_feeds.items() if listed.of_shapes(shapes)]
        in_feeds = union(*(self._in_feeds[url] for url in feeds))
        source = discovery.choose(
            sitemaps=tuple(url for url in self._roots if url in sitemaps.read),
            in_sitemap=frozenset(sitemaps.of_shapes(shapes)),
            sitemap_files=len(sitemaps.read),
            lists=chosen,
            in_lists=frozenset(in_lists.of_shapes(shapes)),
            feeds=feeds,
            in_feeds=len(in_feeds.of_shapes(shapes)),
            start_url=self._start_url,
            on_start_page=len(begin.postings) if begin else 0,
            elsewhere=elsewhere,
            shapes=shapes,
            rejected=self._refused,
        )
        match source.kind if source else None:
            case None:
                return None
            case SourceKind.PAGE:
                listed = None
            case SourceKind.FEED:
                listed = in_feeds
                listed.newest_only = True
            case SourceKind.LIST:
                listed = in_lists
            case _:
                listed = union(sitemaps, in_lists) if source and set(chosen) & set(source.urls) else sitemaps
        assert source is not None
        if source.kind is not SourceKind.FEED and listed is not None and feeds:
            listed.merge(in_feeds)
        return Found(source, listed)

    async def _follow(self) -> dict[str, Listed]:
        """Reads the pages that may be lists, by the links of the pages that were read last; adds them to the lists."""
        fresh: dict[str, Listed] = {}
        for url in discovery.candidate_lists(self._list_reading.unfollowed(), self._start_url, without=self._shapes):
            known = urls.key(url) in self._details.shown or url in self._in_sitemaps.read or url in self._lists
            if not known and urls.key(url) not in self._list_reading.list_keys:
                fresh[url] = await self._list_reading.lists([url], most=discovery.MOST_TRIED_PAGES)
        self._lists |= fresh
        return fresh

    async def _read_on(self, fresh: Mapping[str, Listed]) -> None:
        """Reads those whole that have more pages than were tried, and name postings."""
        for url, listed in fresh.items():
            if len(listed.pages) >= discovery.MOST_TRIED_PAGES and listed.of_shapes(self._shapes):
                self._lists[url] = await self._list_reading.lists([url])

    async def _follow_alike(self, links: Sequence[Link]) -> None:
        """Reads the pages that have the address shape of lists which name postings, as those of departments and places
        have, until several in a row name none that is new."""
        naming = {url: frozenset(listed.of_shapes(self._shapes)) for url, listed in self._lists.items()}
        alike = discovery.lists_alike(
            [*links, *self._list_reading.links_seen()],
            self._start_url,
            lists=[url for url, named in naming.items() if named],
            without=self._shapes,
        )
        known, idle = set(self._in_sitemaps.of_shapes(self._shapes)).union(*naming.values()), 0
        for url in alike:
            if (
                url in self._lists
                or urls.key(url) in self._list_reading.list_keys
                or urls.key(url) in self._details.shown
            ):
                continue
            self._lists[url] = listed = await self._list_reading.lists([url], most=discovery.MOST_TRIED_PAGES)
            await self._read_on({url: listed})
            listed = self._lists[url]
            named = listed.of_shapes(self._shapes).keys()
            idle = 0 if named - known else idle + 1
            known |= named
            if idle >= discovery.MOST_IDLE_LISTS:
                break

    async def _find_sitemaps(self, rules: Rules, start: Answer) -> tuple[list[str], Listed]:
        """The start address itself if it is a sitemap, those that robots.txt or a page's head names, or else the one at
        the usual place."""
        if start.ok and is_sitemap(start.url) and begins_like_sitemap(start.body):
            return [start.url], await self._list_reading.sitemaps([start.url])
        in_head = (link.url for link in self._list_reading.links_seen() if "sitemap" in link.rel and link.tag == "link")
        named = (*(urls.parse(line, start.url) for line in rules.sitemaps), *in_head)
        roots = [url for url in dict.fromkeys(named) if url and urls.same_site(url, self._start_url)]
        listed = await self._list_reading.sitemaps(roots)
        usual = f"{urls.origin(start.url)}/sitemap.xml"
        if listed.entries or usual in listed.read:
            return roots, listed
        return [usual], await self._list_reading.sitemaps([usual])
