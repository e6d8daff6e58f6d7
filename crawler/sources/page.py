"""A page itself as the list, most often the start page: the postings stand on it and have no list beside it."""

from __future__ import annotations

from crawler.answers import Answer
from crawler.listing import Entry, Listed
from crawler.pages import Reading
from crawler.sources.ending import ends_well
from postings import urls


def list_of(answer: Answer, reading: Reading | None, *, start_url: str) -> Listed:
    """What the page lists: itself, and the addresses that its postings give themselves; nothing if it has none.

    Without a reading the answer alone speaks: it failed, or the page is as it was when it was last read.
    """
    listed = Listed()
    listed.read[answer.asked] = answer
    if not answer.ok:
        listed.doubts.append(f"{answer.asked}: {answer.summary}")
        return listed
    if reading is None or reading.postings:
        listed.add(Entry.of(answer.url))
        listed.rows = 1
    if reading is None:
        return listed
    listed.doubts += [f"{answer.url}: {doubt}" for doubt in _doubts(answer, reading)]
    for posting in reading.postings:
        if posting.own_url and urls.same_site(posting.own_url, start_url):
            listed.add(Entry.of(posting.own_url))
    return listed


def _doubts(answer: Answer, reading: Reading) -> list[str]:
    doubts = [reading.unreadable] if reading.unreadable else []
    if reading.script_broken:
        doubts.append("a script that names JobPosting cannot be parsed")
    if reading.unreadable_postings:
        doubts.append(f"{len(reading.unreadable_postings)} postings cannot be read")
    if not answer.whole or not ends_well(answer):
        doubts.append(answer.detail or "the answer was cut off")
    return doubts
