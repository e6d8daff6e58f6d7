"""What one sitemap file says (sitemaps.org 0.9): addresses or further files, in XML, gzip or plain text. Pure.

A file counts as whole only if nothing can be missing: the root's end tag stands at its end, or its length is proven.
Parsers that recover from errors make a short list out of a cut file and say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from crawler.codings import BodyTooLarge, CodingError, gunzip
from crawler.listing import Entry
from crawler.sources.feed import feed_entries, is_feed, job_entries
from crawler.sources.xml import local_name, parse_xml
from postings import urls

_END_TAG = re.compile(
    rb"(?:<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b[^<>]*/>|</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>)"
    rb"(?:\s|<!--[^<>]*-->)*\Z"
)
_BEGIN = re.compile(rb"<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]")
#: byte order marks of UTF-16
_WIDE = (b"\xff\xfe", b"\xfe\xff")


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
