"""Feeds (RSS, Atom, JSON, and what employers write for job search engines), in addition to a site's lists or in their
place: they name only the newest postings.

So a feed never says that a posting is gone, and a list that misses what a feed names is no less whole for it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from crawler.answers import Answer
from crawler.listing import Ask, Entry, Listed, may_be_page
from crawler.pages import Link
from crawler.sources.embedded import data_addresses, is_data
from crawler.sources.xml import local_name, parse_xml
from postings import urls

#: `type` of a link that leads to a feed
_TYPES = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json",
})  # fmt: skip
_ROOTS = frozenset({"rss", "feed", "rdf"})
_ITEMS = frozenset({"item", "entry"})
#: the root element of a feed, behind declarations and comments
_ROOT = re.compile(rb"\A(?:<[?!][^>]*>\s*)*<(?:[\w.-]+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
#: the same of a feed for job search engines, the names of its items, and of what holds their addresses
_JOB_ROOTS = frozenset(
    "source jobs joblist joblisting joblistings job-listing job-listings jobad jobads trovit vacancies positions offers ads".split()
)
_JOB_ROOT = re.compile(
    rb"\A(?:<[?!][^>]*>\s*)*<(?:%s)[\s>]" % "|".join(sorted(_JOB_ROOTS)).encode(),
    re.IGNORECASE,
)
_JOB_ITEMS = frozenset({"job", "vacancy", "position", "offer", "ad", "jobad", "listing"})
_JOB_LINKS = frozenset({"url", "link", "joburl", "job_url", "detailurl"})
#: what each page of a content system declares about itself
_OF_THE_PAGE = ("/wp-json/", "oembed")
MOST_FEEDS = 3
_MOST_ITEMS = 10_000
#: bytes from which a feed is read in a thread
_IN_THREAD = 64 * 1024


def feeds_of(links: Iterable[Link], start_url: str) -> list[str]:
    """The feeds of the site that a page declares, at most three."""
    found = {
        urls.key(link.url): link.url
        for link in links
        if link.tag == "link"
        and "alternate" in link.rel
        and link.type in _TYPES
        and not any(mark in link.url for mark in _OF_THE_PAGE)
        and urls.same_site(link.url, start_url)
    }
    return list(found.values())[:MOST_FEEDS]


async def read_feeds(
    ask: Ask, addresses: Sequence[str], *, start_url: str, alone: bool = False, first: Answer | None = None
) -> Listed:
    """What the feeds name; `first` is an answer that is there already, if it is that of one of them.

    Beside a list, one that cannot be read is remarked on and casts no doubt: it proves nothing anyway. Where the feeds
    are all that there is (`alone`), it does.
    """
    listed = Listed(starts=tuple(addresses), newest_only=alone)
    missing = 0
    for address in addresses:
        answer = first if first is not None and address == first.url else await ask(address)
        missing += answer.trouble is None and answer.status in (404, 410)
        listed.read[address] = replace(answer, body=b"")
        entries = await _read(answer) if answer.ok else ()
        if answer.ok and (names_feed(answer.body) or (entries and is_data(answer.body))):
            listed.rows += bool(entries)
            if not entries:
                listed.remarks.append(f"feed {address}: names no address")
        else:
            said = f"feed {address}: {'is no feed' if answer.ok else answer.summary}"
            (listed.doubts if alone else listed.remarks).append(said)
        for entry in entries:
            if urls.same_site(entry.url, start_url) and may_be_page(entry.url):
                listed.add(entry)
    listed.gone = alone and bool(addresses) and missing == len(addresses)
    return listed


async def _read(answer: Answer) -> tuple[Entry, ...]:
    """What a feed names; a large one is read in a thread."""
    if len(answer.body) < _IN_THREAD:
        return read_feed(answer.body, answer.url)
    return await asyncio.to_thread(read_feed, answer.body, answer.url)


def names_feed(body: bytes) -> bool:
    """Whether a body begins like a feed, so that one without items can be told from something else."""
    head = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return b"jsonfeed.org/" in head
    return _ROOT.search(head) is not None or _JOB_ROOT.search(head) is not None


def read_feed(body: bytes, url: str) -> tuple[Entry, ...]:
    """The addresses of the items of a feed; none if this is no feed."""
    if is_data(body):
        return _entries(_of_json(body, url), url)
    root, _ = parse_xml(body)
    if root is None:
        return ()
    return feed_entries(root, url) if is_feed(root) else _entries(_of_jobs(root), url)


def is_feed(root: Any) -> bool:
    """Whether the root element of an XML document is that of a feed."""
    return local_name(root) in _ROOTS


def job_entries(root: Any, url: str) -> tuple[Entry, ...]:
    """The addresses of the items beneath the root of a feed for job search engines; none where it is none."""
    return _entries(_of_jobs(root), url) if local_name(root) in _JOB_ROOTS else ()


def feed_entries(root: Any, url: str) -> tuple[Entry, ...]:
    """The addresses of the items beneath the root of an XML feed."""
    return _entries(_of_xml(root), url)


def _entries(addresses: Iterable[str], base: str) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for address in addresses:
        parsed = urls.parse(address.strip(), base)
        if parsed is not None:
            found.setdefault(parsed, Entry.of(parsed))
        if len(found) >= _MOST_ITEMS:
            break
    return tuple(found.values())


def _of_json(body: bytes, url: str) -> list[str]:
    """The items of a JSON Feed; of other JSON every address on its site, since nobody laid down where they stand."""
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        return []
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return data_addresses(body, url)
    addresses = (item.get("url") or item.get("external_url") for item in items if isinstance(item, dict))
    return [address for address in addresses if isinstance(address, str)]


def _of_xml(root: Any) -> Iterable[str]:
    for element in root.iter():
        if local_name(element) in _ITEMS:
            address = _link(element)
            if address:
                yield address


def _of_jobs(root: Any) -> Iterable[str]:
    for element in root.iter():
        if local_name(element) in _JOB_ITEMS:
            said = next((child.text for child in element if local_name(child) in _JOB_LINKS and child.text), None)
            if said:
                yield said


def _link(item: Any) -> str | None:
    """The address of an item: RSS has it as text of `link` (or of a `guid` that is one), Atom as its `href`."""
    guid = None
    for child in item:
        name = local_name(child)
        if name == "link":
            said = child.get("href") if (child.get("rel") or "alternate") == "alternate" else None
            if found := (said or child.text or "").strip():
                return str(found)
        elif name == "guid" and child.get("isPermaLink", "true").lower() == "true":
            guid = child.text
    return str(guid) if guid and guid.strip().startswith(("http://", "https://")) else None
