"""Finds out how a site's postings can be found: reads its sitemaps and lists, samples what they name, decides.

The decisions are `crawler.discovery`'s; this asks and reads for them. Every page that is sampled counts as visited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from crawler import discovery
from crawler.answers import Answer
from crawler.detail import Details
from crawler.listing import Ask, Entry, Listed, ReadLinks
from crawler.pages import Link, Reading
from crawler.robots import Rules
from crawler.sources.feed import feeds_of, read_feeds
from crawler.sources.list import walk_list
from crawler.sources.sitemap import walk_sitemaps
from postings import urls
from postings.sites import Source, SourceKind


@dataclass(frozen=True, slots=True)
class Found:
    """How the postings can be found, and what that list said just now (None: read the start page for it)."""

    source: Source
    listed: Listed | None


class Explorer:
    """Walks the lists of one site in one visit."""

    def __init__(
        self,
        start_url: str,
        *,
        ask: Ask,
        read: ReadLinks,
        details: Details,
        list_keys: set[str],
        sitemap_limit: int,
        tell: Callable[[str], None],
    ) -> None:
        """`list_keys` takes the address keys of list pages; `tell` is told an address now and then."""
        self._start_url = start_url
        self._ask = ask
        self._read = read
        self._details = details
        self._list_keys = list_keys
        self._sitemap_limit = sitemap_limit
        self._tell = tell
        #: the links of the list pages that were read since they were last followed, and those before
        self._links: dict[str, Sequence[Link]] = {}
        self._all_links: list[Link] = []
        self._looked_through: tuple[str, ...] = ()
        self._in_sitemaps = 0

    async def sitemaps(self, roots: Sequence[str]) -> Listed:
        """What the sitemap files from `roots` down name."""
        return await walk_sitemaps(self._ask, roots, start_url=self._start_url, limit=self._sitemap_limit)

    async def lists(self, starts: Sequence[str], start: Answer | None = None) -> Listed:
        """What the list pages from `starts` on name; `start` is the start page's answer, so as not to ask twice."""
        listed = await walk_list(self._ask, self._read_links, starts, start_url=self._start_url, first=start)
        for url in listed.pages:
            self._list_keys.update((urls.key(url), listed.read[url].key))
        return listed

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
        roots, sitemaps = await self._find_sitemaps(rules, start)
        lists = {self._start_url: await self.lists([self._start_url], start)} if start.ok else {}
        shapes, refused = await self.sample(union(*lists.values(), sitemaps), known=(), most=most)
        begin = reading()
        self._links = {self._start_url: begin.links if begin else ()}
        for _ in range(discovery.MOST_HOPS):
            fresh = await self._follow(lists, sitemaps, shapes)
            more, also_refused = await self.sample(union(*fresh.values()), known=(*shapes, *refused), most=most // 2)
            shapes, refused = [*shapes, *more], [*refused, *also_refused]
            if shapes or not fresh:
                break
        self._looked_through = tuple(lists)
        self._in_sitemaps = len(sitemaps.entries)
        feeds = await self._feeds(shapes)
        chosen = discovery.cover({url: frozenset(listed.of_shapes(shapes)) for url, listed in lists.items()})
        in_lists = union(*(lists[url] for url in chosen))
        source = discovery.choose(
            sitemaps=tuple(url for url in roots if url in sitemaps.read),
            in_sitemap=frozenset(sitemaps.of_shapes(shapes)),
            lists=chosen,
            in_lists=frozenset(in_lists.of_shapes(shapes)),
            start_url=self._start_url,
            on_start_page=len(begin.postings) if begin else 0,
            shapes=shapes,
            rejected=refused,
        )
        if source is None:
            return None
        source = replace(source, feeds=tuple(feeds))
        match source.kind:
            case SourceKind.PAGE:
                return Found(source, None)
            case SourceKind.LIST:
                return Found(source, in_lists)
            case _:
                return Found(source, union(sitemaps, in_lists) if set(chosen) & set(source.urls) else sitemaps)

    async def _follow(self, lists: dict[str, Listed], sitemaps: Listed, shapes: Sequence[str]) -> dict[str, Listed]:
        """Reads the pages that may be lists, by the links of the pages that were read last; adds them to `lists`."""
        links = [link for found in self._links.values() for link in found]
        self._links.clear()
        fresh: dict[str, Listed] = {}
        for url in discovery.candidate_lists(links, self._start_url, without=shapes):
            known = urls.key(url) in self._details.shown or url in sitemaps.read or url in lists
            if not known and urls.key(url) not in self._list_keys:
                fresh[url] = await self.lists([url])
        self._all_links += links
        lists |= fresh
        return fresh

    async def _feeds(self, shapes: Sequence[str]) -> list[str]:
        """The feeds of the pages that were read, as far as they name postings."""
        links = [*self._all_links, *(link for found in self._links.values() for link in found)]
        declared = feeds_of(links, self._start_url) if shapes else []
        return [url for url in declared if (await self.feeds([url])).of_shapes(shapes)]

    async def feeds(self, addresses: Sequence[str]) -> Listed:
        """What feeds name, in addition to a list."""
        return await read_feeds(self._ask, addresses, start_url=self._start_url)

    def nothing_found(self) -> str:
        """What to tell a person after `discover` found nothing."""
        links = [*self._all_links, *(link for found in self._links.values() for link in found)]
        return discovery.nothing_found(
            self._start_url,
            pages=len(self._details.done | self._list_keys),
            lists=self._looked_through,
            in_sitemaps=self._in_sitemaps,
            elsewhere=discovery.elsewhere(links, self._start_url),
            links=len(links),
        )

    async def _read_links(self, answer: Answer) -> Reading:
        reading = await self._read(answer)
        self._links[answer.url] = reading.links
        return reading

    async def sample(
        self,
        listed: Listed,
        *,
        known: Iterable[str],
        size: int = discovery.SAMPLE,
        most: int = discovery.MOST_SAMPLES,
    ) -> tuple[list[str], list[str]]:
        """Asks for pages of each unknown shape until one shows a posting: the shapes that do, and that do not."""
        entries = self._not_looked_at(listed)
        shapes: list[str] = []
        refused: list[str] = []
        for group in discovery.groups(entries, without=known):
            if most <= 0:
                break
            if shapes and not group.speaks and len(group.entries) < discovery.LATER_SAMPLE:
                refused.append(group.shape)
                continue
            for entry in discovery.sample(group, size if group.speaks or not shapes else discovery.LATER_SAMPLE):
                most -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    shapes.append(group.shape)
                    break
            else:
                refused.append(group.shape)
            self._tell(group.entries[0].url)
        return shapes, refused

    async def second_look(self, listed: Listed, rejected: Iterable[str]) -> list[str]:
        """The shapes among `rejected` that turn out to carry postings after all.

        A few pages a visit that nobody has looked at yet, those first that read like a posting's.
        """
        given_up = frozenset(rejected)
        left = discovery.MOST_SECOND_LOOKS
        found: list[str] = []
        for group in discovery.groups(entry for entry in self._not_looked_at(listed) if entry.shape in given_up):
            if left <= 0:
                break
            if not group.may_hold_postings:
                continue
            for entry in discovery.sample(group, left):
                left -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    found.append(group.shape)
                    break
        return found

    def _not_looked_at(self, listed: Listed) -> Iterable[Entry]:
        return (
            entry
            for key, entry in listed.entries.items()
            if key not in self._list_keys and not self._details.is_barren(key)
        )

    async def _find_sitemaps(self, rules: Rules, start: Answer) -> tuple[list[str], Listed]:
        """The sitemaps that robots.txt names, or else the one at the usual place."""
        named = (urls.parse(line, start.url) for line in rules.sitemaps)
        roots = [url for url in dict.fromkeys(named) if url and urls.same_site(url, self._start_url)]
        listed = await self.sitemaps(roots)
        usual = f"{urls.origin(start.url)}/sitemap.xml"
        if listed.entries or usual in listed.read:
            return roots, listed
        return [usual], await self.sitemaps([usual])


def union(*lists: Listed) -> Listed:
    """What several lists name together."""
    whole = Listed()
    for listed in lists:
        whole.merge(listed)
    return whole
