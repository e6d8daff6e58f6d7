"""The sitemaps of a site as the list of its postings: files are followed from indexes down, those of jobs first."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from crawler.answers import Answer
from crawler.job_words import speaks_of_jobs
from crawler.listing import Ask, Entry, Listed, may_be_page
from crawler.sources.known_sitemaps import Before
from crawler.sources.sitemap_file import SitemapFile, read_sitemap
from postings import urls

#: what a file is called that holds no jobs, where another one is called by a word for them
_OTHER_THINGS = re.compile(
    r"(?<![a-z])(?:news|blogs?|articles?|images?|videos?|products?|categor(?:y|ies)|tags?|authors?|events?|press|faqs?"
    r"|magazine?|stories|podcasts?|downloads?)(?![a-z])",
    re.IGNORECASE,
)
_MOST_FILES = 50
_MOST_JOB_FILES = 500
_MOST_ENTRIES = 1_000_000
_MOST_LEVELS = 4
#: bytes from which a file is read in a thread: a hundred microseconds for each kilobyte
_IN_THREAD = 64 * 1024


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
