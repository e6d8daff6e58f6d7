"""HTML pages with links as the list of a site's postings: the first page, then the next, until nothing new comes.

Followed are `rel=next` and links that differ from the page in nothing but a page number. A page that repeats what
another one said makes the list doubtful: the site may ignore the number, and more may be behind it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from crawler.answers import Answer, Trouble
from crawler.listing import Ask, Entry, Listed, ReadLinks, is_trap, may_be_page
from crawler.pages import Link, Reading
from crawler.sighted import headed_by
from crawler.sources.embedded import data_addresses, embedded_addresses, is_data
from crawler.sources.ending import ends_well
from crawler.sources.forms import FORM
from crawler.sources.further_pages import further_pages, is_page_name, page_number, pages_elsewhere
from crawler.sources.pager import goes_on_by_post, pages_by_text
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
    shapes: Collection[str] = (),
) -> Listed:
    """Reads list pages from `starts` on. `first` is an answer that is there already, if it is that of a start; `shapes`
    are those of the addresses of postings, where they are known."""
    walk = _Walk(starts, start_url, shapes)
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

    def __init__(self, starts: Sequence[str], start_url: str, wanted: Collection[str]) -> None:
        self.listed = Listed(starts=tuple(starts), began={url: url for url in starts})
        self._start_url = start_url
        self._wanted = frozenset(wanted)
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
        # the starts whose numbered pages have named something new: they are pages
        self._numbers_of_pages: set[str] = set()
        # the address shapes that the starts name
        self._shapes: set[str] = set()
        # what is guessed to be a page and may be one of anything on the site
        self._elsewhere: set[str] = set()
        # what is guessed to be a page and is not to be had: a doubt only where the guess is right
        self._missed: list[str] = []

    def next(self) -> str | None:
        """The page to ask for; None if there is none. What turned out to be postings is listed on the way, and so is
        what is left where a guess is given up: it may be rows."""
        while self._waiting:
            url = self._waiting.popleft()
            given_up = url in self.listed.guessed and self._idle >= _MOST_IDLE
            if not given_up and not self._is_job(url):
                return url
            self._list(url)
        return None

    def _list(self, url: str) -> None:
        """Lists what was taken for a page and is a row of the one that leads to it."""
        self.listed.add(Entry.of(url))
        self.listed.rows = max(self.listed.rows, 1)

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
        named = await _read(answer, reading, self._start_url)
        new = {entry.key for entry in named.entries if entry.shape in self._shapes} - self._taken[began]
        if not new and self._shows_a_job(url, reading):
            # the numbers are those of jobs
            if guessed:
                self._guessed_jobs = True
            else:
                self._numbers_of_jobs.add(began)
            self._list(answer.url)
            return
        keys = named.add_to(listed, answer)
        if not named.pages and not named.guesses and goes_on_by_post(answer.body, is_page_name):
            listed.names_fewer(f"{answer.url} may go on behind a form that is sent by POST, which no visit sends")
        fresh = keys - self._taken[began]
        if url in self._elsewhere and (like := self._wanted or self._shapes):
            # blogs have pages as well
            fresh &= {entry.key for entry in named.entries if entry.shape in like}
        self._taken[began] |= keys
        self._idle = self._idle + 1 if guessed and not fresh else 0
        self._guessed_right |= guessed and bool(fresh)
        if url in listed.starts:
            self._shapes |= {entry.shape for entry in named.entries}
        elif new and not guessed:
            self._numbers_of_pages.add(began)
        if fresh or url in listed.starts:
            self._follow(url, named)
        elif not guessed:
            for guess in named.elsewhere - self._seen:
                self._list(named.guesses[guess])

    def _follow(self, url: str, named: _Named) -> None:
        """Takes where the page at `url` leads. What a page leads to that is a guess itself is no more than that."""
        listed, guessed, elsewhere = self.listed, url in self.listed.guessed, url in self._elsewhere
        further = (*((page, "") for page in named.pages), *((page, mark) for mark, page in named.guesses.items()))
        for page, mark in further:
            marks = {urls.key(page), mark or urls.key(page)}
            if not self._seen.isdisjoint(marks) or not urls.same_site(page, self._start_url):
                continue
            self._seen |= marks
            listed.began[page] = listed.began[url]
            self._waiting.append(page)
            if mark or guessed:
                listed.guessed.add(page)
            if elsewhere or mark in named.elsewhere:
                self._elsewhere.add(page)

    def _shows_a_job(self, url: str, reading: Reading) -> bool:
        """Whether what was taken for a page by its number, and names nothing new, is the page of one posting. Not where
        others of these numbers were pages. Where names say that it is a page the posting has to be its heading, and not
        one of a list that carries its postings itself."""
        if len(reading.postings) != 1 or (began := self.listed.began[url]) == url:
            return False
        if url in self.listed.guessed:
            return not self._guessed_right
        is_numbered = page_number(url) is not None and began not in self._carrying | self._numbers_of_pages
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What one page of a list names."""

    entries: Sequence[Entry]
    #: addresses that a broken link made
    traps: int
    #: further pages of the same list, and what may be some, by what tells them apart
    pages: Sequence[str]
    guesses: Mapping[str, str]
    #: what tells those apart that may be pages of anything on the site
    elsewhere: Set[str]
    #: how many postings the page says there are
    total: int

    def add_to(self, listed: Listed, answer: Answer) -> frozenset[str]:
        """Adds what the page at `answer` names; gives the keys of its addresses."""
        listed.stated = max(listed.stated, self.total)
        if self.traps:
            listed.doubts.append(f"{answer.url}: {self.traps} addresses repeat a path segment over and over")
        for entry in self.entries:
            listed.add(entry)
        listed.rows += bool(self.entries)
        listed.pages[answer.asked] = keys = frozenset(entry.key for entry in self.entries)
        return keys


async def _read(answer: Answer, reading: Reading, start_url: str) -> _Named:
    """What the page at `answer` names on its site."""
    if len(reading.links) < _IN_THREAD and len(answer.body) < _LARGE:
        return _named(answer.url, answer.body, reading, start_url)
    return await asyncio.to_thread(_named, answer.url, answer.body, reading, start_url)


def _named(url: str, body: bytes, reading: Reading, start_url: str) -> _Named:
    """What the page at `url` names in links and in its state, without its further pages."""
    pages, by_text = further_pages(url, reading, body), pages_by_text(url, reading.links)
    anywhere = pages_elsewhere(url, reading, body)
    guesses = by_text | anywhere
    others = frozenset((*pages, *guesses.values()))
    host = urls.host_key(start_url)
    named = (*_addresses(reading), *embedded_addresses(body, url))
    entries = [Entry.of(link) for link in named if link not in others and may_be_page(link)]
    own = [entry for entry in entries if entry.is_on(host)]
    good = [entry for entry in own if not is_trap(entry.url)]
    return _Named(
        entries=good,
        traps=len(own) - len(good),
        pages=pages,
        guesses=guesses,
        elsewhere=anywhere.keys() - by_text.keys(),
        total=stated_total(body),
    )


def _addresses(reading: Reading) -> Iterable[str]:
    yield from (link.url for link in reading.links if link.tag in _ROWS and not link.rel & _NO_ROWS)
    yield from reading.item_list


def _is_first(url: str) -> bool:
    """`?page=1` (or 0) mostly is the first page once more under another name."""
    number = page_number(url)
    return number is not None and number <= 1
