"""What is on a page: its JobPostings, its links, and what it says of itself.

`read_page` runs in a reader process (`crawler.readers`), for a visit as for `inspect`.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from crawler.documents import Document, NoDocument, parse_prepared, prepare
from crawler.head import Elements, Head, gather
from crawler.links import LED, LINK_LIMIT, read_links
from crawler.pages import Link, Page, Reading, ReadPosting, has_none_of_its_own
from crawler.skimming import skim
from crawler.structured_data import StructuredData
from crawler.tags import Odd
from crawler.withdrawn import Withdrawn, banner, is_open_at_sight, lets_apply, sign
from postings import urls
from postings.posting import Posting
from postings.reading import Unreadable, own_url, read_object

if TYPE_CHECKING:
    from crawler.explanation import Examined

_ROBOTS = frozenset({"", "robots", "googlebot", "googlebot-news", "hirewatch"})
# what is encoded was decoded from a page: it is a tree
_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False)
# one letter of "JobPosting"; scripts escape < and & as \u003c and \u0026 all the time
_ESCAPED_LETTER = re.compile(rb"\\u00(?:4[aA]|6[fF]|62|50|73|74|69|6[eE]|67)")
# what a script's type ends with; a longer text is found faster
_JSON_LD = b"ication/ld+json"
_LOCATION = re.compile(
    r"(?<![\w.])(?:(?:window|document|self|top|parent)\s*\.\s*)?location"
    r"(?:\s*\.\s*href)?\s*(?:=|\.\s*(?:replace|assign)\s*\()\s*[\"']([^\"'\s]{1,2000})[\"']"
)
# not JavaScript's operator
_TYPEOF = re.compile(rb"typeof\s*+=")
# the type of a script with its plus sign as a character reference, or in capitals
_ODD_JSON_LD = re.compile(rb"ld(?:\+|&[#a-z0-9]{1,8};?)json")
_STARTS_JSON = re.compile(rb"(?:\xef\xbb\xbf|\s|<!--|//[^\n]*\n|/\*|<!\[CDATA\[)*[{\[]")


def read_page(page: Page, *, links: bool, problems: bool = False) -> Reading:
    """Reads a page: one parse at most, none for a page that cannot hold a posting when no links are wanted.

    Then nothing but the address and what the headers say is known of the page: ask again with `links=True` for
    title, heading and canonical link. `problems` asks for what is wrong with the markup, where each value stands, and
    how the page was read. Never raises for anything in a page, except MemoryError and RecursionError from the libraries
    beneath on pages made for it; in a reader process those too become `unreadable`.
    """
    if not links and (reading := read_at_sight(page)) is not None:
        return reading
    source = prepare(page)
    if isinstance(source, NoDocument):
        return _unread(page, source)
    if not links and not problems and (reading := _read_skimmed(page, source)) is not None:
        return reading
    document = parse_prepared(source)
    if isinstance(document, NoDocument):
        return _unread(page, document)
    elements = gather(document.tree, links=links)
    head = Head(elements, urls.parse(page.url))
    found = StructuredData()
    found.collect(document, elements.scripts, head.base, head.address)
    read = read_all(found, head)
    bare = links and has_none_of_its_own(read, page.url)
    can_apply = bare and lets_apply(document.tree, document.source, head.language)
    gone = banner(document.tree, head.language) if bare and not read and not can_apply else None
    reading = replace(
        _reading(page, head, found, read),
        withdrawn=withdrawn(document, head, read[0].posting) if len(read) == 1 else gone,
        lets_apply=can_apply,
    )
    if problems:
        examined = _examined(document, elements, found, read)
        reading = replace(reading, postings=examined.postings, problems=examined.problems, explanation=examined.steps)
    return _with_links(reading, elements, head) if links else reading


def _read_skimmed(page: Page, source: bytes) -> Reading | None:
    """The reading of a page that says all that is asked in its text: its postings are in JSON-LD, and they are open.

    None for all others.
    """
    skimmed = find_in_text(source, urls.parse(page.url))
    if skimmed is None:
        return None
    found, head = skimmed
    read = read_all(found, head)
    reading = _reading(page, head, found, read)
    if len(read) != 1 or is_open_at_sight(
        source, read[0].posting, heading=head.heading, title=head.title, language=head.language
    ):
        return reading
    document = parse_prepared(source)
    if isinstance(document, NoDocument):
        return _unread(page, document)
    return replace(reading, withdrawn=withdrawn(document, head, read[0].posting))


def find_in_text(source: bytes, address: str | None) -> tuple[StructuredData, Head] | None:
    """The JSON-LD postings of a page and its head, without its tree; None where that has to be looked at."""
    elements = skim(source) if _JSON_LD in source else None
    if elements is None:
        return None
    found = StructuredData()
    try:
        head = Head(elements, address)
        found.collect_json_ld(elements.scripts, head.base, source)
    except Odd:
        return None
    return None if not found.things or found.problems else (found, head)


def _reading(page: Page, head: Head, found: StructuredData, read: list[ReadPosting]) -> Reading:
    return Reading(
        url=page.url,
        canonical=head.canonical,
        language=head.language,
        noindex=_header_says_noindex(page.robots_tag) or head.noindex,
        title=head.title,
        heading=head.heading,
        postings=tuple(read),
        unreadable_postings=tuple(found.unreadable),
        problems=tuple(found.problems),
        next_page=head.next_page,
        script_broken=bool(found.broken),
        breaks_off=found.breaks_off,
        item_list=tuple(found.item_list),
        alternates=tuple(head.alternates) if read else (),
    )


def _with_links(reading: Reading, elements: Elements, head: Head) -> Reading:
    links = read_links(elements.leading, head.base)
    if (led := _leads_on(elements, head, links)) is not None:
        links.append(Link(led, tag=LED))
    return replace(
        reading,
        links=tuple(links)[:LINK_LIMIT],
        links_cut=len(links) > LINK_LIMIT,
        next_page=reading.next_page or next((link.url for link in links if "next" in link.rel), None),
    )


def _unread(page: Page, why: NoDocument) -> Reading:
    return Reading(url=page.url, noindex=_header_says_noindex(page.robots_tag), unreadable=why.reason)


def read_at_sight(page: Page) -> Reading | None:
    """The reading of a page that cannot hold a posting, where no links are wanted: a search over its bytes, linear in
    them, which needs no process of its own. None for a page that has to be parsed."""
    if _may_hold_posting(page.body):
        return None
    return Reading(url=page.url, noindex=_header_says_noindex(page.robots_tag))


def withdrawn(document: Document, head: Head, posting: Posting) -> Withdrawn | None:
    """How the page says that its only posting is withdrawn, if it does (C.5)."""
    return sign(document.tree, document.source, posting, heading=head.heading, title=head.title, language=head.language)


def _leads_on(elements: Elements, head: Head, links: list[Link]) -> str | None:
    """Where a page leads by itself that has no link to anything else."""
    own = [link.url for link in links if link.tag == "a"]
    if len(own) > 1:
        # each address is there once: no search through the scripts of a page that people click on
        return None
    matches = (_LOCATION.search(element.text or "") for element in elements.scripts)
    led = head.refresh or next((url for match in matches if match and (url := urls.parse(match[1], head.base))), None)
    return led if own in ([], [led]) else None


def _examined(document: Document, elements: Elements, found: StructuredData, read: list[ReadPosting]) -> Examined:
    from crawler.explanation import examine

    return examine(document, elements.scripts, found, read)


def file_page(path: str | Path, body: bytes) -> Page:
    """A file as a page: HTML as it is, a bare JSON-LD text as a page with one script.

    A file is taken for JSON-LD by its name (`.json`, `.jsonld`) or because it starts as JSON does.
    """
    path = Path(path)
    if path.suffix.lower() in (".json", ".jsonld") or _STARTS_JSON.match(body[:10_000]):
        text = re.sub(rb"(?i)</(?=script)", rb"<\\/", body.removeprefix(b"\xef\xbb\xbf"))
        body = (
            b'<html><head><meta charset="utf-8"><script type="application/ld+json">' + text + b"</script></head></html>"
        )
        return Page(url=path.absolute().as_uri(), body=body, content_type="text/html; charset=utf-8")
    return Page(url=path.absolute().as_uri(), body=body, content_type="text/html")


def _may_hold_posting(body: bytes) -> bool:
    """Whether the bytes can hold a JobPosting: the word and a syntax for it, or a wide encoding.

    In JSON-LD the word may be in any case and escaped.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in body[:200]:
        return True
    start = body.find(_JSON_LD)
    if b"JobPosting" in body:
        # applications name their own things so as well
        return start >= 0 or _is_marked_up(body.lower())
    while start >= 0:
        end = body.find(b"</script", start)
        script = body[start : end if end >= 0 else len(body)]
        if b"jobposting" in script.lower() or (b"\\u00" in script and _ESCAPED_LETTER.search(script)):
            return True
        start = body.find(_JSON_LD, start + len(script))
    return False


