"""What passes between fetching and reading: a page as it came, and what was read from it.

Every value is plain and picklable: pages go to reader processes, readings come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crawler.withdrawn import Withdrawn
from postings import urls
from postings.posting import Posting
from postings.problems import Problem

__all__ = [
    "Link",
    "Page",
    "Place",
    "Problem",
    "ReadPosting",
    "Reading",
    "Source",
    "Step",
    "Withdrawn",
    "has_none_of_its_own",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as it was fetched."""

    #: the final address, after redirects
    url: str
    #: the body after its content codings were undone
    body: bytes
    #: the Content-Type header, parameters included
    content_type: str | None = None
    #: the X-Robots-Tag header; several are joined with commas
    robots_tag: str | None = None
    #: the character set that the header names, if it names one
    charset: str | None = None


class Link(NamedTuple):
    """A link on a page: an absolute http(s) address without fragment. A tuple, since pages have thousands of them."""

    url: str
    text: str = ""
    #: lower case
    rel: frozenset[str] = frozenset()
    #: the element: a, area, link, iframe, frame, script
    tag: str = "a"
    #: the `type` attribute, lower case (`application/rss+xml` of a feed); of a form, the name of what is chosen
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on a page something stands: in a script, or at an element."""

    #: which of the page's JSON-LD scripts, counted from 1
    script: int | None = None
    #: JSON Pointer (RFC 6901) within the script's text
    pointer: str | None = None
    #: which of the texts that stand one after the other in the script, counted from 1; None for the only one
    document: int | None = None
    #: XPath of the element, or of the attribute
    element: str | None = None
    #: line of the page where the script or the element begins
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A property as it stands in the markup of a posting."""

    #: short name, as schema.org spells it
    name: str
    #: the value as it is written; long texts and large objects are cut
    raw: Any
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What reading came across, and what came of it."""

    at: Place
    #: for a script, the rung of the reading ladder that read it
    rung: str | None = None
    #: in words
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPosting:
    """A posting read from a page, with the markup that it was read from."""

    posting: Posting
    #: the JobPosting object as JSON text
    raw: str
    #: the markup's own `url`, absolute; None if it has none or it is no web address
    own_url: str | None = None
    #: these three only where problems were asked for
    problems: tuple[Problem, ...] = ()
    at: Place | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was read from a page."""

    url: str
    #: the canonical link, absolute
    canonical: str | None = None
    #: language of the page (`<html lang>`, or what its meta data says), as a BCP 47 tag
    language: str | None = None
    #: the page or its header asks not to be indexed
    noindex: bool = False
    title: str | None = None
    #: text of the first `<h1>`
    heading: str | None = None
    postings: tuple[ReadPosting, ...] = ()
    #: why each JobPosting object that is no posting could not be read
    unreadable_postings: tuple[str, ...] = ()
    #: the page of one posting says to people that the job is gone, and still carries the markup
    withdrawn: Withdrawn | None = None
    #: a page without a posting of its own has a link, a button or a form for applying; only where links were asked for
    lets_apply: bool = False
    #: of the page as a whole
    problems: tuple[Problem, ...] = ()
    #: how the page was read; empty unless problems were asked for
    explanation: tuple[Step, ...] = ()
    #: in document order, each address once; empty unless links were asked for
    links: tuple[Link, ...] = ()
    #: there were more links than are kept
    links_cut: bool = False
    #: `rel=next`, absolute
    next_page: str | None = None
    #: why the page as a whole could not be read
    unreadable: str | None = None
    #: a JSON-LD script that names JobPosting could not be parsed
    script_broken: bool = False
    #: a JSON-LD script that was read ends before its JSON does, so that something may be missing in the postings
    breaks_off: bool = False
    #: addresses of a JSON-LD ItemList, absolute
    item_list: tuple[str, ...] = ()
    #: the page in other languages (`rel=alternate` with `hreflang`), absolute; only of a page with postings
    alternates: tuple[str, ...] = ()


def has_none_of_its_own(reads: Sequence[ReadPosting], url: str) -> bool:
    """Whether a page at this address shows no posting, or several that all say that they stand on other pages.

    What a single posting says of its address is its own matter.
    """
    own = urls.key(url)
    return len(reads) != 1 and all(read.own_url and urls.key(read.own_url) != own for read in reads)
