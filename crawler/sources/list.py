"""HTML pages with links as the list of a site's postings: the first page, then the next, until nothing new comes.

Followed are `rel=next` and links that differ from the page in nothing but a page number. A page that repeats what
another one said makes the list doubtful: the site may ignore the number, and more may be behind it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from crawler.answers import Answer, Trouble
from crawler.listing import Ask, Entry, Listed, ReadLinks, is_trap, may_be_page
from crawler.pages import Link, Reading
from crawler.sighted import headed_by
from crawler.sources.embedded import data_addresses, embedded_addresses, is_data
from crawler.sources.ending import ends_well
from crawler.sources.forms import FORM
from crawler.sources.further_pages import further_pages, guessed_pages, is_page_name, page_number
from crawler.sources.pager import goes_on_by_post
from crawler.sources.totals import stated_total
from postings import urls

#: elements that lead to a posting, and kinds of links that lead to none of this page
_ROWS = frozenset({"a", "area", FORM})
_NO_ROWS = frozenset({"next", "prev"})
MOST_PAGES = 1000
#: pages that are guessed to be further ones and name nothing new, one after the other, before the guess is given up
_MOST_IDLE = 3
#: links from which a page's are looked at in a thread
_IN_THREAD = 500
#: the same in bytes
_LARGE = 256 * 1024


async def walk_list(
    ask: Ask,
    read: ReadLinks,
    starts: Sequence[str],
    *,
    start_url: str,
    first: Answer | None = None,
    most_pages: int = MOST_PAGES,
) -> Listed:
    """Reads list pages from `starts` on. `first` is an answer that is there already, if it is that of a start."""
    walk = _Walk(starts, start_url)
    listed = walk.listed
    while (url := walk.next()) is not None:
        if len(listed.pages) >= most_pages:
            listed.doubts.append(f"more than {most_pages} list pages")
            break
        answer = first if first is not None and url == first.asked else await ask(url)
        if walk.is_there(url, answer) and (reading := await _page(answer, read, listed)) is not None:
            await walk.take(url, answer, reading)
    return walk.end()


class _Walk:
    """The way from page to page of a list: what is to be read next, and what the pages were."""

    def __init__(self, starts: Sequence[str], start_url: str) -> None:
        self.listed = Listed(starts=tuple(starts), began={url: url for url in starts})
        self._start_url = start_url
        self._waiting = deque(starts)
        self._seen = {urls.key(url) for url in starts}
        # what each start has led to so far: another one may name the same without being at its end
        self._taken: dict[str, set[str]] = {url: set() for url in starts}
        # the starts that carry postings themselves
        self._carrying: set[str] = set()
        self._missing = self._idle = 0
        # the starts whose numbered pages are those of jobs; and whether those that are guessed to be pages are
        self._numbers_of_jobs: set[str] = set()
        self._guessed_jobs = self._guessed_right = False
        # what is guessed to be a page and is not to be had: a doubt only where the guess is right
        self._missed: list[str] = []

    def next(self) -> str | None:
        """The page to ask for; None if there is none. What turned out to be postings is listed on the way."""
        while self._waiting:
            url = self._waiting.popleft()
            if self._is_job(url):
                self.listed.add(Entry.of(url))
            elif url not in self.listed.guessed or self._idle < _MOST_IDLE:
                return url
        return None

    def _is_job(self, url: str) -> bool:
        if url in self.listed.guessed:
            return self._guessed_jobs
        began = self.listed.began[url]
        return url != began and began in self._numbers_of_jobs and page_number(url) is not None

    def is_there(self, url: str, answer: Answer) -> bool:
        """Whether an answer is a page of the list, or a doubt of it, as far as its status tells."""
        listed = self.listed
        self._missing += url in listed.starts and answer.trouble is None and answer.status in (404, 410)
        listed.read[url] = replace(answer, body=b"")
        if url in listed.guessed and (answer.trouble is Trouble.ROBOTS or answer.status in (404, 410)):
            self._missed.append(f"{answer.asked}: {answer.summary}")
            return False
        return True

    async def take(self, url: str, answer: Answer, reading: Reading) -> None:
        """Takes what a page names, and where it leads."""
        listed, began = self.listed, self.listed.began[url]
        guessed = url in listed.guessed
        if url == began and reading.postings:
            self._carrying.add(began)
        if self._shows_a_job(url, reading):
            # the numbers are those of jobs
            if guessed:
                self._guessed_jobs = True
            else:
                self._numbers_of_jobs.add(began)
            listed.add(Entry.of(answer.url))
            return
        keys, pages, guesses = await _take(answer, reading, self._start_url, listed)
        if not pages and not guesses and goes_on_by_post(answer.body, is_page_name):
            listed.names_fewer(f"{answer.url} may go on behind a form that is sent by POST, which no visit sends")
        fresh = keys - self._taken[began]
        self._taken[began] |= fresh
        self._idle = self._idle + 1 if guessed and not fresh else 0
        self._guessed_right |= guessed and bool(fresh)
        if not fresh and url not in listed.starts:
            return
        for further, mark in (*((page, "") for page in pages), *((page, mark) for mark, page in guesses.items())):
            marks = {urls.key(further), mark or urls.key(further)}
            if self._seen.isdisjoint(marks) and urls.same_site(further, self._start_url):
                self._seen |= marks
                listed.began[further] = began
                self._waiting.append(further)
                if mark:
                    listed.guessed.add(further)

    def _shows_a_job(self, url: str, reading: Reading) -> bool:
        """Whether what was taken for a page by its number is the page of one posting. Where names say that it is a page
        the posting has to be its heading, and not one of a list that carries its postings itself."""
        if len(reading.postings) != 1 or (began := self.listed.began[url]) == url:
            return False
        if url in self.listed.guessed:
            return True
        is_numbered = page_number(url) is not None and began not in self._carrying
        return is_numbered and headed_by(reading.postings, reading.heading) is not None

    def end(self) -> Listed:
        """What the pages said together."""
        listed = self.listed
        (listed.doubts if self._guessed_right else listed.remarks).extend(self._missed)
        _end_at_numbers(listed)
        listed.gone = bool(listed.starts) and self._missing == len(listed.starts)
        return listed


def _end_at_numbers(listed: Listed) -> None:
    """Where numbered pages answered, the one behind the last of them may be linked and not be there: that is the end of
    the list, and no doubt."""
    last: dict[str, int] = {}
    for url in listed.pages:
        began, number = listed.began.get(url, url), page_number(url)
        if url != began and number is not None:
            last[began] = max(last.get(began, 0), number)
    for url, answer in listed.read.items():
        began, number = listed.began.get(url, url), page_number(url)
        said = f"{answer.asked}: {answer.summary}"
        behind = number is not None and url != began and number > last.get(began, number)
        if behind and answer.trouble is None and answer.status in (404, 410) and said in listed.doubts:
            listed.doubts.remove(said)
            listed.remarks.append(f"{url} is linked and is not there: the list ends before it")


def repeats(listed: Listed, wanted: frozenset[str]) -> list[str]:
    """List pages that name some of the `wanted` addresses and none that an earlier page of the same list did not name.

    Not those that are guessed to be further pages, where none of them names any: they are something else. Nor one
    behind the last page that shows that page once more, as its numbers have told pages apart before.
    """
    seen: dict[str, set[str]] = {}
    found = []
    named: set[str] = set()
    guessed_right = False
    for url, keys in listed.pages.items():
        rows = keys & wanted
        before = seen.setdefault(listed.began.get(url, ""), set())
        guessed_right = guessed_right or (url in listed.guessed and not rows <= named)
        named |= rows
        if url not in listed.starts and rows and rows <= before and not _is_first(url):
            found.append(url)
        before |= rows
    return [
        url
        for url in found
        if (guessed_right or url not in listed.guessed) and not _is_last_again(url, listed, wanted, found)
    ]


def _is_last_again(url: str, listed: Listed, wanted: frozenset[str], repeating: Sequence[str]) -> bool:
    number, began = page_number(url), listed.began.get(url)
    numbers = {page_number(other) or 0: other for other in listed.pages if listed.began.get(other) == began}
    earlier = [other for other in numbers if 0 < other < (number or 0)]
    if not earlier or number != max(numbers):
        return False
    last = numbers[max(earlier)]
    return last not in repeating and listed.pages[last] & wanted == listed.pages[url] & wanted


async def _page(answer: Answer, read: ReadLinks, listed: Listed) -> Reading | None:
    """The reading of a list page; None, and a doubt, if it cannot be relied on."""
    if not answer.ok:
        listed.doubts.append(f"{answer.asked}: {answer.summary}")
        return None
    if is_data(answer.body):
        reading = Reading(url=answer.url, links=tuple(map(Link, data_addresses(answer.body, answer.url))))
    else:
        reading = await read(answer)
    if reading.unreadable:
        listed.doubts.append(f"{answer.url}: {reading.unreadable}")
        return None
    if reading.links_cut:
        listed.doubts.append(f"{answer.url}: more links than are read")
    if not answer.whole or not ends_well(answer):
        listed.doubts.append(f"{answer.url}: {answer.detail or 'the answer was cut off'}")
    return reading


async def _take(
    answer: Answer, reading: Reading, start_url: str, listed: Listed
) -> tuple[frozenset[str], Sequence[str], Mapping[str, str]]:
    """Adds the page's addresses and what it says of their number; gives the keys of the addresses, further pages of the
    list, and what may be some."""
    if len(reading.links) < _IN_THREAD and len(answer.body) < _LARGE:
        entries, pages, guessed = _entries(answer.url, answer.body, reading, start_url)
        total = stated_total(answer.body)
    else:
        entries, pages, guessed = await asyncio.to_thread(_entries, answer.url, answer.body, reading, start_url)
        total = await asyncio.to_thread(stated_total, answer.body)
    listed.stated = max(listed.stated, total)
    good = [entry for entry in entries if not is_trap(entry.url)]
    if traps := len(entries) - len(good):
        listed.doubts.append(f"{answer.url}: {traps} addresses repeat a path segment over and over")
    for entry in good:
        listed.add(entry)
    listed.rows += bool(good)
    listed.pages[answer.asked] = keys = frozenset(entry.key for entry in good)
    return keys, pages, guessed


def _entries(
    url: str, body: bytes, reading: Reading, start_url: str
) -> tuple[list[Entry], Sequence[str], Mapping[str, str]]:
    """What the page at `url` names on its site, in links and in its state, the other pages of the same list, and what
    may be some."""
    pages, guessed = further_pages(url, reading, body), guessed_pages(url, reading, body)
    others = frozenset((*pages, *guessed.values()))
    host = urls.host_key(start_url)
    named = (*_addresses(reading), *embedded_addresses(body, url))
    entries = (Entry.of(link) for link in named if link not in others and may_be_page(link))
    return [entry for entry in entries if entry.is_on(host)], pages, guessed


def _addresses(reading: Reading) -> Iterable[str]:
    yield from (link.url for link in reading.links if link.tag in _ROWS and not link.rel & _NO_ROWS)
    yield from reading.item_list


def _is_first(url: str) -> bool:
    """`?page=1` (or 0) mostly is the first page once more under another name."""
    number = page_number(url)
    return number is not None and number <= 1
