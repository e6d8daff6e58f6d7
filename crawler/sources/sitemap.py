"""Sitemaps (sitemaps.org 0.9) as the list of a site's postings: files, indexes, gzip, plain text.

A file counts as whole only if nothing can be missing: the body was not cut, and the root's end tag stands at its end.
Parsers that recover from errors make a short list out of a cut file and say nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from crawler.answers import Answer
from crawler.codings import BodyTooLarge, CodingError, gunzip
from crawler.job_words import speaks_of_jobs
from crawler.listing import Ask, Entry, Listed, may_be_page
from crawler.sources.feed import feed_entries, is_feed, job_entries
from crawler.sources.xml import local_name, parse_xml
from postings import urls

if TYPE_CHECKING:
    from crawler.sources.sitemap_files import Before

_END_TAG = re.compile(
    rb"(?:<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b[^<>]*/>|</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>)"
    rb"(?:\s|<!--[^<>]*-->)*\Z"
)
_BEGIN = re.compile(rb"<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]")
#: what a file is called that holds no jobs, where another one is called by a word for them
_OTHER_THINGS = re.compile(
    r"(?<![a-z])(?:news|blogs?|articles?|images?|videos?|products?|categor(?:y|ies)|tags?|authors?|events?|press|faqs?"
    r"|magazine?|stories|podcasts?|downloads?)(?![a-z])",
    re.IGNORECASE,
)
#: byte order marks of UTF-16
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_MOST_FILES = 50
_MOST_JOB_FILES = 500
_MOST_ENTRIES = 1_000_000
_MOST_LEVELS = 3
#: bytes from which a file is read in a thread: a hundred microseconds for each kilobyte
_IN_THREAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class SitemapFile:
    """What one file says."""

    kind: Literal["urlset", "index", "feed", "none"]
    entries: tuple[Entry, ...] = ()
    #: why it may name less than there is; empty if it is proven whole
    doubt: str = ""


def is_sitemap(url: str) -> bool:
    """Whether an address is that of a sitemap file rather than of a page, as far as its name tells."""
    path = url.partition("?")[0].lower()
    return path.endswith((".xml", ".xml.gz", ".gz", ".txt")) or "sitemap" in path.rsplit("/", 1)[-1]


def begins_like_sitemap(body: bytes) -> bool:
    """Whether an XML body is a sitemap or an index of some, as far as its beginning tells."""
    return _BEGIN.search(body[:1000]) is not None


def read_sitemap(body: bytes, url: str, *, measured: bool, limit: int) -> SitemapFile:
    """The entries of a sitemap file; `measured` says that the length of the body is proven, `limit` bounds gunzip."""
    if body.startswith(b"\x1f\x8b"):
        try:
            unpacked = gunzip(body, limit)
        except (BodyTooLarge, CodingError) as error:
            return SitemapFile("none", doubt=f"cannot be unpacked: {error}")
        if not unpacked.whole:
            return SitemapFile("none", doubt="the gzip file is cut off")
        body, measured = unpacked.body, True
    head = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<") and not body.startswith(_WIDE):
        return _read_text(body, url, measured)
    return _read_xml(body, url)


async def walk_sitemaps(
    ask: Ask, roots: Sequence[str], *, start_url: str, limit: int, before: Before | None = None
) -> Listed:
    """Reads sitemap files from `roots` down; indexes are followed, children named like jobs first.

    `before` is what the files said when they were read last; those that have not changed are not read again.
    """
    listed = Listed()
    waiting = deque((root, 0) for root in roots)
    seen = {urls.key(root) for root in roots}
    skipped = 0
    job_files = 0
    # what failed of the files that are called by other things than jobs: where one that is called so names some, it is
    # no doubt
    failed: list[str] = []
    names_jobs = False
    missing = feeds = 0
    while waiting:
        url, level = waiting.popleft()
        jobs = speaks_of_jobs(url)
        if len(listed.read) >= (_MOST_JOB_FILES if jobs else _MOST_FILES):
            skipped += 1
            continue
        job_files += jobs
        answer = await (before.ask(url) if before is not None else ask(url, large=True))
        missing += level == 0 and answer.trouble is None and answer.status in (404, 410)
        file = before.files.as_before(url, answer) if before is not None else None
        if file is None:
            file = await _file(answer, limit)
            if before is not None:
                before.files.keep(url, answer, file)
        listed.read[url] = _without_body(answer)
        if file.doubt:
            others = not jobs and _OTHER_THINGS.search(url.rpartition("/")[2]) is not None
            (failed if others else listed.doubts).append(f"{url}: {file.doubt}")
        names_jobs = names_jobs or (jobs and file.kind == "urlset" and bool(file.entries))
        if file.kind == "index":
            children = _children(file.entries, seen, start_url, listed)
            if level + 1 >= _MOST_LEVELS and children:
                listed.doubts.append(f"{url}: indexes are nested more than {_MOST_LEVELS} deep")
                continue
            waiting = deque(_jobs_first([*waiting, *((child, level + 1) for child in children)]))
        elif file.kind == "feed":
            feeds += 1
            _take(file.entries, start_url, listed)
        elif file.entries:
            listed.rows += 1
            _take(file.entries, start_url, listed)
        elif file.kind == "urlset":
            listed.remarks.append(f"{url} is empty")
        if len(listed.entries) > _MOST_ENTRIES:
            listed.doubts.append(f"more than {_MOST_ENTRIES} addresses")
            break
    (listed.remarks if names_jobs else listed.doubts).extend(failed)
    if feeds and not listed.rows:
        listed.doubts.append("the sitemap is a feed: it names only the newest")
    if skipped and not job_files:
        listed.doubts.append(f"{skipped} more sitemap files were not read")
    listed.gone = bool(roots) and missing == len(roots)
    return listed


async def _file(answer: Answer, limit: int) -> SitemapFile:
    if not answer.ok:
        return SitemapFile("none", doubt=answer.summary)
    if not answer.whole:
        return SitemapFile("none", doubt="the answer was cut off")
    if len(answer.body) < _IN_THREAD and not answer.body.startswith(b"\x1f\x8b"):
        return read_sitemap(answer.body, answer.url, measured=answer.measured, limit=limit)
    return await asyncio.to_thread(read_sitemap, answer.body, answer.url, measured=answer.measured, limit=limit)


def _read_xml(body: bytes, url: str) -> SitemapFile:
    root, strict = parse_xml(body)
    if root is None:
        html = b"<html" in body[:1000].lower()
        return SitemapFile("none", doubt="HTML in place of a sitemap" if html else "not readable as XML")
    name = local_name(root)
    if items := feed_entries(root, url) if is_feed(root) else job_entries(root, url):
        return SitemapFile("feed", items)
    if name not in ("urlset", "sitemapindex"):
        what = "HTML" if name == "html" else f"<{name[:40]}>"
        return SitemapFile("none", doubt=f"{what} in place of a sitemap")
    entries = tuple(_entries(root, url))
    kind: Literal["urlset", "index"] = "urlset" if name == "urlset" else "index"
    # A strict parse has seen the end tag; after a lenient one only the bytes themselves can prove it.
    whole = strict or bool(_END_TAG.search(body[-4096:]))
    return SitemapFile(kind, entries, "" if whole else "cut off before its end tag")


def _entries(root: Any, base: str) -> Iterable[Entry]:
    for element in root:
        if not isinstance(element.tag, str):
            continue
        loc = lastmod = None
        alternates: list[str] = []
        for child in element:
            name = local_name(child)
            if name == "loc" and loc is None:
                loc = (child.text or "").strip()
            elif name == "lastmod":
                lastmod = (child.text or "").strip()[:40] or None
            elif name == "link" and child.get("rel") == "alternate" and child.get("hreflang"):
                alternates.append((child.get("href") or "").strip())
        # the page in other languages, which many sitemaps name nowhere else
        for said in (loc, *alternates):
            url = urls.parse(said, base) if said else None
            if url is not None:
                yield Entry.of(url, lastmod)


def _read_text(body: bytes, base: str, measured: bool) -> SitemapFile:
    """One address a line; nothing in it can prove its end but a declared length."""
    lines = body.decode("utf-8-sig", errors="replace").split()
    if not lines:
        return SitemapFile("none", doubt="the file is empty")
    found = [urls.parse(line, base) if line.startswith(("http://", "https://")) else None for line in lines]
    entries = tuple(Entry.of(url) for url in found if url is not None)
    if len(entries) != len(lines):
        return SitemapFile("none", doubt="neither XML nor a list of addresses")
    return SitemapFile("urlset", entries, "" if measured else "its length was not declared")


def _children(entries: Iterable[Entry], seen: set[str], start_url: str, listed: Listed) -> list[str]:
    host = urls.host_key(start_url)
    children = []
    for entry in entries:
        if entry.key in seen:
            continue
        seen.add(entry.key)
        if entry.is_on(host):
            children.append(entry.url)
        elif speaks_of_jobs(entry.url):
            listed.doubts.append(f"{entry.url} does not belong to the site")
    return children


def _take(entries: Iterable[Entry], start_url: str, listed: Listed) -> None:
    host = urls.host_key(start_url)
    for entry in entries:
        if entry.is_on(host) and may_be_page(entry.url):
            listed.add(entry)


def _jobs_first(files: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(files, key=lambda file: not speaks_of_jobs(file[0]))


def _without_body(answer: Answer) -> Answer:
    """The answer for the record; the body may be tens of megabytes."""
    return replace(answer, body=b"")
