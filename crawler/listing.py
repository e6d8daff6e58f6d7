"""The addresses that a site's lists name, and whether the lists are proven whole.

Filled by the sources, filtered by path shape, and turned into the `Listing` of the visit's report.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, Self

from crawler.answers import Answer
from crawler.pages import Reading
from postings import urls

#: path segments above which, and repetitions of one segment from which, an address is taken for a trap
_MOST_SEGMENTS = 20
_MOST_REPEATS = 2
_NO_PAGES = frozenset(
    "pdf jpg jpeg png gif webp avif svg ico css js mjs json xml gz zip rss atom ics doc docx xls xlsx ppt pptx "
    "mp3 mp4 webm mov avi woff woff2 ttf exe dmg".split()
)


class Ask(Protocol):
    """Asks for an address of the site; `large` lets the answer be as large as a sitemap may be."""

    def __call__(self, url: str, *, large: bool = False) -> Awaitable[Answer]: ...


#: reads a page with its links
ReadLinks = Callable[[Answer], Awaitable[Reading]]


@dataclass(frozen=True, slots=True)
class Entry:
    """An address that a list names. Made where the list is read: a million of them would hold up the loop."""

    url: str
    #: address key and path shape (`postings.urls`)
    key: str
    shape: str
    lastmod: str | None = None

    @classmethod
    def of(cls, url: str, lastmod: str | None = None) -> Self:
        """The entry of a parsed address."""
        return cls(url, urls.key(url), urls.shape(url), lastmod)

    def is_on(self, host_key: str) -> bool:
        """Whether the address is on the site of this host (`postings.urls.host_key`)."""
        return re.split(r"[/?]", self.key, maxsplit=1)[0] == host_key


@dataclass(slots=True)
class Listed:
    """What the lists of a visit said so far."""

    #: by address key; the first spelling wins
    entries: dict[str, Entry] = field(default_factory=dict)
    #: why absence from this list proves nothing, in words
    doubts: list[str] = field(default_factory=list)
    #: what is odd about the list, but no doubt
    remarks: list[str] = field(default_factory=list)
    #: files and pages that named at least one address
    rows: int = 0
    #: every file and page that was read, with its answer (without the body)
    read: dict[str, Answer] = field(default_factory=dict)
    #: the list pages that were read, as they were asked for, with the address keys that each names
    pages: dict[str, frozenset[str]] = field(default_factory=dict)
    #: the list pages that it began with
    starts: tuple[str, ...] = ()
    #: of each list page, that from which it was reached
    began: dict[str, str] = field(default_factory=dict)
    #: pages that may be further ones, by what the links to them say
    guessed: set[str] = field(default_factory=set)
    #: the largest number of postings that a list page says there are; 0 if none says it
    stated: int = 0
    #: postings that stand on its pages themselves, where there are several such pages
    carried: int = 0
    #: by its nature it names only the newest: what it lacks may be there
    newest_only: bool = False
    #: where the list began does not exist any more
    gone: bool = False

    @property
    def led_elsewhere(self) -> bool:
        """Whether each file and page that answered did so at another address than it was asked at."""
        answers = [(url, answer) for url, answer in self.read.items() if answer.ok]
        return bool(answers) and all(answer.key != urls.key(url) for url, answer in answers)

    def add(self, entry: Entry) -> bool:
        """Takes in an address; False if it was known."""
        if entry.key in self.entries:
            return False
        self.entries[entry.key] = entry
        return True

    def merge(self, other: Listed) -> None:
        """Takes in everything that another list said."""
        for key, entry in other.entries.items():
            self.entries.setdefault(key, entry)
        self.doubts += other.doubts
        self.remarks += other.remarks
        self.rows += other.rows
        self.read |= other.read
        self.pages |= other.pages
        self.began |= other.began
        self.starts += other.starts
        self.guessed |= other.guessed
        self.stated = max(self.stated, other.stated)
        self.newest_only |= other.newest_only

    def keep(self, wanted: Callable[[str], bool]) -> None:
        """Forgets the addresses whose keys are not `wanted`."""
        self.entries = {key: entry for key, entry in self.entries.items() if wanted(key)}

    def names_fewer(self, why: str) -> None:
        """Notes that more postings may be there than the list names: nothing failed, and what it lacks proves
        nothing."""
        if why not in self.remarks:
            self.remarks.append(why)
        self.newest_only = True

    def of_shapes(self, shapes: Iterable[str]) -> dict[str, Entry]:
        """The addresses of these path shapes, by key."""
        wanted = frozenset(shapes)
        return {key: entry for key, entry in self.entries.items() if entry.shape in wanted}


def is_trap(url: str) -> bool:
    """Too many path segments, or one of them over and over: an address made by a broken relative link."""
    segments = [segment for segment in _path(url).split("/") if segment]
    if len(segments) > _MOST_SEGMENTS:
        return True
    return any(segments.count(segment) > _MOST_REPEATS for segment in set(segments))


def may_be_page(url: str) -> bool:
    """Not an image, a document or another file that holds no markup."""
    last = _path(url).rsplit("/", 1)[-1]
    return "." not in last or last.rsplit(".", 1)[-1].lower() not in _NO_PAGES


def _path(url: str) -> str:
    return url.split("://", 1)[-1].partition("/")[2].partition("?")[0]
