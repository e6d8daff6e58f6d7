"""Finds out how a site's postings can be found: reads its sitemaps and lists, samples what they name, decides.

The decisions are `crawler.discovery`'s; this asks and reads for them. Every page that is sampled counts as visited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crawler import discovery
from crawler.answers import Answer
from crawler.detail import Details
from crawler.listing import Ask, Listed, ReadLinks
from crawler.pages import Reading
from crawler.robots import Rules
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

    async def sitemaps(self, roots: Sequence[str]) -> Listed:
        """What the sitemap files from `roots` down name."""
        return await walk_sitemaps(self._ask, roots, start_url=self._start_url, limit=self._sitemap_limit)

    async def lists(self, starts: Sequence[str], start: Answer | None = None) -> Listed:
        """What the list pages from `starts` on name; `start` is the start page's answer, so as not to ask twice."""
        listed = await walk_list(self._ask, self._read, starts, start_url=self._start_url, first=start)
        for url in listed.pages:
            self._list_keys.update((urls.key(url), listed.read[url].key))
        return listed

    async def discover(self, start: Answer, reading: Callable[[], Reading | None], rules: Rules) -> Found | None:
        """The source of a site that has none yet; `reading` gives the reading of the start page once it was read."""
        roots, sitemaps = await self._find_sitemaps(rules, start)
        lists = {self._start_url: await self.lists([self._start_url], start)} if start.ok else {}
        shapes, refused = await self.sample(union(*lists.values(), sitemaps), known=())
        begin = reading()
        for url in discovery.candidate_lists(begin.links if begin else (), self._start_url, without=shapes):
            if urls.key(url) not in self._details.shown and url not in sitemaps.read:
                lists[url] = await self.lists([url])
        more, also_refused = await self.sample(union(*lists.values()), known=(*shapes, *refused))
        shapes, refused = [*shapes, *more], [*refused, *also_refused]
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
        match source.kind:
            case SourceKind.PAGE:
                return Found(source, None)
            case SourceKind.LIST:
                return Found(source, in_lists)
            case _:
                return Found(source, union(sitemaps, in_lists) if set(chosen) & set(source.urls) else sitemaps)

    async def sample(
        self,
        listed: Listed,
        *,
        known: Iterable[str],
        size: int = discovery.SAMPLE,
        most: int = discovery.MOST_SAMPLES,
    ) -> tuple[list[str], list[str]]:
        """Asks for pages of each unknown shape until one shows a posting: the shapes that do, and that do not."""
        entries = (entry for key, entry in listed.entries.items() if key not in self._list_keys)
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