def _is_marked_up(body: bytes) -> bool:
    """Whether a page, in lower case, has an attribute of microdata or RDFa, or a JSON-LD script of odd spelling."""
    return b"itemtype" in body or _TYPEOF.search(body) is not None or _ODD_JSON_LD.search(body) is not None


def read_all(found: StructuredData, head: Head) -> list[ReadPosting]:
    """The postings of a page, equal ones once."""
    several = len(found.things) > 1
    read = _read_each(found, head, several=several)
    if several and len(read) == 1:
        # they were one posting said twice
        found.unreadable.clear()
        read = _read_each(found, head, several=False)
    return read


def _read_each(found: StructuredData, head: Head, *, several: bool) -> list[ReadPosting]:
    read: list[ReadPosting] = []
    known: set[Posting] = set()
    for thing in found.things:
        own = own_url(thing, head.base)
        posting = read_object(
            thing,
            syntax=found.syntax,
            page_url=head.address,
            own_url=own,
            language=head.language,
            canonical=head.canonical,
            several=several,
        )
        if isinstance(posting, Unreadable):
            found.unreadable.append(posting.reason)
            continue
        if len(found.things) > 1:
            if posting in known:
                continue
            known.add(posting)
        read.append(ReadPosting(posting=posting, raw=_written(thing), own_url=own))
    return read


def _written(thing: dict[str, Any]) -> str:
    try:
        return msgspec.json.encode(thing).decode()
    except UnicodeEncodeError:
        # a lone surrogate in the name of a property
        return _JSON.encode(thing)


def _header_says_noindex(header: str | None) -> bool:
    """X-Robots-Tag; a directive may be for one robot only (`googlebot: noindex, otherbot: noarchive`)."""
    if not header:
        return False
    robot = ""
    for directive in header.lower().split(","):
        name, colon, rest = directive.strip().partition(":")
        if colon and name not in ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"):
            robot, name = name.strip(), rest.strip()
        if robot in _ROBOTS and name in ("noindex", "none"):
            return True
    return False
