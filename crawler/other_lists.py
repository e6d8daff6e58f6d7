"""The lists of a site beside the one that is read: cross-checks, fuller ones, and those that still name what is
lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from crawler import discovery
from crawler.answers import Answer
from crawler.detail import Details
from crawler.list_reading import ListReading
from crawler.listing import Listed
from crawler.pages import Link
from crawler.sources.sitemap_file import is_sitemap
from crawler.sources.totals import stated_total
from postings import urls
from postings.sites import KnownPage, Source

#: a page that was no fuller list is looked at again after this time
_LOOK_AGAIN = timedelta(days=7)
_LOOK_AGAIN_FOR_LOST = timedelta(days=3)


class OtherLists:
    """The other lists of one site in one visit."""

    def __init__(
        self, start_url: str, *, lists: ListReading, details: Details, known: Mapping[str, KnownPage], now: datetime
    ) -> None:
        """`known` is what is remembered of the site's pages."""
        self._start_url = start_url
        self._lists = lists
        self._list_keys = lists.list_keys
        self._details = details
        self._known = known
        self._now = now

    async def check(self, listed: Listed, source: Source, start: Answer) -> bool:
        """Reads the other lists of the same postings, at most a page or two of them, and adds what they name. What
        fails there is remarked on and casts no doubt.

        Nothing is added to a list that names no posting itself: that is dead, and its first page is no other list. True
        if it is so, and the other lists do name some.
        """
        alive = bool(listed.of_shapes(source.shapes))
        for url in source.checks[: discovery.MOST_CHECKS]:
            if is_sitemap(url):
                other = await self._lists.sitemaps([url])
            else:
                other = await self._lists.walk([url], start, most=1)
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

    async def further(self, listed: Listed, source: Source, *, beside: Sequence[Link] = ()) -> tuple[str, ...]:
        """Reads the pages that the list pages (and links `beside` them) lead to and that may be fuller lists; adds what
        they name to `listed`, and gives those to read from now on. Where one that says it has all postings names none,
        nothing proves the list whole.
        """
        if not source.shapes:
            return ()
        own = (url for url in source.urls if not is_sitemap(url))
        candidates = discovery.further_lists(
            [*self._lists.links_seen(), *beside],
            self._start_url,
            lists=own,
            named=listed.of_shapes(source.shapes),
            without=source.shapes,
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
        """Looks for the list that still names the `lost` postings (addresses by key), which answer although the list
        lacks them; adds it to `listed` and gives the pages to read from now on. Where a list cannot be asked, nothing
        proves that they are gone from it. Without `anew`, pages that were looked at some days ago are left out.
        """
        if start.ok and not self._lists.links_seen():
            await self._lists.read_links(start)
        named = listed.of_shapes(source.shapes)
        links = self._lists.links_seen()
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
            other = await self._lists.try_walk(url, start, shapes=source.shapes)
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

    async def leads_further(self, start: Answer, listed: Listed) -> str:
        """Why a start page that carries the postings itself, with the pages that follow it (`listed`), may not carry
        all of them; empty if nothing says so."""
        reading = await self._lists.read_links(start)
        further = (link.url for link in reading.links if discovery.leads_to_all(link))
        elsewhere = [url for url in further if urls.key(url) not in (start.key, urls.key(self._start_url))]
        if elsewhere:
            return f"{start.url} leads to {elsewhere[0]} for all postings"
        stated, carried = stated_total(start.body), max(listed.carried, len(reading.postings))
        return f"{start.url} says that there are {stated} postings and carries {carried}" if stated > carried else ""

    async def _compare(self, url: str, listed: Listed, source: Source) -> str:
        """Whether a page is a "fuller" list, which is added; an "extract" of what is listed; "empty", or another
        address of the "same" page."""
        named = listed.of_shapes(source.shapes).keys()
        is_small = len(named) <= discovery.SMALL_LIST
        most = discovery.MOST_TRIED_PAGES if is_small else discovery.MOST_SMALL_PAGES
        other = await self._lists.walk([url], None, most=most)
        if any(answer.key in self._list_keys for answer in other.read.values() if answer.ok and answer.hops):
            return "same"
        got = other.of_shapes(source.shapes).keys()
        if not got:
            if not any(_failed(answer) for answer in other.read.values()):
                self._set_aside(url, other)
            return "empty"
        beyond = got - named
        if (is_small or beyond) and len(other.pages) >= most:
            other = await self._lists.walk([url], None)
        few = is_small and len(source.urls) <= discovery.MOST_EQUALS
        if not beyond and not (few and got >= named):
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


def _failed(answer: Answer) -> bool:
    """Whether the page may be there all the same: it did not answer, or with an error of the moment."""
    return not answer.ok and answer.status not in (404, 410)
