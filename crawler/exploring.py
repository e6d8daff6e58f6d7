"""Finds out how a site's postings can be found: reads its sitemaps and lists, samples what they name, decides.

The decisions are `crawler.discovery`'s; this asks and reads for them. Every page that is sampled counts as visited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler import discovery
from crawler.answers import Answer
from crawler.detail import Details
from crawler.listing import Ask, Entry, Listed, ReadLinks
from crawler.pages import Link, Reading
from crawler.robots import Rules
from crawler.sources.feed import feeds_of, names_feed, read_feeds
from crawler.sources.list import MOST_PAGES, numbered, walk_list
from crawler.sources.sitemap import begins_like_sitemap, is_sitemap, walk_sitemaps
from crawler.sources.totals import stated_total
from postings import urls
from postings.sites import KnownPage, Source, SourceKind

#: a page that was no fuller list is looked at again after this time
_LOOK_AGAIN = timedelta(days=7)
_LOOK_AGAIN_FOR_LOST = timedelta(days=3)


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
        ask_list: Ask,
        read: ReadLinks,
        details: Details,
        list_keys: set[str],
        sitemap_limit: int,
        tell: Callable[[str], None],
        known: Mapping[str, KnownPage],
        now: datetime,
        brief: bool = False,
    ) -> None:
        """`ask_list` asks for list pages, `ask` for sitemaps and feeds. `list_keys` takes the address keys of list pages;
        `tell` is told an address now and then."""
        self._start_url = start_url
        self._ask = ask
        self._ask_list = ask_list
        self._read = read
        self._details = details
        self._list_keys = list_keys
        self._sitemap_limit = sitemap_limit
        self._tell = tell
        self._known = known
        self._now = now
        #: only how the postings are found is asked for: pages of rare forms are left alone
        self._brief = brief
        #: the links of the list pages that were read since they were last followed, and those before
        self._links: dict[str, Sequence[Link]] = {}
        self._all_links: list[Link] = []
        # what `discover` has come across
        self._roots: list[str] = []
        self._in_sitemaps = Listed()
        self._lists: dict[str, Listed] = {}
        self._in_feeds: dict[str, Listed] = {}
        self._shapes: list[str] = []
        self._refused: list[str] = []

    async def sitemaps(self, roots: Sequence[str]) -> Listed:
        """What the sitemap files from `roots` down name."""
        return await walk_sitemaps(self._ask, roots, start_url=self._start_url, limit=self._sitemap_limit)

    async def lists(self, starts: Sequence[str], start: Answer | None = None) -> Listed:
        """What the list pages from `starts` on name; `start` is the start page's answer, so as not to ask twice."""
        listed = await self._walk(starts, start)
        for url in listed.pages:
            self._list_keys.update((urls.key(url), listed.read[url].key))
        return listed

    async def _walk(self, starts: Sequence[str], start: Answer | None, most: int = MOST_PAGES) -> Listed:
        return await walk_list(
            self._ask_list, self._read_links, starts, start_url=self._start_url, first=start, most_pages=most
        )

    async def feeds(self, addresses: Sequence[str], *, alone: bool = False) -> Listed:
        """What feeds name, in addition to a list or `alone`."""
        return await read_feeds(self._ask, addresses, start_url=self._start_url, alone=alone)

    async def check(self, listed: Listed, source: Source, start: Answer) -> bool:
        """Reads the other lists of the same postings, at most a page or two of them, and adds what they name. What fails
        there is remarked on and casts no doubt.

        Nothing is added to a list that names no posting itself: that is dead, and its first page is no other list. True
        if it is so, and the other lists do name some.
        """
        alive = bool(listed.of_shapes(source.shapes))
        for url in source.checks[: discovery.MOST_CHECKS]:
            if is_sitemap(url):
                other = await self.sitemaps([url])
            else:
                other = await self._walk([url], start, most=1)
            pages = {urls.key(page) for page in other.pages}
            named = other.of_shapes(source.shapes)
            beyond = [key for key in named if key not in listed.entries and key not in self._list_keys | pages]
            if not named:
                said = other.doubts[0] if other.doubts else f"{url} names no posting"
                listed.remarks.append(f"cross-check: {said}")
            elif not alive:
                return True
            elif beyond:
                count = "1 posting" if len(beyond) == 1 else f"{len(beyond)} postings"
                listed.remarks.append(f"{url} names {count} that the {source.kind} lacks")
            if alive:
                self._list_keys.update(pages)
                listed.stated = max(listed.stated, other.stated)
                for entry in other.entries.values():
                    listed.add(entry)
        return False

    # fuller lists

    async def further(self, listed: Listed, source: Source) -> tuple[str, ...]:
        """Reads the pages that the list pages lead to and that may be fuller lists; adds what they name to `listed`, and
        gives those to read from now on. Where one that says it has all postings names none, nothing proves the list whole.
        """
        if not source.shapes:
            return ()
        own = (url for url in source.urls if not is_sitemap(url))
        candidates = discovery.further_lists(
            self._links_seen(), self._start_url, lists=own, named=listed.of_shapes(source.shapes), without=source.shapes
        )
        found: list[str] = []
        left = discovery.MOST_FURTHER
        for candidate in candidates:
            key = urls.key(candidate.url)
            if key in self._list_keys or key in self._details.shown:
                continue
            known = self._known.get(key)
            fresh = known is None or not known.barren or self._is_over(known, _LOOK_AGAIN)
            if fresh and left <= 0:
                continue
            left -= fresh
            verdict = await self._compare(candidate.url, listed, source) if fresh else "empty"
            if verdict == "fuller":
                found.append(candidate.url)
            elif verdict == "empty" and candidate.says_all:
                listed.names_fewer(f"{candidate.url} may name more, and its postings cannot be seen there")
        return tuple(found)

    async def look_through(
        self, lost: Mapping[str, str], listed: Listed, source: Source, start: Answer, *, anew: bool
    ) -> tuple[str, ...]:
        """Looks for the list that still names the `lost` postings (addresses by key), which answer although the list lacks
        them; adds it to `listed` and gives the pages to read from now on. Where a list cannot be asked, nothing proves
        that they are gone from it. Without `anew`, pages that were looked at some days ago are left out.
        """
        if start.ok and not self._links_seen():
            await self._read_links(start)
        named = listed.of_shapes(source.shapes)
        links = self._links_seen()
        folders = [url.rstrip("/").rpartition("/")[0] for url in lost.values()]
        candidates = [
            *(url for url in source.checks if not is_sitemap(url)),
            self._start_url,
            *[url for url in dict.fromkeys(folders) if discovery.is_folder(url, lost)][:3],
            *(
                one.url
                for one in discovery.further_lists(
                    links, self._start_url, lists=source.urls, named=named, without=source.shapes
                )
            ),
            *discovery.candidate_lists(links, self._start_url, without=source.shapes),
        ]
        found: list[str] = []
        missing = set(lost)
        left = discovery.MOST_LOOKED_THROUGH
        for url in dict.fromkeys(candidates):
            key = urls.key(url)
            known = self._known.get(key)
            lately = known is not None and known.barren and not self._is_over(known, _LOOK_AGAIN_FOR_LOST)
            if url in listed.pages or key in self._details.shown or (lately and not anew) or not missing or left <= 0:
                continue
            left -= 1
            other = await self._walk([url], start)
            if missing & other.entries.keys():
                self._take_list(other, listed)
                found.append(url)
                missing -= other.entries.keys()
            elif any(_failed(answer) for answer in other.read.values()):
                listed.names_fewer(
                    f"{url} may name the {len(missing)} postings that the list lacks, and does not answer"
                )
            else:
                self._set_aside(url, other)
        return tuple(found)

    async def _compare(self, url: str, listed: Listed, source: Source) -> str:
        """Whether a page is a "fuller" list, which is added; an "extract" of what is listed; "empty", or another address
        of the "same" page."""
        named = listed.of_shapes(source.shapes).keys()
        is_small = len(named) <= discovery.SMALL_LIST
        other = await self._walk([url], None, most=MOST_PAGES if is_small else discovery.MOST_SMALL_PAGES)
        if any(answer.key in self._list_keys for answer in other.read.values() if answer.ok and answer.hops):
            return "same"
        got = other.of_shapes(source.shapes).keys()
        if not got:
            if not any(_failed(answer) for answer in other.read.values()):
                self._set_aside(url, other)
            return "empty"
        beyond = got - named
        if not is_small and beyond and len(other.pages) >= discovery.MOST_SMALL_PAGES:
            other = await self._walk([url], None)
        if not beyond and not (is_small and got >= named):
            self._set_aside(url, other)
            return "extract"
        self._take_list(other, listed)
        return "fuller"

    def _take_list(self, other: Listed, listed: Listed) -> None:
        for url in other.pages:
            self._list_keys.update((urls.key(url), other.read[url].key))
        listed.merge(other)

    def _set_aside(self, url: str, other: Listed) -> None:
        """Remembers a page that is no list of its own, so that it is not read in each visit."""
        answer = other.read[url]
        self._details.barren[urls.key(url)] = KnownPage(url=url, open=False, last_read_at=answer.at, barren=True)

    def _is_over(self, known: KnownPage, wait: timedelta) -> bool:
        return known.last_read_at is None or self._now - known.last_read_at > wait

    # the source of a site

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
        self._roots, self._in_sitemaps = await self._find_sitemaps(rules, start)
        self._in_feeds = {start.url: own} if start.ok and (own := await self._own_feed(start)) else {}
        self._lists = {self._start_url: await self.lists([self._start_url], start)} if start.ok else {}
        await self._sample_more(union(*self._lists.values(), self._in_sitemaps, *self._in_feeds.values()), most)
        begin = reading()
        self._links = {self._start_url: begin.links if begin else ()}
        for _ in range(discovery.MOST_HOPS):
            fresh = await self._follow()
            await self._sample_more(union(*fresh.values()), most // 2)
            if self._shapes or not fresh:
                break
        for url in feeds_of(self._links_seen(), self._start_url):
            self._in_feeds[url] = await self.feeds([url])
        if not self._shapes:
            await self._sample_more(union(*self._in_feeds.values()), most // 2)
        return self._conclude(reading())

    async def search(self, reading: Callable[[], Reading | None], *, most: int) -> Found | None:
        """The source of a site where no sample of `discover` showed a posting: all that its lists name is looked at, up
        to `most` pages, until one shows a posting. Postings may be few among many pages of one shape; but where most of
        those cannot be read anyway and nothing about them speaks of jobs, a few more are enough."""
        listed = union(*self._lists.values(), self._in_sitemaps, *self._in_feeds.values())
        for group in discovery.groups(self._not_looked_at(listed)):
            worth = len(group.entries) <= 2 * most or group.may_hold_postings
            for entry in discovery.sample(group, most if worth else min(most, discovery.MOST_LATER_SEARCHED)):
                most -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    self._shapes.append(group.shape)
                    self._refused = [shape for shape in self._refused if shape != group.shape]
                    break
                self._tell(entry.url)
        return self._conclude(reading())

    async def _sample_more(self, listed: Listed, most: int) -> None:
        shapes, refused = await self.sample(listed, known=(*self._shapes, *self._refused), most=most)
        self._shapes += shapes
        self._refused += refused

    def _conclude(self, begin: Reading | None) -> Found | None:
        """The source that covers what was found, and what its lists name."""
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
        links = [link for found in self._links.values() for link in found]
        self._links.clear()
        fresh: dict[str, Listed] = {}
        for url in discovery.candidate_lists(links, self._start_url, without=self._shapes):
            known = urls.key(url) in self._details.shown or url in self._in_sitemaps.read or url in self._lists
            if not known and urls.key(url) not in self._list_keys:
                fresh[url] = await self.lists([url])
        self._all_links += links
        self._lists |= fresh
        return fresh

    async def _own_feed(self, start: Answer) -> Listed | None:
        """What the start page names if it is a feed itself."""
        if not names_feed(start.body):
            return None
        own = await read_feeds(self._ask, [start.url], start_url=self._start_url, first=start)
        return own if own.entries else None

    def _links_seen(self) -> list[Link]:
        return [*self._all_links, *(link for found in self._links.values() for link in found)]

    def nothing_found(self, script_advice: str = "") -> str:
        """What to tell a person after `discover` found nothing; `script_advice` if the site shows nothing without script."""
        links = self._links_seen()
        return discovery.nothing_found(
            self._start_url,
            pages=len(self._details.done | self._list_keys),
            lists=tuple(self._lists),
            in_sitemaps=len(self._in_sitemaps.entries),
            elsewhere=discovery.elsewhere(links, self._start_url),
            links=len(links),
            script_advice=script_advice,
        )

    async def leads_further(self, start: Answer) -> str:
        """Why a start page that carries the postings itself may not carry all of them; empty if nothing says so."""
        reading = await self._read_links(start)
        if reading.next_page or numbered(start.url, reading):
            return f"{start.url} has further pages"
        further = (link.url for link in reading.links if discovery.leads_to_all(link))
        elsewhere = [url for url in further if urls.key(url) not in (start.key, urls.key(self._start_url))]
        if elsewhere:
            return f"{start.url} leads to {elsewhere[0]} for all postings"
        stated, carried = stated_total(start.body), len(reading.postings)
        return f"{start.url} says that there are {stated} postings and carries {carried}" if stated > carried else ""

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
        unlikely: list[discovery.Group] = []
        for group in discovery.groups(entries, without=known):
            if most <= 0:
                break
            few = not group.speaks and len(group.entries) < discovery.LATER_SAMPLE
            if few and any("*" in shape for shape in shapes):
                unlikely.append(group)
                continue
            for entry in discovery.sample(group, size if group.speaks or not shapes else discovery.LATER_SAMPLE):
                most -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    shapes.append(group.shape)
                    break
            else:
                refused.append(group.shape)
            self._tell(group.entries[0].url)
        spare = min(most, discovery.MOST_SURVEYED) if size >= discovery.SAMPLE and not self._brief else 0
        found = await self._survey(unlikely, spare)
        return [*shapes, *found], [*refused, *(one.shape for one in unlikely if one.shape not in found)]

    async def _survey(self, groups: Iterable[discovery.Group], most: int) -> list[str]:
        """Those of the shapes that show a posting in one of `most` pages, looked at one after another."""
        found: list[str] = []
        for group in groups:
            for entry in discovery.sample(group, most):
                most -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    found.append(group.shape)
                    break
            if most <= 0:
                break
        return found

    async def second_look(self, listed: Listed, rejected: Iterable[str], *, thorough: bool = False) -> list[str]:
        """The shapes among `rejected` that turn out to carry postings after all.

        A few pages a visit that nobody has looked at yet, those first that read like a posting's; in a `thorough` visit
        more of them, whatever they read like.
        """
        given_up = frozenset(rejected)
        groups = discovery.groups(entry for entry in self._not_looked_at(listed) if entry.shape in given_up)
        if thorough:
            return await self._survey(groups, discovery.MOST_SURVEYED)
        return await self._survey((one for one in groups if one.may_hold_postings), discovery.MOST_SECOND_LOOKS)

    def _not_looked_at(self, listed: Listed) -> Iterable[Entry]:
        return (
            entry
            for key, entry in listed.entries.items()
            if key not in self._list_keys and not self._details.is_barren(key)
        )

    async def _find_sitemaps(self, rules: Rules, start: Answer) -> tuple[list[str], Listed]:
        """The start address itself if it is a sitemap, those that robots.txt names, or else the one at the usual place."""
        if start.ok and is_sitemap(start.url) and begins_like_sitemap(start.body):
            return [start.url], await self.sitemaps([start.url])
        named = (urls.parse(line, start.url) for line in rules.sitemaps)
        roots = [url for url in dict.fromkeys(named) if url and urls.same_site(url, self._start_url)]
        listed = await self.sitemaps(roots)
        usual = f"{urls.origin(start.url)}/sitemap.xml"
        if listed.entries or usual in listed.read:
            return roots, listed
        return [usual], await self.sitemaps([usual])


def _failed(answer: Answer) -> bool:
    """Whether the page may be there all the same: it did not answer, or with an error of the moment."""
    return not answer.ok and answer.status not in (404, 410)


def union(*lists: Listed) -> Listed:
    """What several lists name together."""
    whole = Listed()
    for listed in lists:
        whole.merge(listed)
    return whole
